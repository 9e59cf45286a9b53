"""thumbor's filters, one by one: what each is here, or why it is nothing here."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from helpa import ImageId, invalid
from helpa.dialects import Option, decimal
from helpa_thumbor.mapping import Mapping, colour, truth, unmapped
from helpa_thumbor.path import Filter

FORMATS = {"jpeg": "jpg", "jpg": "jpg", "png": "png", "gif": "gif", "webp": "webp", "avif": "avif"}
"""thumbor's names of formats that Helpa writes, and Helpa's."""

MOST_RADIUS = 150
"""Where thumbor's blur ends."""

TOLERANCE = math.sqrt(3)
"""thumbor measures the distance of colours in RGB space, at most 255·√3 = 442; Helpa by channel."""


@dataclass
class Wishes:
    """What filters say that only the size can answer.

    Args:
        mapping: what maps at once.
        fill: colour of the box, or empty.
        upscale: whether small pictures are enlarged.
        no_upscale: whether they never are.
        stretch: whether the ratio is given up.
        proportion: factor of the size.
        rotate: degrees counter-clockwise.
        focal: left, top, right and bottom of what matters, in pixels, or None.
    """

    mapping: Mapping = field(default_factory=Mapping)
    fill: str = ""
    upscale: bool = False
    no_upscale: bool = False
    stretch: bool = False
    proportion: float = 1.0
    rotate: float = 0.0
    focal: tuple[float, float, float, float] | None = None


Handler = Callable[[Wishes, str, tuple[str, ...]], None]


