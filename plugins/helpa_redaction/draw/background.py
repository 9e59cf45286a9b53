"""Tells what is behind the letters of a picture, and how far each pixel is from it.

Programs draw letters on areas of one colour: pages, panels, table rows, buttons, chips, portraits
with initials. Such an area is found by its long runs of one colour and grown over all that has its
colour near by: between letters, into round corners and narrow margins. Letters and soft edges are
what is left, and behind them is what the areas around them have. Where two areas meet, all colours
between theirs are background, so that soft edges of round corners are none.
"""

from __future__ import annotations

import pyvips

LONG = 28
"""An area holds a run of so many pixels in two rows; strokes of letters up to 40 px do not, nor
does an underscore."""

STEADY, SAME = 3, 4
"""Levels, of 255, by which pixels of such a run may differ from the next, and by which pixels that
an area grows over may from it: gradients and the noise of JPEG."""

GROWTHS = (2, 2, 3)
"""Pixels of the steps over what has an area's colour: margins of 7 pixels. What is nearer than a
step to an area of its own colour is taken for it; letters stand 4 px from the edge of the lowest
chips, and what hangs beneath the line 2 px."""

FILLS = (2, 4)
"""Pixels of the steps over all that is left: strokes of 12 and more. The first is small, so that
letters are told from the area they stand on and not from the one beside it."""

STEP, WINDOW = 6, 5
"""Where no area is near, as in photographs, the median of 5 × 5 pixels, every sixth one, is behind:
letters fill less than half of 30 px."""


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
    both = _both(image)
    off = (both.maxpair(_least(image.copy_memory(), both)) - both).cast("uchar")
    off = off[0].bandrank([off[band] for band in range(1, off.bands)], index=off.bands - 1)
    return off.crop(0, 0, width, height).copy_memory()


def _both(image: pyvips.Image) -> pyvips.Image:
    """Return the bands of a picture, and each once more as its negative.

    The greatest of some pixels is the negative of the least of their negatives, so that one search
    for the least finds both: it is the number of searches that takes the time.
    """
    return image.bandjoin(image.invert()).copy_memory()


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


def _least(image: pyvips.Image, both: pyvips.Image) -> pyvips.Image:
    """Return the least that what is behind each pixel may be, in each band of :func:`_both`.

    Pixels of which nothing is known yet hold 255, so that they change none of those around them.
    """
    # Letters differ in brightness from what is behind them, or nobody could read them.
    known = _grown(image.colourspace("b-w").copy_memory())
    least = (both | known.invert()).copy_memory()
    for reach in FILLS:
        least = least.minpair(_least_around(least, reach) | known).copy_memory()
        known = known.dilate(_block(2 * reach + 1)).copy_memory()
    if known.min() == 0:
        small = image.subsample(STEP, STEP).copy_memory()
        small = small.rank(WINDOW, WINDOW, WINDOW * WINDOW // 2)
        large = small.zoom(STEP, STEP).embed(0, 0, image.width, image.height, extend="copy")
        least = known.ifthenelse(least, _both(large))
    return least


def _grown(grey: pyvips.Image) -> pyvips.Image:
    """Return 255 for pixels of areas and those of their brightness near by, 0 for all others."""
    known, both = _areas(grey), _both(grey)
    less = both.linear(1, -SAME, uchar=True).copy_memory()
    for reach in GROWTHS:
        alike = both >= _least_around((less | known.invert()).copy_memory(), reach)
        near = known.dilate(_block(2 * reach + 1))
        known = ((near & alike[0] & alike[1]) | known).copy_memory()
    return known


def _areas(grey: pyvips.Image) -> pyvips.Image:
    """Return 255 for pixels of long runs of one colour in two rows, and 0 for all others."""
    aside, beneath = (
        (grey.cast("short") - _moved(grey, -1, across)).abs() <= STEADY for across in (True, False)
    )
    steady, run = aside & beneath, _block(LONG - 1, 1)
    made = steady.copy_memory().erode(run).copy_memory().dilate(run).copy_memory()
    # Each stands for a pixel, the next one, and the one beneath.
    return (made | _moved(made, 1, True) | _moved(made, 1, False)).copy_memory()


def _block(width: int, height: int | None = None) -> pyvips.Image:
    return pyvips.Image.new_from_array([[255] * width] * (height or width))


def _least_around(image: pyvips.Image, reach: int) -> pyvips.Image:
    """Return the least of every pixel and those around it, in each band."""
    size = 2 * reach + 1
    for across in (True, False):
        aside, over = (reach, 0) if across else (0, reach)
        wide, high = image.width + 2 * aside, image.height + 2 * over
        image, done = image.embed(aside, over, wide, high, extend="copy").copy_memory(), 1
        while done < size:
            step = min(done, size - done)
            x, y = (step, 0) if across else (0, step)
            w, h = image.width - x, image.height - y
            image = image.crop(0, 0, w, h).minpair(image.crop(x, y, w, h)).copy_memory()
            done += step
    return image


def _moved(image: pyvips.Image, by: int, across: bool) -> pyvips.Image:
    x, y = (by, 0) if across else (0, by)
    return image.embed(x, y, image.width, image.height, extend="copy")
