"""Programs that read pictures, and pictures for them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import pyvips

from helpa_redaction.draw.reading import prepare
from helpa_redaction.reading import Plane, Prepared

FONT = "sans"


def need_tesseract() -> None:
    """Skip, or fail in CI, where there is no Tesseract."""
    if shutil.which("tesseract") is None:
        reason = "there is no tesseract on PATH"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def picture(
    lines: Sequence[str],
    *,
    size: int = 14,
    ink: Sequence[int] = (30, 30, 30),
    back: Sequence[int] = (255, 255, 255),
    width: int = 700,
) -> pyvips.Image:
    """Return a picture with lines of text.

    Args:
        lines: from its top to its bottom.
        size: of the letters, in pixels.
        ink: their colour.
        back: colour behind them.
        width: of the picture.
    """
    step = 2 * size
    made = pyvips.Image.black(width, step * (len(lines) + 1)) + list(back)
    for place, line in enumerate(lines):
        # 72 dots an inch make a point a pixel.
        text = line.replace("&", "&amp;").replace("<", "&lt;")
        mask = pyvips.Image.text(text, font=f"{FONT} {size}", dpi=72)
        letters = mask.ifthenelse(list(ink), list(back), blend=True)
        made = made.insert(letters, 20, step * place + size)
    return made.cast("uchar").copy(interpretation="srgb")


def prepared(image: pyvips.Image, **args: object) -> Prepared:
    """Return what a worker would make of a picture."""
    return Prepared.of(*prepare(image, args))


def letters(image: pyvips.Image, **args: object) -> Plane:
    """Return the plane for letters."""
    plane = prepared(image, **args).letters
    assert plane is not None
    return plane


def fake_reader(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program on PATH that is called as Tesseract is.

    Args:
        folder: that holds it.
        script: of the shell, for everything but the list of languages.
        monkeypatch: what changes PATH for the test.
    """
    program = folder / "tesseract"
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = --list-langs ]; then echo eng; exit; fi\n{script}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
