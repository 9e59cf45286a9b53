"""The processes that pixels run in."""

from __future__ import annotations

import resource
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator

from helpa.core.checks.finding import Finding, size
from helpa.core.checks.installation import Installation
from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import Settings
from helpa.core.workers import wire
from helpa.core.workers.process import NeverBegun, Nursery, StartFailed, run

WIDTH, HEIGHT = 1200, 900
"""Large enough that a level is written of it."""


def check(installation: Installation) -> Iterator[Finding]:
    """Start a worker as the server would, and let it decode, shrink and encode a picture."""
    settings = installation.settings
    if settings is None:
        return
    manager, _ = installation.plugins()
    nursery = Nursery(sorted(_drawing(manager)), settings.limits.memory)
    try:
        nursery.start()
        for path, reason in nursery.failures.items():
            text = f"{path} cannot be loaded: {reason}"
            yield Finding("fail", "workers", text, "Repair the plugin it belongs to.")
        yield _draw(nursery, settings)
    except StartFailed as error:
        advice = "A container may forbid fork, prctl or so many processes: see docs/deploy.md."
        yield Finding("fail", "workers", f"none can be started: {error}", advice)
    finally:
        nursery.stop()


def _draw(nursery: Nursery, settings: Settings) -> Finding:
    worker = nursery.fork()
    try:
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            file.write(_png())
            file.flush()
            limits = settings.limits
            names = ("input_pixels", "animation_pixels", "frames")
            job = {
                "job": "inspect",
                "path": file.name,
                "format": "png",
                "limits": {name: getattr(limits, name) for name in names},
            }
            reply, body = run(worker, job, limits.inspect_seconds)
        if reply["error"]:
            return Finding("fail", "workers", f"one cannot draw: {reply['error']['detail']}")
        memory = _address_space(worker.pid)
    except (NeverBegun, wire.Closed, wire.Overdue) as error:
        advice = f"limits.memory is {size(settings.limits.memory)}; see the log of the kernel."
        text = f"one ended or hung while it drew ({type(error).__name__})"
        return Finding("fail", "workers", text, advice)
    finally:
        worker.kill()
        worker.close()
    text = (
        f"{settings.worker_count} configured; one drew {WIDTH}×{HEIGHT} px into "
        f"{size(len(body))}, resident {size(reply['rss'])}"
    )
    if memory is not None and memory != settings.limits.memory:
        wrong = f"a worker may have {size(memory)}, not limits.memory"
        return Finding("fail", "workers", wrong, "Something between resets RLIMIT_AS.")
    return Finding("ok", "workers", text)


def _address_space(pid: int) -> int | None:
    if sys.platform != "linux":
        return None
    return resource.prlimit(pid, resource.RLIMIT_AS)[0]


def _drawing(manager: PluginManager) -> Iterable[str]:
    for _, operation in manager.operations():
        yield from filter(None, {operation.draw, operation.measure})
    for _, encoder in manager.encoders():
        yield encoder.encode


def _png() -> bytes:
    """Return a picture of stripes; written by hand, because commands load no codec."""
    row = b"\0" + bytes(x // 16 % 2 * 255 for x in range(WIDTH) for _ in range(3))
    chunks = (
        (b"IHDR", struct.pack("!2I5B", WIDTH, HEIGHT, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * HEIGHT, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
