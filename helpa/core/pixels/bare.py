"""Images with nothing in them that is not shown: no field, no colour under what is transparent."""

from __future__ import annotations

import pyvips

from helpa.core.pixels.opening import field_names


def plain(image: pyvips.Image) -> pyvips.Image:
    """Return the image without any metadata, so that no encoder can hand any on."""
    image = image.copy()
    for name in field_names(image):
        if name.startswith((b"exif-", b"png-comment", b"jpeg-")) or name in _METADATA:
            image.remove(name)
    return image


_METADATA = frozenset(
    {
        b"exif-data",
        b"xmp-data",
        b"iptc-data",
        b"icc-profile-data",
        b"gainmap-data",
        b"gif-comment",
        b"orientation",
        b"n-pages",
        b"page-height",
        b"delay",
        b"gif-delay",
        b"loop",
        b"gif-loop",
        b"photoshop-data",
    }
)


def bare(image: pyvips.Image) -> pyvips.Image:
    """Return the image without colours under what is wholly transparent.

    Args:
        image: 8-bit sRGB or grey, with or without alpha.
    """
    if not image.hasalpha():
        return image
    colours = image.bands - 1
    alpha = image[colours]
    shown = (alpha == 0).ifthenelse([0] * colours, image[:colours])
    return shown.bandjoin(alpha).cast("uchar").copy(interpretation=image.interpretation)
