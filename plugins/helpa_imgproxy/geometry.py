"""Options of size, place and cut."""

from __future__ import annotations

from helpa import Colour
from helpa.dialects import decimal
from helpa_imgproxy.arguments import Option
from helpa_imgproxy.asked import COMPASS, Anchor, Asked, Crop

RESIZE = ("fit", "fill", "fill-down", "force", "auto")
MOST = 100_000
"""Longest side and offset in pixels; Helpa's own limits are tighter and say so themselves."""

LOOKED_FOR = ("smart", "face")


def anchor(option: Option, index: int) -> Anchor:
    """Return the gravity whose arguments begin at an index.

    Raises:
        InvalidValue: it is none, or looks for what is not looked for here.
    """
    kind = option.text(index)
    if kind == "sm":
        return Anchor("smart")
    if kind == "fp":
        return Anchor("fp", option.number(index + 1, 0, 1), option.number(index + 2, 0, 1))
    if kind in ("obj", "objw"):
        return _detected(option, kind, option.texts[index + 1 :])
    if kind not in COMPASS:
        raise option.wrong(index, "one of " + ", ".join([*COMPASS, "sm", "fp", "obj"]))
    x = option.number(index + 1, -MOST, MOST) if option.text(index + 1) else 0.0
    y = option.number(index + 2, -MOST, MOST) if option.text(index + 2) else 0.0
    return Anchor(kind, x, y)


def _detected(option: Option, kind: str, words: tuple[str, ...]) -> Anchor:
    classes = words[::2] if kind == "objw" else words
    if set(classes) != {"face"}:
        raise option.unmapped("of objects only faces are looked for.", f"{kind}:face")
    return Anchor("face")


def resize(asked: Asked, option: Option) -> None:
    """Read type and size."""
    option.at_most(8)
    if option.text(0):
        resizing_type(asked, Option(option.name, option.texts[:1]))
    if len(option.texts) > 1:
        size(asked, option.rest(1))


def size(asked: Asked, option: Option) -> None:
    """Read width, height, and whether to enlarge and extend."""
    option.at_most(7)
    for index, read in enumerate((width, height, enlarge)):
        if option.text(index):
            read(asked, Option(option.name, option.texts[index : index + 1]))
    if option.text(3):
        extend(asked, option.rest(3))


def resizing_type(asked: Asked, option: Option) -> None:
    """Read how a picture takes its box."""
    if option.text(0) not in RESIZE:
        raise option.wrong(0, "one of " + ", ".join(RESIZE))
    asked.resize = option.text(0)
    asked.options["fit"] = option


def width(asked: Asked, option: Option) -> None:
    """Read the width."""
    asked.width = option.whole(0, 0, MOST)
    asked.options["w"] = option


def height(asked: Asked, option: Option) -> None:
    """Read the height."""
    asked.height = option.whole(0, 0, MOST)
    asked.options["h"] = option


def least(asked: Asked, option: Option) -> None:
    """Refuse a least side: whether it counts depends on the picture."""
    del asked
    if option.whole(0, 0, MOST):
        raise option.unmapped("a least side has no words here.", "0")


def zoom(asked: Asked, option: Option) -> None:
    """Read the factor of the size."""
    option.at_most(2)
    asked.zoom = option.number(0, 0.001, 1000)
    if option.text(1) and option.number(1, 0.001, 1000) != asked.zoom:
        raise option.unmapped("width and height are zoomed alike.", "one factor")
    asked.options["zoom"] = option


def dpr(asked: Asked, option: Option) -> None:
    """Read the device pixel ratio."""
    asked.dpr = option.number(0, 0.001, 1000)
    asked.put("dpr", None if asked.dpr == 1 else decimal(asked.dpr, 4), option)


def enlarge(asked: Asked, option: Option) -> None:
    """Read whether small pictures grow."""
    asked.enlarge = option.flag(0)
    asked.options["enlarge"] = option


def extend(asked: Asked, option: Option) -> None:
    """Read whether a picture is extended to the box, or to its ratio."""
    on = option.flag(0)
    found = anchor(option, 1) if option.text(1) else Anchor()
    if found.kind in LOOKED_FOR:
        raise option.wrong(1, "one of " + ", ".join([*COMPASS, "fp"]))
    asked.extend = found if on else None
    asked.options["extend"] = option


def gravity(asked: Asked, option: Option) -> None:
    """Read which part is kept."""
    asked.gravity = anchor(option, 0)
    asked.options["g"] = option


def crop(asked: Asked, option: Option) -> None:
    """Read what is cut out before the resize."""
    wide = option.number(0, 0, MOST)
    high = option.number(1, 0, MOST) if option.text(1) else 0.0
    where = anchor(option, 2) if option.text(2) else None
    asked.crop = Crop(wide, high, where, option) if wide or high else None


def crop_aspect_ratio(asked: Asked, option: Option) -> None:
    """Refuse a ratio of the area."""
    del asked
    if option.number(0, 0, 1000):
        raise option.unmapped("an area is given by its sides here.", "0")


def trim(asked: Asked, option: Option) -> None:
    """Read the border to cut off."""
    option.at_most(4)
    for index in (2, 3):
        if option.text(index) and option.flag(index):
            raise option.unmapped("each side is trimmed for itself.", "threshold and colour")
    if not option.text(0):
        asked.put("trim", None, option)
        return
    threshold = round(option.number(0, 0, 255))
    colour = f",{Colour.parse(option.hex(1))}" if option.text(1) else ""
    asked.put("trim", f"{threshold}{colour}", option)


def padding(asked: Asked, option: Option) -> None:
    """Read margins, those left out as in CSS."""
    option.at_most(4)
    top, right, bottom, left = (
        option.whole(index, 0, MOST) if option.text(index) else None for index in range(4)
    )
    top = asked.padding[0] if top is None else top
    right = top if right is None else right
    bottom = top if bottom is None else bottom
    asked.padding = top, right, bottom, right if left is None else left
    asked.options["pad"] = option


def auto_rotate(asked: Asked, option: Option) -> None:
    """Insist on upright pictures."""
    del asked
    if not option.flag(0):
        raise option.unmapped("pictures are always upright here.", "1")


def rotate(asked: Asked, option: Option) -> None:
    """Read the turn."""
    degrees = option.whole(0, -(10**6), 10**6)
    if degrees % 90:
        raise option.wrong(0, "a multiple of 90 degrees")
    asked.rotate = degrees % 360
    asked.options["rot"] = option


def flip(asked: Asked, option: Option) -> None:
    """Read the mirrors."""
    option.at_most(2)
    across = bool(option.text(0)) and option.flag(0)
    down = bool(option.text(1)) and option.flag(1)
    asked.flip = ("h" if across else "") + ("v" if down else "")
    asked.options["flip"] = option


def resizing_algorithm(asked: Asked, option: Option) -> None:
    """Insist on the one algorithm there is."""
    del asked
    if option.text(0) != "lanczos3":
        raise option.unmapped("pictures are resampled by lanczos3.", "lanczos3")
