"""Functions for workers to run in tests: they report, wait, fail, crash and grow."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any


def report(image: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Return who works and what it was given."""
    time.sleep(args.get("seconds", 0))
    if "note" in args:
        # Workers may write no file; a folder is none.
        Path(args["note"]).mkdir(exist_ok=True)
    return {"pid": os.getpid(), "name": args.get("name"), "width": image.width}


def crash(image: Any, args: dict[str, Any]) -> dict[str, Any]:
    """End the worker without an answer."""
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def crash_once(image: Any, args: dict[str, Any]) -> dict[str, Any]:
    """End the first worker that comes here, and serve the second."""
    note = Path(args["note"])
    if not note.exists():
        note.mkdir()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"pid": os.getpid()}


def grow(image: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Ask for more memory than there is."""
    return {"bytes": len(bytearray(args["bytes"]))}


def write(image: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Try to write a file."""
    try:
        Path(args["path"]).write_bytes(b"written")
    except OSError as error:
        return {"error": type(error).__name__}
    return {"error": None}


def fail(image: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Raise what no one expects."""
    raise LookupError("a broken plugin")
