"""The pixel job of a rendition: open, draw the steps, encode."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pyvips

from helpa.core.affine import Affine
from helpa.core.pixels import deadline
from helpa.core.pixels.bare import plain
from helpa.core.pixels.failures import PixelError
from helpa.core.pixels.opening import (
    Source,
    check_page,
    damaged,
    open_source,
    read_header,
)
from helpa.core.pixels.resample import resample
from helpa.core.pixels.strip import strip_of
from helpa.core.values import Size
from helpa.core.workbench import DrawContext

IN_MEMORY = 4_000_000
"""Answers of up to this many pixels are drawn before they are encoded, so that each is timed."""


@cache
def load_function(path: str) -> Callable[..., Any]:
    """Return the function an import path ``module:function`` names."""
    module, _, name = path.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def render(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the timings and the bytes of a rendition.

    Args:
        job: ``source``, ``scale``, ``steps`` (``draw``, ``args``, ``before``, ``after``,
            ``alpha``, ``pictures``: size by id; ``transform``, size of the ``picture``, and content
            of the ``layer`` it draws), ``pictures`` (``source`` and ``scale`` by id), ``encode``,
            ``encoding``, ``size`` (None where any will do) and ``seconds``, which it may take.

    Raises:
        PixelError: a source is damaged, or a step drew another size than planned.
    """
    began = time.perf_counter()
    deadline.begin(job["seconds"])
    source = Source.of(job["source"])
    try:
        image = _draw(job, source)
        if image.width * image.height <= IN_MEMORY:
            image = image.copy_memory()
        drawn = time.perf_counter()
        data: bytes = load_function(job["encode"])(image, job["encoding"])
    except pyvips.Error as error:
        raise damaged(error, "The rendition cannot be made") from None
    ended = time.perf_counter()
    return {"open_seconds": drawn - began, "encode_seconds": ended - drawn}, data


def measure(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return what an operation's ``measure`` finds in the picture after the steps before it."""
    source = Source.of(job["source"])
    try:
        check_page(source)
        image = open_source(source, scale=job["scale"])
        image = _steps(image, job, _contexts(job), 0).copy_memory()
        return {"measured": load_function(job["measure"])(image, job["args"])}, b""
    except pyvips.Error as error:
        raise damaged(error) from None


def _draw(job: dict[str, Any], source: Source) -> pyvips.Image:
    check_page(source)
    image = open_source(source, scale=job["scale"])
    contexts = _contexts(job)
    if source.frames == 1:
        image = plain(_steps(image, job, contexts, 0))
        _check(image, job["size"])
        return image
    header = read_header(source)
    image = image.copy_memory()
    height = header.height
    drawn = []
    for number in range(source.frames):
        frame = image.crop(0, number * height, image.width, height)
        frame = plain(_steps(plain(frame), job, contexts, number))
        _check(frame, job["size"])
        drawn.append(frame)
    return strip_of(drawn, header)


def _contexts(job: dict[str, Any]) -> list[DrawContext]:
    """Return what each step is told; the other pictures are opened once for all frames."""
    # In memory, for they are read once a step and frame, and a source only once.
    opened = {
        name: open_source(Source.of(other["source"]), scale=other["scale"]).copy_memory()
        for name, other in job.get("pictures", {}).items()
    }
    contexts = []
    for step in job["steps"]:
        pictures = dict(opened)
        for name, size in step.get("pictures", {}).items():
            pictures[name] = resample(opened[name], Size(*size)).copy_memory()
        before, after = Size(*step["before"]), Size(*step["after"])
        contexts.append(
            DrawContext(
                before,
                after,
                step["alpha"],
                0,
                pictures,
                step.get("layer"),
                Affine(*step.get("transform", ())),
                Size(*step.get("picture", (1, 1))),
            )
        )
    return contexts


def _steps(
    image: pyvips.Image, job: dict[str, Any], contexts: list[DrawContext], frame: int
) -> pyvips.Image:
    for step, context in zip(job["steps"], contexts, strict=True):
        told = replace(context, frame=frame)
        image = load_function(step["draw"])(image, step["args"], told)
    return image


def _check(image: pyvips.Image, size: list[int] | None) -> None:
    if size is not None and [image.width, image.height] != size:
        raise PixelError(
            "internal", f"The steps drew {image.width}×{image.height} px instead of {size}."
        )
