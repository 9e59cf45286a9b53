"""Pictures in a zip archive: ``kind = "zip"`` of ``[[sources]]``."""

from __future__ import annotations

import asyncio
import shutil
import zipfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from helpa import BadGateway, ContentTooLarge, Fetched, Missing, SourceAnswer, Unchanged


class ZipSettings(BaseModel):
    """Which archive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(description="The archive.")


class ZipSource:
    """An archive that has pictures.

    A path is a name in the archive and nothing else, so none leads out of it.

    Args:
        settings: which.
    """

    def __init__(self, settings: ZipSettings) -> None:
        self._path = settings.path.absolute()

    async def fetch(self, path: str, into: Path, *, validator: str, max_bytes: int) -> SourceAnswer:
        """Copy a file out of the archive.

        Raises:
            BadGateway: the archive is not there, or damaged.
            ContentTooLarge: more than ``max_bytes``.
        """
        return await asyncio.to_thread(self._fetch, path, into, validator, max_bytes)

    def _fetch(self, path: str, into: Path, validator: str, max_bytes: int) -> SourceAnswer:
        try:
            return self._copy(path, into, validator, max_bytes)
        except (OSError, RuntimeError, zipfile.BadZipFile) as error:
            into.unlink(missing_ok=True)
            raise BadGateway(f"{self._path.name}: {error}") from None

    def _copy(self, path: str, into: Path, validator: str, max_bytes: int) -> SourceAnswer:
        with zipfile.ZipFile(self._path) as archive:
            try:
                entry = archive.getinfo(path)
            except KeyError:
                return Missing()
            if entry.is_dir() or entry.filename != path:
                return Missing()
            state = f"{entry.CRC:08x}-{entry.file_size}"
            if state == validator:
                return Unchanged()
            # zipfile reads no more than the archive says, so an entry cannot lie about it.
            if entry.file_size > max_bytes:
                raise ContentTooLarge(f"{path} has {entry.file_size} bytes, allowed: {max_bytes}.")
            with archive.open(entry) as file, into.open("xb") as target:
                shutil.copyfileobj(file, target)
        return Fetched(state)
