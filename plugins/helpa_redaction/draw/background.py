"""Tells what is behind the letters of a picture, and how far each pixel is from it.

Programs draw letters on areas of one colour: pages, panels, table rows, buttons, chips, portraits
with initials. Such an area is found by its long runs of one colour and grown over all that has its
colour near by: between letters, into round corners and narrow margins. Letters and soft edges are
what is left, and behind them is what the areas around them have. Where two areas meet, all colours
between theirs are background, so that soft edges of round corners are none.
"""

from __future__ import annotations

import pyvips

LONG = 24
"""An area holds a run of so many pixels in two rows; strokes of letters up to 40 px do not, nor does
an underscore."""

STEADY, SAME = 3, 4
"""Levels, of 255, by which pixels of such a run may differ from the next, and by which pixels that
an area grows over may from it: gradients and the noise of JPEG."""

GROWTH, GROWTHS = 2, 4
"""Pixels of a step over what has an area's colour, and how many: margins of 8 pixels. What is nearer
than a step to an area of its own colour is taken for it; letters stand 4 px from the edge of the
lowest chips, and what hangs beneath the line 2 px."""

FILLS = (2, 4)
"""Pixels of the steps over all that is left: strokes of 12 and more. The first is small, so that
letters are told from the area they stand on and not from the one beside it."""

STEP, WINDOW = 3, 9
"""Where no area is near, as in photographs, the median of 9 × 9 pixels, every third one, is behind:
letters fill less than half of 27 px."""


def apart(image: pyvips.Image) -> pyvips.Image:
    """Return how far each pixel is from what is behind it, in the band where that is most.

    Red on black or blue on grey is told apart in some band, even where its brightness is not.

    Args:
        image: 8-bit sRGB or grey without alpha.
    """
    width, height = image.width, image.height
    least = STEP * WINDOW  # no window is larger
    if width < least or height < least:
        image = image.embed(0, 0, max(width, least), max(height, least), extend="copy")
    image = image.copy_memory()
    low, high = _behind(image)
    off = (low.cast("short") - image).maxpair(image.cast("short") - high).cast("uchar")
    if off.bands > 1:
        off = off[0].bandrank([off[band] for band in range(1, off.bands)], index=off.bands - 1)
    return off.crop(0, 0, width, height).copy_memory()


def extreme(image: pyvips.Image, pair: str, size: int, across: bool, way: int) -> pyvips.Image:
    """Return of every pixel and those next to it on one side, the least or the greatest.

    Pairs of pairs take a tenth of the time that a sorted window takes.

    Args:
        image: to look at.
        pair: ``minpair`` or ``maxpair``.
        size: of the window, in pixels.
        across: whether it lies along a row.
        way: 1 for pixels that follow, -1 for those before.
    """
    made, reach = image, 1
    while reach < size:
        step = min(reach, size - reach)
        made = getattr(made, pair)(_moved(made, -way * step, across)).copy_memory()
        reach += step
    return made


def _behind(image: pyvips.Image) -> tuple[pyvips.Image, pyvips.Image]:
    """Return the least and the greatest that what is behind each pixel may be, in each band.

    Pixels of which nothing is known yet hold 255 as their least and 0 as their greatest, so that
    they change neither of those around them.
    """
    # Letters differ in brightness from what is behind them, or nobody could read them.
    known = _grown(image.colourspace("b-w").copy_memory())
    low, high = _held(image, known)
    for reach in FILLS:
        lower, higher = _around(low, "minpair", reach), _around(high, "maxpair", reach)
        low = low.minpair(lower | known).copy_memory()
        high = high.maxpair(higher & known.invert()).copy_memory()
        known = known.dilate(_block(2 * reach + 1)).copy_memory()
    if known.min() == 0:
        median = image.subsample(STEP, STEP).copy_memory()
        median = median.rank(WINDOW, WINDOW, WINDOW * WINDOW // 2).copy_memory()
        large = median.resize(STEP, kernel="nearest")
        large = large.embed(0, 0, image.width, image.height, extend="copy").copy_memory()
        low, high = known.ifthenelse(low, large), known.ifthenelse(high, large)
    return low, high


def _grown(grey: pyvips.Image) -> pyvips.Image:
    """Return 255 for pixels of areas and for those of their brightness near by, 0 for all others."""
    known, near = _areas(grey), _block(2 * GROWTH + 1)
    for _ in range(GROWTHS):
        low, high = _held(grey, known)
        low = _around(low, "minpair", GROWTH).linear(1, -SAME, uchar=True)
        high = _around(high, "maxpair", GROWTH).linear(1, SAME, uchar=True)
        alike = grey.minpair(high).maxpair(low) == grey
        known = ((known.dilate(near) & alike) | known).copy_memory()
    return known


def _held(image: pyvips.Image, known: pyvips.Image) -> tuple[pyvips.Image, pyvips.Image]:
    return (image | known.invert()).copy_memory(), (image & known).copy_memory()


def _areas(grey: pyvips.Image) -> pyvips.Image:
    """Return 255 for pixels of long runs of one colour in two rows, and 0 for all others."""
    steady = None
    for across in (True, False):
        same = (grey.cast("short") - _moved(grey, -1, across)).abs() <= STEADY
        steady = same if steady is None else steady & same
    run = _block(LONG - 1, 1)
    made = steady.copy_memory().erode(run).copy_memory().dilate(run).copy_memory()
    # Each stands for a pixel, the next one, and the one beneath.
    return (made | _moved(made, 1, True) | _moved(made, 1, False)).copy_memory()


def _block(width: int, height: int | None = None) -> pyvips.Image:
    return pyvips.Image.new_from_array([[255] * width] * (height or width))


def _around(image: pyvips.Image, pair: str, reach: int) -> pyvips.Image:
    """Return of every pixel and those around it the least or the greatest."""
    for across in (True, False):
        image = extreme(image, pair, 2 * reach + 1, across, 1)
        image = _moved(image, reach, across).copy_memory()
    return image


def _moved(image: pyvips.Image, by: int, across: bool) -> pyvips.Image:
    x, y = (by, 0) if across else (0, by)
    return image.embed(x, y, image.width, image.height, extend="copy")
