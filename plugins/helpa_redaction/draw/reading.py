"""Makes of a picture what letters, codes and faces are read in: grey and upright, no file."""

from __future__ import annotations

import math
from typing import Any

import pyvips

from helpa import Size
from helpa.drawing import resample
from helpa_redaction.draw.background import apart, extreme

MOST_PIXELS = 12_000_000
"""Of the plane for letters: some seconds of work, and 12 MB of the 512 that a worker may have."""

SCALE = 2.0
"""How much letters are enlarged. Tesseract knows letters of 20 px and more best; those of 12 px
have capitals of 9. Enlarged threefold, 95 of 100 secrets were read well instead of 94, in twice the
time (``bench/redaction``)."""

HIGH = 3_000_000
"""Pixels of a picture above which letters are enlarged less: its text is large, or there is so much
of it that no time is left."""

RULE = 45
"""Pixels from which on something straight is a rule and no stroke of a letter."""

CELL = 16
"""Side of the squares that say where there is ink, in pixels of the plane for letters."""

PLAIN_PIXELS = 4_000_000
"""Of the plane for codes and faces."""


def prepare(image: pyvips.Image, args: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return grey planes of a picture, one for letters and one for codes and faces.

    In the plane for letters every pixel says how much it differs from what is behind it, so letters
    are dark on white whatever their colours are: on dark pages, panels and buttons as well.

    Args:
        image: 8-bit sRGB or grey, upright, perhaps with alpha.
        args: ``scale``, how much letters are enlarged, where it is not to be chosen; ``letters``
            and ``plain``, false for a plane that is not wanted.

    Returns:
        ``width`` and ``height`` of the picture; ``letters`` and ``plain``, each with ``width``,
        ``height``, ``scale`` and the place ``at`` of its bytes; for letters also ``ink``, how much
        of each row differs from what is behind, in pixels, and ``cells``, how dark each square is;
        ``unread``, what could not be kept.
        Then the bytes of the planes, one a pixel, row by row.
    """
    facts: dict[str, Any] = {"width": image.width, "height": image.height, "unread": []}
    planes = b""
    if args.get("letters", True):
        scale = float(args.get("scale") or scale_for(image.width, image.height))
        letters = _letters(image, scale)
        facts["letters"] = _facts(letters, scale, 0) | {"ink": _ink(letters)}
        planes = bytes(letters.write_to_memory())
        if min(letters.width, letters.height) >= CELL:
            cells = letters.invert().shrink(CELL, CELL).cast("uchar")
            facts["letters"]["cells"] = {
                "width": cells.width, "height": cells.height, "side": CELL, "at": len(planes),
            }  # fmt: skip
            planes += bytes(cells.write_to_memory())
        if scale < 1:
            facts["unread"].append(
                f"the picture was made {1 / scale:.1f} times smaller for reading, so letters below "
                f"{math.ceil(12 / scale)} px may be missing"
            )
    if args.get("plain", True):
        scale = min(1.0, math.sqrt(PLAIN_PIXELS / (image.width * image.height)))
        grey = _sized(_on(image, 255).colourspace("b-w"), scale).cast("uchar")
        facts["plain"] = _facts(grey, scale, len(planes))
        planes += bytes(grey.write_to_memory())
    return facts, planes


def scale_for(width: int, height: int) -> float:
    """Return how much the letters of a picture are enlarged.

    Args:
        width: of the picture, in pixels.
        height: of it.
    """
    pixels = width * height
    wanted = SCALE if pixels <= HIGH else max(1.0, SCALE * math.sqrt(HIGH / pixels))
    return min(wanted, math.sqrt(MOST_PIXELS / pixels))


def _facts(plane: pyvips.Image, scale: float, at: int) -> dict[str, Any]:
    return {"width": plane.width, "height": plane.height, "scale": scale, "at": at}


def _letters(image: pyvips.Image, scale: float) -> pyvips.Image:
    """Return black letters on white, enlarged."""
    if scale < 1:
        image, scale = _sized(image, scale), 1.0
    if image.hasalpha() and image[image.bands - 1].min() < 255:
        # White letters on nothing are not seen on white, but they are there.
        far = apart(_on(image, 255)).maxpair(apart(_on(image, 0)))
    else:
        far = apart(_on(image, 255))
    return _sized(_unruled(far).invert(), scale).cast("uchar").copy_memory()


def _unruled(far: pyvips.Image) -> pyvips.Image:
    """Return the picture without long lines: rules, underlines, and the edges of panels."""
    lines = None
    for across in (True, False):
        if (far.width if across else far.height) >= RULE:
            thinned = extreme(far, "minpair", RULE, across, 1)
            opened = extreme(thinned, "maxpair", RULE, across, -1)
            lines = opened if lines is None else lines.maxpair(opened)
    if lines is None:
        return far
    return (far.cast("short") - lines.cast("short")).cast("uchar").copy_memory()


def _on(image: pyvips.Image, value: int) -> pyvips.Image:
    if image.hasalpha():
        image = image.flatten(background=[value] * (image.bands - 1))
    return image.cast("uchar")


def _sized(image: pyvips.Image, scale: float) -> pyvips.Image:
    if scale == 1:
        return image
    if scale > 1:
        return image.resize(scale, kernel="cubic")
    width, height = (max(1, round(side * scale)) for side in (image.width, image.height))
    return resample(image, Size(width, height))


def _ink(letters: pyvips.Image) -> list[int]:
    """Return how much of each row is no background, in pixels that are wholly black."""
    _, rows = (letters < 200).ifthenelse(letters.invert(), 0).project()
    sums = rows.cast("uint").write_to_memory()
    return [value // 255 for value in memoryview(sums).cast("I")]
