"""Files for fontconfig, which reads fonts and its configuration from files alone."""

from __future__ import annotations

import os
import tempfile
from functools import cached_property
from pathlib import Path

from helpa_overlays import bundled

PREFIX = "bundled:"

CONFIGURATION = Path(__file__).parent / "fonts.conf"
"""The machine's own, where there is one, but letters are shaped alike on every machine: one URL has
one answer, whichever instance makes it."""


class FontFiles:
    """The fonts of :mod:`helpa_overlays.bundled` in files, which have no names where that can be.

    They are made once, in the process that workers are forked from: workers may write no file, and
    a file without a name leaves nothing behind, whatever ends the processes.
    """

    def __init__(self) -> None:
        self._paths = {name: self._file(name, bundled.data(name)) for name in bundled.FONTS}

    def path(self, source: str) -> str:
        """Return the path of a font's file, by the source that planning gave it."""
        return self._paths[source.removeprefix(PREFIX)] if source.startswith(PREFIX) else source

    @cached_property
    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="helpa-fonts-")

    def _file(self, name: str, data: bytes) -> str:
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create(name)
            path = f"/proc/self/fd/{descriptor}"
            if Path(path).exists():
                with open(descriptor, "wb", closefd=False) as file:
                    file.write(data)
                return path
            os.close(descriptor)
        named = Path(self._folder.name) / name
        named.write_bytes(data)
        return str(named)


def configure() -> None:
    """Have fontconfig read :data:`CONFIGURATION`, in this process and its workers.

    A configuration that the environment names is left alone, if there is one.
    """
    named = os.environ.get("FONTCONFIG_FILE")
    folder = os.environ.get("FONTCONFIG_PATH")
    if named is None and folder is not None:
        named = str(Path(folder) / "fonts.conf")
    if named is None or not Path(named).is_file():
        os.environ["FONTCONFIG_FILE"] = str(CONFIGURATION)