def _quality(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.mapping.put("q", str(Option(name, args[0]).whole(1, 100)), name)


def _format(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    found = FORMATS.get(args[0].lower())
    if found is None:
        raise invalid(name, args[0], "one of " + ", ".join(FORMATS))
    wishes.mapping.put("fmt", found, name)


def _max_bytes(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.mapping.put("max_bytes", str(Option(name, args[0]).whole(1, 10**9)), name)


def _fill(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.fill = colour(name, args[0])
    if len(args) > 1 and truth(name, args[1]):
        wishes.mapping.put("bg", wishes.fill, name)


def _background(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.mapping.put("bg", colour(name, args[0]), name)


def _blur(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    radius = Option(name, args[0]).whole(0, MOST_RADIUS)
    sigma = Option(name, args[1]).number(0, MOST_RADIUS) if len(args) > 1 else 0.0
    if radius:
        wishes.mapping.put("blur", decimal(spread(radius, sigma or radius), 2), name)


def spread(radius: int, sigma: float) -> float:
    """Return the standard deviation of thumbor's kernel.

    It is a Gaussian that ends at the radius, so it blurs less than its sigma says: by default
    sigma is the radius, and half of the bell is missing.

    Args:
        radius: of the kernel in pixels, above 0.
        sigma: of the Gaussian in pixels, above 0.
    """
    places = range(-radius, radius + 1)
    weights = [math.exp(-(x * x) / (2 * sigma * sigma)) for x in places]
    squares = (x * x * weight for x, weight in zip(places, weights, strict=True))
    return math.sqrt(sum(squares) / sum(weights))


def _brightness(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.mapping.put("bri", str(Option(name, args[0]).whole(-100, 100)), name)


def _contrast(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    given = Option(name, args[0]).whole(-100, 100)
    # thumbor multiplies the distance from the middle grey by the square of 1 + n/100.
    value = ((1 + given / 100) ** 2 - 1) * 100
    if value > 100:
        raise invalid(name, args[0], "a whole number of -100–41: Helpa doubles contrast at most")
    wishes.mapping.put("con", decimal(value, 2), name)


def _saturation(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.mapping.put("sat", decimal(Option(name, args[0]).number(-100, 100), 2), name)


def _sharpen(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    value = Option(name, args[0]).number(0, 10)
    if len(args) > 1:
        Option(name, args[1]).number(0, 100)
    if len(args) > 2:
        truth(name, args[2])
    wishes.mapping.put("sharp", decimal(value, 2), name)


def _grayscale(wishes: Wishes, name: str, _: tuple[str, ...]) -> None:
    wishes.mapping.put("gray", "1", name)


def _rotate(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.rotate = Option(name, args[0]).number(-3600, 3600) % 360


def _round_corner(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    across, _, down = args[0].partition("|")
    radius = Option(name, across).whole(0, 10_000)
    if down and Option(name, down).whole(0, 10_000) != radius:
        raise unmapped(name, "elliptic corners are not drawn.", given=args[0], allowed="one radius")
    wishes.mapping.put("radius", str(radius), name)
    clear = len(args) > 4 and truth(name, args[4])
    if len(args) > 1 and not clear:
        if len(args) < 4:
            raise invalid(name, ",".join(args), "a radius, then red, green and blue of 0–255")
        red, green, blue = (Option(name, each).whole(0, 255) for each in args[1:4])
        wishes.mapping.put("bg", f"{red:02x}{green:02x}{blue:02x}", name)


def _proportion(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    wishes.proportion = Option(name, args[0]).number(0.0001, 1)


def _upscale(wishes: Wishes, *_: object) -> None:
    wishes.upscale = True


def _no_upscale(wishes: Wishes, *_: object) -> None:
    wishes.no_upscale = True


def _stretch(wishes: Wishes, *_: object) -> None:
    wishes.stretch = True


def _cover(wishes: Wishes, name: str, _: tuple[str, ...]) -> None:
    wishes.mapping.put("anim", "0", name)


def _focal(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    points = args[0].split(":")
    sides = [side for point in points for side in point.split("x")]
    if len(points) != 2 or len(sides) != 4:
        raise invalid(name, args[0], "<left>x<top>:<right>x<bottom> in pixels")
    left, top, right, bottom = (Option(name, side).number(0, 10**6) for side in sides)
    wishes.focal = left, top, right, bottom


def _watermark(wishes: Wishes, name: str, args: tuple[str, ...]) -> None:
    put = wishes.mapping.put
    try:
        put("wm", str(ImageId.parse(args[0])), name)
    except ValueError:
        reason = "the picture to draw in is named by its id here."
        raise unmapped(name, reason, given=args[0], allowed=ImageId.expects) from None
    put("wm_o", decimal(100 - Option(name, args[3]).number(0, 100), 2), name)
    width, height = ([*args[4:], "none", "none"])[:2]
    if height != "none":
        raise unmapped(
            name,
            "a watermark is sized by the picture's width here.",
            given=height,
            allowed="w_ratio alone",
        )
    if width != "none":
        put("wm_s", decimal(Option(name, width).number(0.01, 100) / 100, 4), name)
    if args[1:3] == ("repeat", "repeat"):
        put("wm_tile", "1", name)
        return
    across, inset_x = _edge(name, args[1], "left", "right")
    down, inset_y = _edge(name, args[2], "top", "bottom")
    insets = {inset for inset in (inset_x, inset_y) if inset is not None}
    if len(insets) > 1:
        raise unmapped(
            name,
            "a watermark keeps one distance from both edges here.",
            given=f"{args[1]},{args[2]}",
            allowed="equal x and y, or center",
        )
    put("wm_g", "-".join(filter(None, (down, across))) or "center", name)
    if insets - {0}:
        put("wm_pad", str(insets.pop()), name)


def _edge(name: str, text: str, first: str, last: str) -> tuple[str, int | None]:
    """Return the edge a watermark stands at, empty for the middle, and its distance from it."""
    if text == "center":
        return "", None
    if text == "repeat" or text.endswith("p"):
        raise unmapped(
            name,
            "watermarks repeat both ways, and stand at pixels.",
            given=text,
            allowed="pixels, center, or repeat for both",
        )
    place = Option(name, text).whole(-4096, 4096)
    return (last if text.startswith("-") else first), abs(place)


HANDLERS: dict[str, tuple[Handler, int, int]] = {
    "background_color": (_background, 1, 1),
    "blur": (_blur, 1, 2),
    "brightness": (_brightness, 1, 1),
    "contrast": (_contrast, 1, 1),
    "cover": (_cover, 0, 0),
    "fill": (_fill, 1, 2),
    "focal": (_focal, 1, 1),
    "format": (_format, 1, 1),
    "grayscale": (_grayscale, 0, 0),
    "max_bytes": (_max_bytes, 1, 1),
    "no_upscale": (_no_upscale, 0, 0),
    "proportion": (_proportion, 1, 1),
    "quality": (_quality, 1, 1),
    "rotate": (_rotate, 1, 1),
    "round_corner": (_round_corner, 1, 5),
    "saturation": (_saturation, 1, 1),
    "sharpen": (_sharpen, 1, 3),
    "stretch": (_stretch, 0, 0),
    "upscale": (_upscale, 0, 0),
    "watermark": (_watermark, 4, 6),
}
"""What maps, with how few and how many arguments it has."""

WITHOUT_EFFECT = {
    "autojpg": "fmt=auto, also the default, decides that",
    "max_age": "the settings say how long answers are kept",
    "srgb": "answers are in sRGB",
    "strip_exif": "metadata is never handed on",
    "strip_icc": "answers are in sRGB and carry no profile",
}
"""What needs no doing, and why."""

UNMAPPED = {
    "colorize": "use tint.",
    "convolution": "there are blur and sharpen.",
    "curve": "there are brightness and contrast.",
    "distributed_collage": "pictures are not joined.",
    "drop_shadow": "use shadow.",
    "equalize": "use normalize, which keeps the distances of tones.",
    "extract_focal": "a picture's URL holds no focal points here.",
    "frame": "there are border and watermark.",
    "gifv": "answers are pictures, not films; WebP shows animations.",
    "noise": "noise is not added.",
    "red_eye": "red eyes are not mended.",
    "rgb": "channels are not changed one by one; use tint or hue.",
    "text": "use txt.",
}
"""What does not map, and what there is."""


def apply(filters: tuple[Filter, ...]) -> Wishes:
    """Return what filters come to.

    Raises:
        InvalidValue: one is unknown, does not map, is there twice or has wrong arguments.
    """
    wishes = Wishes()
    seen = set()
    for each in filters:
        name = each.name
        if name in seen:
            raise invalid(name, str(each), "each filter once: the order of work is fixed here")
        seen.add(name)
        if name in WITHOUT_EFFECT:
            continue
        if name in UNMAPPED:
            raise unmapped(name, UNMAPPED[name], given=str(each))
        if name not in HANDLERS:
            known = sorted([*HANDLERS, *WITHOUT_EFFECT])
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {close[0]}?" if close else None
            raise invalid("filters", name, "one of " + ", ".join(known), hint=hint)
        handler, fewest, most = HANDLERS[name]
        if not fewest <= len(each.arguments) <= most:
            count = str(fewest) if fewest == most else f"{fewest}–{most}"
            raise invalid(name, str(each), f"{count} arguments")
        handler(wishes, name, each.arguments)
    return wishes
