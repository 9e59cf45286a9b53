"""A worker: takes one job at a time from its socket and answers it."""

from __future__ import annotations

import resource
import socket
import sys
import traceback
from typing import Any

import pyvips

from helpa.core.pixels.failures import PixelError
from helpa.core.pixels.inspect import inspect
from helpa.core.pixels.level import write_level
from helpa.core.pixels.look import look
from helpa.core.pixels.render import measure, render
from helpa.core.pixels.revise import revise
from helpa.core.workers import wire

JOBS = {
    "inspect": inspect,
    "level": write_level,
    "render": render,
    "measure": measure,
    "revise": revise,
    "look": look,
}


def configure() -> None:
    """Set libvips up: nothing remembered between jobs, no loader that is not hardened."""
    pyvips.cache_set_max(0)
    pyvips.cache_set_max_mem(0)
    pyvips.cache_set_max_files(0)
    pyvips.block_untrusted_set(True)
    # librsvg draws from memory without a base address, so it can load nothing else.
    pyvips.operation_block_set("VipsForeignLoadSvgBuffer", False)


def serve(sock: socket.socket) -> None:
    """Answer jobs until the other side closes."""
    while True:
        try:
            job, _ = wire.receive(sock)
        except wire.Closed:
            return
        try:
            wire.send(sock, wire.TAKEN)
        except wire.Closed:
            return
        head, body = answer(job)
        head["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
            1 if sys.platform == "darwin" else 1024
        )
        try:
            wire.send(sock, head, body)
        except wire.Closed:
            return


def answer(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the reply to one job; a failure is a reply too."""
    # What libvips noted of an earlier picture without failing would be told of this one.
    pyvips.vips_lib.vips_error_clear()
    try:
        head, body = JOBS[job["job"]](job)
    except PixelError as error:
        return {"error": error.head()}, b""
    except MemoryError:
        text = "The picture needs more memory than a job may have."
        return {"error": PixelError("memory", text).head()}, b""
    except Exception:  # noqa: BLE001  one broken step must not end the worker
        text = traceback.format_exc()[-2000:]
        return {"error": PixelError("internal", text).head()}, b""
    return {**head, "error": None}, body
