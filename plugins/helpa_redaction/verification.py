"""Checking a served picture against its manifest, pixel by pixel where something was filled."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpa import Unprocessable

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Args:
        text: in a line.
        problems: what is wrong, in sentences.
    """

    text: str
    problems: tuple[str, ...] = ()


async def check(picture: Path, manifest: Mapping[str, Any]) -> Verdict:
    """Compare a picture with a manifest whose signature was checked.

    Args:
        picture: a file, the whole picture in any size and format, without its annotation.
        manifest: what was done to it.

    Raises:
        Unprocessable: it cannot be read.
    """
    # A picture from anywhere is decoded in a process of its own, as the server does it.
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "helpa_redaction.draw.compare", str(picture),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await child.communicate(json.dumps(dict(manifest)).encode())
    except TimeoutError:
        child.kill()
        await child.wait()
        raise Unprocessable(f"Comparing took longer than {SECONDS:.0f} s.") from None
    try:
        found = json.loads(said)
        return Verdict(found["text"], tuple(found["problems"]))
    except (ValueError, KeyError, TypeError):
        raise Unprocessable("The picture cannot be read.") from None
