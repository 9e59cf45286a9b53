"""Makes of a picture what letters, codes and faces are read in: grey and upright, no file."""

from __future__ import annotations

import math
from typing import Any

import pyvips

from helpa import Size
from helpa.drawing import resample

MOST_PIXELS = 12_000_000
"""Of the plane for letters: some seconds of work, and 12 MB of the 512 that a worker may have."""

SCALE = 2.0
"""How much letters are enlarged. Tesseract knows letters of 20 px and more best; those of 12 px
have capitals of 9. Enlarged threefold, 95 of 100 secrets were read well instead of 94, in twice the
time (``bench/redaction``)."""

HIGH = 3_000_000
"""Pixels of a picture above which letters are enlarged less: its text is large, or there is so much
of it that no time is left."""

STEP, WINDOW = 3, 7
"""What is behind letters is the median of 7 × 7 pixels, every third one: letters fill less than
half of 21 px, and a wider window takes the round corners of a button for letters."""

LOW, CHIP, APART, ENDS = 3, 17, 20, 5
"""A chip is no higher than that window: what is behind its letters is told by one of 7 × 3. It is
wider than 17 such pixels (51 px), and its colour differs from what is around it by more than 20."""

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
        apart = _apart(_on(image, 255)).maxpair(_apart(_on(image, 0)))
    else:
        apart = _apart(_on(image, 255))
    return _sized(_unruled(apart).invert(), scale).cast("uchar").copy_memory()


def _unruled(apart: pyvips.Image) -> pyvips.Image:
    """Return the picture without long lines: rules, underlines, and the edges of panels."""
    lines = None
    for across in (True, False):
        if (apart.width if across else apart.height) >= RULE:
            thinned = _extreme(apart, "minpair", RULE, across, 1)
            opened = _extreme(thinned, "maxpair", RULE, across, -1)
            lines = opened if lines is None else lines.maxpair(opened)
    if lines is None:
        return apart
    return (apart.cast("short") - lines.cast("short")).cast("uchar").copy_memory()


def _extreme(image: pyvips.Image, pair: str, size: int, across: bool, way: int) -> pyvips.Image:
    """Return of every pixel and those next to it on one side, the least or the greatest.

    Pairs of pairs take a tenth of the time that a sorted window takes.
    """

    def moved(by: int) -> pyvips.Image:
        x, y = (-way * by, 0) if across else (0, -way * by)
        return made.embed(x, y, made.width, made.height, extend="copy")

    made, reach = image, 1
    while reach < size:
        step = min(reach, size - reach)
        made = getattr(made, pair)(moved(step)).copy_memory()
        reach += step
    return made


def _apart(image: pyvips.Image) -> pyvips.Image:
    """Return how far each pixel is from what is behind it, in the band where that is most.

    Red on black or blue on grey is told apart in some band, even where its brightness is not.
    """
    width, height = image.width, image.height
    least = STEP * (CHIP + 8) + STEP  # no window is wider
    if width < least or height < least:
        image = image.embed(0, 0, max(width, least), max(height, least), extend="copy")
    image = image.copy_memory()
    behind = _behind(image.subsample(STEP, STEP).copy_memory())
    return _far(image, _spread(behind, image)).crop(0, 0, width, height).copy_memory()


def _behind(small: pyvips.Image) -> pyvips.Image:
    """Return what is behind the letters of a picture, in every third pixel along each side.

    Where it is a chip or a low button, the window reaches beyond it above and beneath: there it is
    the median of a window that is as wide but lower. That one cannot be taken everywhere, since the
    strokes of large letters fill it.
    """
    behind = _median(small, WINDOW, WINDOW)
    around = _spread(_median(small.subsample(STEP, STEP), WINDOW, WINDOW), small).copy_memory()
    # What differs from all that is around, and in one run that is longer than letters are wide.
    inner = _extreme((_far(behind, around) > APART).copy_memory(), "minpair", CHIP, True, 1)
    for size, across, way in ((CHIP + 4, True, -1), (5, True, 1), (4, False, -1), (4, False, 1)):
        inner = _extreme(inner, "maxpair", size, across, way)
    if inner.max() == 0:
        return behind
    low = _median(_median(small, WINDOW, LOW), WINDOW + 2, LOW)
    chip = (inner & (_far(low, around) > APART)).copy_memory()
    # At its ends the median is that of the page: what has the colour of the chip beside it is chip.
    for by in (ENDS, -ENDS):
        beside, there = (_moved(each, by).copy_memory() for each in (low, chip))
        end = there & chip.invert() & (_far(small, beside) < APART)
        low, chip = end.ifthenelse(beside, low).copy_memory(), (chip | end).copy_memory()
    return chip.ifthenelse(low, behind).copy_memory()


def _moved(image: pyvips.Image, by: int) -> pyvips.Image:
    return image.embed(by, 0, image.width, image.height, extend="copy")


def _median(image: pyvips.Image, width: int, height: int) -> pyvips.Image:
    return image.rank(width, height, width * height // 2).copy_memory()


def _spread(small: pyvips.Image, image: pyvips.Image) -> pyvips.Image:
    """Return every third pixel of a picture as large as that."""
    large = small.resize(STEP, kernel="nearest")
    return large.embed(0, 0, image.width, image.height, extend="copy")


def _far(image: pyvips.Image, other: pyvips.Image) -> pyvips.Image:
    """Return how far two pictures are from each other, in the band where that is most."""
    apart = (image.cast("short") - other.cast("short")).abs().cast("uchar")
    if apart.bands > 1:
        apart = apart[0].bandrank(
            [apart[band] for band in range(1, apart.bands)], index=apart.bands - 1
        )
    return apart


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
