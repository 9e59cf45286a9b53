"""Versions of what Helpa stands on."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator

import helpa
from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation

LIBVIPS = (8, 18, 4)
"""8.18.3 repairs heap overflows and reads out of bounds, 8.18.4 what that broke of HEIC."""


def check(installation: Installation) -> Iterator[Finding]:
    """Name the versions; warn of a libvips with known holes."""
    parts = [
        f"Helpa {helpa.__version__}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    codecs = installation.codecs()
    if isinstance(codecs, str):
        yield Finding("ok", "versions", ", ".join(parts))
        yield Finding(
            "fail",
            "libvips",
            f"cannot be loaded: {codecs}",
            "Install pyvips and pyvips-binary again, into the environment that Helpa runs in.",
        )
        return
    parts += [f"{name} {codecs[name]}" for name in ("libvips", "pyvips", "pillow")]
    yield Finding("ok", "versions", ", ".join(parts))
    have = tuple(int(part) for part in codecs["libvips"].split("."))
    if have < LIBVIPS:
        wanted = ".".join(map(str, LIBVIPS))
        yield Finding(
            "warn",
            "libvips",
            f"{codecs['libvips']} has memory errors that later ones have repaired",
            f"Update pyvips-binary, or the system's libvips, to {wanted} or newer.",
        )
