"""Looks for the interesting part of a picture."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyvips

from helpa import Size
from helpa.drawing import resample
from helpa_basics.draw import detector
from helpa_basics.interest import FACE_SIDE, SMART_SIDE, cascade

GREY = [128, 128, 128]
"""What stands behind transparency: against it both black and white ink show."""


def find(image: pyvips.Image, args: dict[str, Any]) -> dict[str, Any]:
    """Return where the interest is, in fractions of the picture.

    Args:
        image: the picture before the resize, or a smaller level of it.
        args: ``find`` (``face``, ``smart`` or ``entropy``), and for the latter two ``keep``, the
            shares of width and height that the crop has.

    Returns:
        ``faces``, boxes of x, y, width and height; or ``at``, a point.
    """
    if image.hasalpha():
        image = image.flatten(background=GREY[: image.bands - 1])
    if args["find"] == "face":
        return {"faces": _faces(_small(image, FACE_SIDE))}
    small = _small(image, SMART_SIDE).copy_memory()
    if _flat(small):
        return {"at": [0.5, 0.5]}
    width, height = (
        max(1, round(share * side))
        for share, side in zip(args["keep"], (small.width, small.height), strict=True)
    )
    if args["find"] == "entropy":
        crop = small.smartcrop(width, height, interesting="entropy")
        x, y = width / 2 - crop.xoffset, height / 2 - crop.yoffset
    else:
        _, found = small.smartcrop(
            width, height, interesting="attention", attention_x=True, attention_y=True
        )
        x, y = found["attention_x"] + 0.5, found["attention_y"] + 0.5
    return {"at": [round(x / small.width, 3), round(y / small.height, 3)]}


def _flat(image: pyvips.Image) -> bool:
    """Return whether all pixels are equal: libvips then sees the interest in the first."""
    stats = image.stats()
    return all(stats(0, row) == stats(1, row) for row in range(1, image.bands + 1))


def _small(image: pyvips.Image, side: int) -> pyvips.Image:
    scale = side / max(image.width, image.height)
    if scale >= 1:
        return image
    return resample(
        image, Size(max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    )


def _faces(image: pyvips.Image) -> list[list[float]]:
    path = cascade()
    assert path is not None  # else the plan was refused
    grey = image.colourspace("b-w")
    width, height = grey.width, grey.height
    command = [sys.executable, "-P", str(Path(detector.__file__)), str(path)]
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        [*command, str(width), str(height)], input=grey.write_to_memory(), capture_output=True
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace")[-1000:]
        if re.search("memory|failed to map", said, re.IGNORECASE):
            raise MemoryError
        raise RuntimeError(f"the face detector ended with {done.returncode}: {said}")
    boxes = json.loads(done.stdout)
    return [
        [round(x / width, 4), round(y / height, 4), round(w / width, 4), round(h / height, 4)]
        for x, y, w, h in boxes
    ]
