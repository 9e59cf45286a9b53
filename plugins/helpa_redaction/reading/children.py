"""Runs programs that read pixels: each with a deadline, little environment and bounded output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

MOST_OUTPUT = 32 << 20
"""Bytes a program may write; a page full of words is half a megabyte."""

BURIAL_SECONDS = 5
"""For a program that was killed: one of its own that left its group may hold the pipe open."""

KEPT = ("PATH", "TESSDATA_PREFIX", "LANG", "LD_LIBRARY_PATH")
"""Of the environment, what a program gets: nothing of it is a secret."""


class Failed(Exception):
    """A program did not answer as it should; the message says how it ended, never what it read."""


async def run(
    command: Sequence[str], pixels: Sequence[bytes | memoryview], seconds: float
) -> bytes:
    """Return what a program writes that is given pixels.

    Args:
        command: program and arguments.
        pixels: that it reads from its standard input, in pieces.
        seconds: after which it is killed.

    Raises:
        Failed: it crashed, took too long, or wrote too much.
        FileNotFoundError: there is no such program.
    """
    name = os.path.basename(command[0])  # noqa: PTH119  a name, perhaps without a folder
    environment = {key: os.environ[key] for key in KEPT if key in os.environ}
    environment |= {"OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # it may hold text of the picture
        env=environment,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            feeding = asyncio.ensure_future(_feed(child, pixels))
            try:
                output = await _drain(child, name)
                await feeding
            finally:
                feeding.cancel()
            status = await child.wait()
    except TimeoutError:
        raise Failed(f"{name} took longer than {seconds:g} s and was stopped") from None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await asyncio.shield(_buried(child))
    if status:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        raise Failed(f"{name} {how}")
    return output


async def _buried(child: asyncio.subprocess.Process) -> None:
    """Wait until a program that was killed is gone, or a while at the most.

    asyncio knows of no end before it has seen that of the pipe, and of that not while what was
    written lies unread.
    """
    assert child.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BURIAL_SECONDS):
            while await child.stdout.read(1 << 16):
                pass
            await child.wait()


async def _feed(child: asyncio.subprocess.Process, pixels: Sequence[bytes | memoryview]) -> None:
    assert child.stdin is not None
    # A program that has enough, or is dead, says so by how it ends.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for piece in pixels:
            child.stdin.write(piece)
            await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()


async def _drain(child: asyncio.subprocess.Process, name: str) -> bytes:
    assert child.stdout is not None
    held = bytearray()
    while piece := await child.stdout.read(1 << 16):
        held += piece
        if len(held) > MOST_OUTPUT:
            raise Failed(f"{name} wrote more than {MOST_OUTPUT >> 20} MiB and was stopped")
    return bytes(held)
