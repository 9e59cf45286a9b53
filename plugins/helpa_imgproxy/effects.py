"""Options of colours, effects and the watermark."""

from __future__ import annotations

from helpa import ImageId
from helpa.dialects import decimal
from helpa_imgproxy.arguments import Option
from helpa_imgproxy.asked import COMPASS, WORDS, Asked
from helpa_imgproxy.geometry import MOST
from helpa_imgproxy.settings import ImgproxySettings

MONOCHROME = ("", "b3b3b3")
"""imgproxy's colour of monochrome pictures, which is grey."""


def background(asked: Asked, option: Option) -> None:
    """Read the colour behind a picture."""
    if len(option.texts) == 3:
        asked.background = "".join(f"{option.whole(index, 0, 255):02x}" for index in range(3))
    else:
        option.at_most(1)
        asked.background = option.hex(0) if option.text(0) else ""
    asked.options["bg"] = option


def background_alpha(asked: Asked, option: Option) -> None:
    """Read how opaque that colour is."""
    asked.alpha = option.number(0, 0, 1)


def adjust(asked: Asked, option: Option) -> None:
    """Read brightness, contrast and saturation."""
    option.at_most(3)
    for index, read in enumerate((brightness, contrast, saturation)):
        if option.text(index):
            read(asked, Option(option.name, option.texts[index : index + 1]))


def brightness(asked: Asked, option: Option) -> None:
    """Read -255 to 255, which is -100 to 100 here."""
    asked.put("bri", _unless_zero(option.whole(0, -255, 255) / 2.55), option)


def contrast(asked: Asked, option: Option) -> None:
    """Read a factor, 1 for none: 100 here is twice."""
    asked.put("con", _unless_zero((option.number(0, 0, 2) - 1) * 100), option)


def saturation(asked: Asked, option: Option) -> None:
    """Read a factor, 1 for none: 100 here is twice."""
    asked.put("sat", _unless_zero((option.number(0, 0, 2) - 1) * 100), option)


def _unless_zero(value: float) -> str | None:
    text = decimal(value, 2)
    return None if text == "0" else text


def monochrome(asked: Asked, option: Option) -> None:
    """Read whether a picture is grey."""
    option.at_most(2)
    intensity = option.number(0, 0, 1)
    if intensity not in (0, 1) or option.text(1).lower() not in MONOCHROME:
        raise option.unmapped("a picture is grey or not.", "0 or 1, without a colour")
    asked.put("gray", "1" if intensity else None, option)


def nothing_drawn(asked: Asked, option: Option) -> None:
    """Refuse what is drawn unless its strength is nothing."""
    del asked
    if option.number(0, 0, 1):
        raise option.unmapped("there is no such effect here.", "0")


def blur(asked: Asked, option: Option) -> None:
    """Read the sigma."""
    asked.blur = option.number(0, 0, 1000)
    asked.options["blur"] = option


def sharpen(asked: Asked, option: Option) -> None:
    """Read the sigma: 0.5, which imgproxy suggests for screens, is 1 here."""
    value = option.number(0, 0, 1000)
    asked.put("sharp", _unless_zero(min(10.0, 2 * value)), option)


def pixelate(asked: Asked, option: Option) -> None:
    """Read the side of blocks."""
    asked.pixelate = option.whole(0, 0, MOST)
    asked.options["px"] = option


def unsharp_masking(asked: Asked, option: Option) -> None:
    """Refuse unsharp masking unless it is off."""
    del asked
    if option.text(0) != "none":
        raise option.unmapped("use sharpen.", "none")


def no_detections(asked: Asked, option: Option) -> None:
    """Refuse to draw what was detected."""
    del asked
    if option.flag(0):
        raise option.unmapped("nothing is drawn around what was found.", "0")


def watermark(asked: Asked, option: Option, settings: ImgproxySettings) -> None:
    """Read opacity, place, offsets and scale of the watermark."""
    option.at_most(7)
    opacity = option.number(0, 0, 1) * settings.watermark_opacity * 100
    for name in ("wm_o", "wm_g", "wm_tile", "wm_pad", "wm_s"):
        asked.put(name, None, option)
    if "wm" not in asked.params and settings.watermark:
        asked.put("wm", settings.watermark, option)
    asked.put("wm_o", decimal(opacity, 4), option)
    place = option.text(1) or "ce"
    if place == "re":
        asked.put("wm_tile", "1", option)
    elif place in COMPASS:
        asked.put("wm_g", WORDS[place], option)
    else:
        raise option.wrong(1, "one of " + ", ".join([*COMPASS, "re"]))
    _offsets(asked, option, place)
    scale = option.number(4, 0, 1) if option.text(4) else 0.0
    asked.put("wm_s", decimal(scale, 4) if scale else None, option)


def _offsets(asked: Asked, option: Option, place: str) -> None:
    x, y = (option.number(index, -MOST, MOST) if option.text(index) else 0.0 for index in (2, 3))
    free_x, free_y = COMPASS.get(place, (0.0, 0.0))
    counted = {o for o, free in ((x, free_x), (y, free_y)) if free != 0.5}
    beside = {o for o, free in ((x, free_x), (y, free_y)) if free == 0.5}
    if len(counted) > 1 or beside - {0.0} or any(o and o < 1 for o in counted):
        raise option.unmapped(
            "a watermark keeps one distance in pixels from the edges it stands at.",
            "equal offsets from 1 px on",
        )
    distance = round(max(counted, default=0.0))
    asked.put("wm_pad", str(distance) if distance else None, option)


def watermark_url(asked: Asked, option: Option) -> None:
    """Read which picture is drawn in, by its id."""
    try:
        found = ImageId.parse(option.decoded(0)) if option.text(0) else None
    except ValueError:
        reason = "the picture to draw in is named by its id here."
        raise option.unmapped(reason, "an image id in base64") from None
    asked.put("wm", str(found) if found else None, option)
