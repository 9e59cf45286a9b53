"""``GET /api/images/{id}/original``: the only way to the bytes that were uploaded."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from helpa.core.api.acting import actor_of
from helpa.core.api.bodies import query
from helpa.core.api.images import ImagesApi
from helpa.core.api.models import PROBLEMS, Body, Text
from helpa.core.audit.journal import Journal
from helpa.core.database import revisions
from helpa.core.database.engine import Database
from helpa.core.database.revisions import Original
from helpa.core.errors import NotFound
from helpa.core.files import DataDir
from helpa.core.routes import Route
from helpa.core.sealing import Seals

REASON = r"^[^\u0000]*[^\s\u0000][^\u0000]+[^\s\u0000][^\u0000]*$"
"""Three characters or more, blanks around them not counted; no database keeps a NUL."""


def _reason(value: str) -> str:
    if re.search(REASON, value) is None:
        raise ValueError("3 characters or more, blanks around them not counted, without NUL")
    return value.strip()


class OriginalQuery(Body):
    """Why an original is wanted."""

    # What the schema says is looked at as it came, so that the two cannot disagree.
    model_config = ConfigDict(str_strip_whitespace=False)

    reason: Annotated[Text, Field(max_length=500), AfterValidator(_reason)] = Field(
        description="Why it is needed; the audit log keeps it.",
        json_schema_extra={"pattern": REASON},
    )


class OriginalsApi:
    """The route of originals.

    Args:
        images: finds the caller's images.
        database: where the log is.
        files: where originals are.
        seals: those kept encrypted.
        journal: told of every one that is handed out, before it is.
    """

    def __init__(
        self,
        *,
        images: ImagesApi,
        database: Database,
        files: DataDir,
        seals: Seals,
        journal: Journal,
    ) -> None:
        self._images = images
        self._database = database
        self._files = files
        self._seals = seals
        self._journal = journal

    def routes(self) -> list[Route]:
        """Return the route."""
        return [
            Route(
                "GET",
                "/api/images/{id}/original",
                self.get,
                "originals:read",
                "Fetch the bytes that were uploaded, for a reason that the audit log keeps.",
                query=OriginalQuery,
                replies={200: "The file, as an attachment.", **PROBLEMS},
            )
        ]

    async def get(self, request: Request) -> Response:
        """Answer with an original."""
        reason = query(request, OriginalQuery).reason
        record = await self._images.mine(request, "originals:read")
        original = await self._database.read(lambda c: revisions.original(c, record))
        content = await asyncio.to_thread(self._content, record.id, original)
        actor = actor_of(request)
        await self._database.write(
            lambda c: self._journal.record(
                c,
                actor,
                "image.original",
                f"image:{record.id}",
                details={"revision": record.revision},
                personal={"reason": reason},
                event=False,
            )
        )
        name = record.filename or f"{record.id}.{original.uploaded}"
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "private, no-store",
        }
        kind = "application/octet-stream"  # never shown in a browser, whatever it is
        if isinstance(content, bytes):
            return Response(content, media_type=kind, headers=headers)
        return FileResponse(content, media_type=kind, headers=headers)

    def _content(self, image_id: str, original: Original) -> Path | bytes:
        """Return the file, or what was sealed.

        Raises:
            NotFound: it was destroyed.
        """
        if original.sealed is not None:
            return self._seals.open(image_id, original.sealed)
        path = self._files.original(original.blob) if original.blob is not None else None
        if path is None or not path.is_file():
            raise NotFound("The original of this image was destroyed.")
        return path
