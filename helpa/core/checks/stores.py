"""Where renditions and files are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from helpa.core.checks.finding import Finding, size
from helpa.core.checks.installation import Installation, data_dir
from helpa.core.ids import new_id

SLACK = 1.1
"""Files are counted in whole blocks, and a running server may be about to throw some away."""


def check(installation: Installation) -> Iterator[Finding]:
    """Say whether every folder can be written, and how full the cache is."""
    settings = installation.settings
    if settings is None:
        return
    files = data_dir(settings)
    if settings.database is None and not files.database.is_file():
        return  # said by the check of the database
    if not files.root.is_dir():
        advice = "`helpa serve` makes it, and `helpa db upgrade`."
        yield Finding("warn", "stores", f"{files.root} is not there", advice)
        return
    sound = True
    for folder in (files.cache, files.incoming, files.root / "originals", files.root / "levels"):
        reason = _refusal(folder)
        if reason:
            sound = False
            advice = "Give the folder and all in it to the user that Helpa runs as."
            yield Finding("fail", "stores", f"{folder} cannot be written: {reason}", advice)
    taken = _taken(files.cache)
    limit = settings.cache.disk_bytes
    text = f"{size(taken)} of {size(limit)} of renditions on disk"
    if taken > limit * SLACK:
        advice = "A server with this limit throws the oldest away at its start; is this its folder?"
        yield Finding("warn", "stores", text, advice)
    elif sound:
        yield Finding("ok", "stores", text)


def _refusal(folder: Path) -> str | None:
    path = folder / f"doctor-{new_id()}"
    if not folder.is_dir():
        # An older server has not made it; this one does at its start, if the folder above allows.
        makes = not folder.exists() and os.access(folder.parent, os.W_OK)
        return None if makes else "it is no folder"
    try:
        path.touch(exist_ok=False)
        path.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _taken(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(root, name).stat().st_size
            except OSError:
                continue  # thrown away meanwhile
    return total
