"""The blocks of a lossy codec, in whose coefficients what a pixel shows has spread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from helpa.core.affine import Affine


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the lines between blocks lie on an upright picture: at x + k·w, and at y + k·h.

    Args:
        w: width of a block, in pixels; 1 where nothing spreads.
        h: height of a block, in pixels.
        x: where a line lies, 0 to w - 1.
        y: where a line lies, 0 to h - 1.
        bleed: pixels that decoding lets flow over a line.
    """

    w: int = 1
    h: int = 1
    x: int = 0
    y: int = 0
    bleed: int = 0

    def moved(self, transform: Affine) -> Grid:
        """Return the grid after the picture was cut, or turned by right angles.

        Args:
            transform: where a point of the picture before lands after it.
        """
        x, y = transform.apply(self.x, self.y)
        w, h = (self.w, self.h) if transform.a else (self.h, self.w)
        return Grid(w, h, round(x) % w, round(y) % h, self.bleed)

    def then(self, later: Grid) -> Grid:
        """Return the grid of a picture that came through this codec first and another after it.

        What is touched in one after the other lies within what is touched in the answer, whose
        lines are those of the coarser grid.
        """
        if (later.w, later.h, later.bleed) == (1, 1, 0):
            return self
        if (self.w, self.h, self.bleed) == (1, 1, 0):
            return later
        across, down = later._holds_lines_of(self)
        if across and down:
            # What flows over a line of the later grid fills whole blocks of it.
            steps = (-(-self.bleed // later.w) * later.w, -(-self.bleed // later.h) * later.h)
            return replace(later, bleed=max(steps) + later.bleed)
        over = self._holds_lines_of(later)
        spread = max(
            0 if over[0] and not self.bleed else later.w - 1,
            0 if over[1] and not self.bleed else later.h - 1,
        )
        return replace(self, bleed=self.bleed + spread + later.bleed)

    def _holds_lines_of(self, finer: Grid) -> tuple[bool, bool]:
        """Whether each of this grid's lines is one of a finer grid's: across, and down."""
        return (
            self.w % finer.w == 0 and (self.x - finer.x) % finer.w == 0,
            self.h % finer.h == 0 and (self.y - finer.y) % finer.h == 0,
        )


LOSSY = frozenset({"jpg", "webp", "avif", "heic", "tiff"})
"""Formats that may be compressed with loss."""

JPEG_BLOCK = 8
"""Side of the blocks that JPEG transforms, in samples (ITU T.81, A.3.3)."""

JPEG_BLEED = 2
"""libjpeg-turbo's "fancy" upsampling takes a quarter of each pixel's colour from the next sample of
chroma, and so reaches one pixel over a line (jdsample.c; measured in tests/redaction); one more for
decoders to come."""

SMOOTHED_BLOCKS = 3
"""Where a progressive JPEG leaves coefficients out, libjpeg-turbo estimates them from the two
blocks around (jdcoefct.c, decompress_smooth_data); one more for the upsampling above."""

WEBP_BLOCK, WEBP_BLEED = 16, 8
"""Macroblocks, and three samples of chroma that the loop filter changes at their edges, each two
pixels wide (RFC 6386, 15.3), with two pixels of upsampling."""

AVIF_BLOCK, AVIF_BLEED = 64, 18
"""The largest transform, and what is changed beyond its edge: of chroma, two samples by the
deblocking filter, three by CDEF and three by loop restoration (AV1, 7.14, 7.15, 7.17), each two
pixels wide, with two pixels of upsampling. Of luma it is 6 + 3 + 3."""

HEVC_BLOCK, HEVC_BLEED = 64, 8
"""The largest coding tree unit, and what is changed beyond its edge: one sample of chroma by the
deblocking filter and one by SAO (ITU H.265, 8.7), each two pixels wide, with two pixels of
upsampling, or 3 + 1 of luma; rounded up."""

TIFF_BLOCK, TIFF_BLEED = 64, 8
"""Code blocks of JPEG 2000 and groups of JPEG XL, larger than any of JPEG or WebP in a TIFF."""


def upright(size: tuple[int, int], orientation: int) -> Affine:
    """Return where a point of a stored picture lands once its EXIF orientation is undone.

    Args:
        size: as stored: width and height in pixels.
        orientation: EXIF orientation, 1 to 8.
    """
    w, h = size
    return {
        2: Affine(-1, 0, w, 0, 1, 0),
        3: Affine(-1, 0, w, 0, -1, h),
        4: Affine(1, 0, 0, 0, -1, h),
        5: Affine(0, 1, 0, 1, 0, 0),
        6: Affine(0, -1, h, 1, 0, 0),
        7: Affine(0, -1, h, -1, 0, w),
        8: Affine(0, 1, 0, -1, 0, w),
    }.get(orientation, Affine())


def grid_of(
    kind: str,
    size: tuple[int, int],
    orientation: int = 1,
    *,
    lossy: bool = True,
    sampling: tuple[int, int] | None = None,
    anchored: bool = True,
    smoothed: bool = False,
) -> Grid:
    """Return the block grid that a file's pixels come through, on the upright picture.

    Prediction is outside of what a grid can say: WebP, AVIF and HEIC encode each block as its
    difference from those before it, so that the rounding noise of everything after a pixel hangs
    on it, and every encoder may spend its bits elsewhere for it. Of what the pixel showed, that
    noise holds nothing one could read; but two files that differ in a region need not decode to
    equal pixels outside of its blocks. JPEG predicts no more than the mean of a block, and that
    without loss: there they do.

    Args:
        kind: name of the format.
        size: as stored: width and height in pixels.
        orientation: EXIF orientation, 1 to 8, that opening will undo.
        lossy: whether the pixels are compressed with loss.
        sampling: of JPEG: samples of the finest component for each of the coarsest one, across
            and down; None where the file does not say.
        anchored: whether blocks begin at the stored top left corner.
        smoothed: of JPEG: whether decoding fills in coefficients that the file leaves out.
    """
    if not lossy:
        return Grid()
    if kind == "jpg":
        # The most that JPEG allows, where the file says nothing.
        across, down = sampling or (4, 4)
        w, h, bleed = JPEG_BLOCK * across, JPEG_BLOCK * down, JPEG_BLEED
        if smoothed:
            bleed = SMOOTHED_BLOCKS * max(w, h)
        elif sampling == (1, 1):
            bleed = 0
    elif kind in ("webp", "avif", "heic", "tiff"):
        side, bleed = {
            "webp": (WEBP_BLOCK, WEBP_BLEED),
            "avif": (AVIF_BLOCK, AVIF_BLEED),
            "heic": (HEVC_BLOCK, HEVC_BLEED),
            "tiff": (TIFF_BLOCK, TIFF_BLEED),
        }[kind]
        w = h = side
    else:
        return Grid()
    if not anchored:
        # Wherever the lines lie, no block reaches further than this from one of its pixels.
        return Grid(bleed=max(w, h) - 1 + bleed)
    return Grid(w, h, 0, 0, bleed).moved(upright(size, orientation))
