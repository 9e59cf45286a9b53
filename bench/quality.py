"""How renditions look: their size and SSIMULACRA2; run by the tools' own Python.

Reads a JSON list of {"picture", "rendition"} paths, writes one of what it found, in order; a pair
may name the "references" it is to be scored against.
"""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

LANCZOS = Image.Resampling.LANCZOS


def _plain(picture: str, size: tuple[int, int]) -> Image.Image:
    with Image.open(picture) as opened:
        return opened.convert("RGB").resize(size, LANCZOS)


def _linear(picture: str, size: tuple[int, int]) -> Image.Image:
    with Image.open(picture) as opened:
        coded = np.asarray(opened.convert("RGB"), dtype=np.float32) / 255
    light = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    bands = [
        np.asarray(Image.fromarray(light[..., band].astype(np.float32)).resize(size, LANCZOS))
        for band in range(3)
    ]
    light = np.clip(np.stack(bands, axis=-1), 0, 1)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(coded * 255).astype(np.uint8))


def _reduced(picture: str, size: tuple[int, int]) -> Image.Image | None:
    with Image.open(picture) as opened:
        if opened.format != "JPEG":
            return None
        opened.draft(None, size)
        return opened.convert("RGB").resize(size, LANCZOS)


REFERENCES: dict[str, Callable[[str, tuple[int, int]], Image.Image | None]] = {
    "gamma": _plain,
    "linear": _linear,
    "reduced": _reduced,
}


@cache
def references(picture: str, size: tuple[int, int], wanted: tuple[str, ...]) -> dict[str, bytes]:
    """The picture itself at a rendition's size, made in each of the ways accepted as right."""
    found = {}
    for name in wanted:
        if (small := REFERENCES[name](picture, size)) is not None:
            target = BytesIO()
            small.save(target, "PPM")
            found[name] = target.getvalue()
    return found


def judge(pair: dict[str, Any]) -> dict[str, Any]:
    """The score of one rendition against the reference it is nearest to."""
    # The package is in the tools' environment only and carries no types.
    score: Callable[[BinaryIO, str], float] = import_module("ssimulacra2").compute_ssimulacra2
    with Image.open(pair["rendition"]) as rendition:
        size, form = rendition.size, rendition.format
    wanted = tuple(pair.get("references", REFERENCES))
    scores = {
        name: round(float(score(BytesIO(content), pair["rendition"])), 1)
        for name, content in references(pair["picture"], size, wanted).items()
    }
    best = max(scores, key=lambda name: scores[name])
    return {
        "width": size[0],
        "height": size[1],
        "format": form,
        "ssimulacra2": scores[best],
        "references": scores,
    }


def main() -> None:
    """Score every pair asked for."""
    with ProcessPoolExecutor(2) as pool:
        json.dump(list(pool.map(judge, json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
