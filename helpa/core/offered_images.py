"""Images, as a running server offers them to plugins; see :mod:`helpa.core.image_service`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from helpa.core.access import Allowed, managed, visible
from helpa.core.actor import Actor
from helpa.core.api.documents import Documents
from helpa.core.database import images, layers, listing, revisions
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.errors import Conflict, NotFound
from helpa.core.files import DataDir
from helpa.core.identity import Identity
from helpa.core.image_service import OwnedImage
from helpa.core.operations import Layer
from helpa.core.records import Records
from helpa.core.revising import Revising
from helpa.core.stored_image import RevisionRow, StoredImage, Work
from helpa.core.stored_layer import LayerVersion

OWNERS = frozenset({"images:read", "originals:read"})
"""What the document of somebody's own image tells them; signed links are not for keeping."""

PAGE = 100


class OfferedImages:
    """Images, as plugins see them."""

    def __init__(
        self,
        plugin: str,
        *,
        database: Database,
        records: Records,
        documents: Documents,
        files: DataDir,
        revising: Revising,
        allowed: Allowed,
    ) -> None:
        self._plugin = plugin
        self._database = database
        self._records = records
        self._documents = documents
        self._files = files
        self._revising = revising
        self._allowed = allowed

    async def get(self, image_id: str, viewer: Identity | None) -> dict[str, Any]:
        """Return an image document."""
        return self._documents.image(await visible(self._records, image_id, viewer), viewer)

    async def recent(self, viewer: Identity, limit: int) -> list[dict[str, Any]]:
        """Return the newest images of the viewer and their teams."""
        page = await self._database.read(
            lambda c: listing.page(c, viewer.owner, shared=viewer.teams, limit=limit)
        )
        return [self._documents.image(record, viewer) for record in page.records]

    async def shown(self, image_id: str, owner: str, **params: str) -> str:
        """Return the URL of a rendition of somebody's image that they show to others."""
        record = await self._records.get(image_id)
        if record is None or record.owner != owner or record.visibility == "private":
            raise NotFound("There is no such image.")
        shows = Identity("", "", frozenset({"links:write"}), owner)
        return self._documents.link(record, shows, exact=True)(**params)

    async def owned(self, account: str) -> AsyncIterator[OwnedImage]:
        """Yield every image of an account."""
        owner = Identity("", "", OWNERS, account)
        cursor = None
        while True:
            page = await self._database.read(
                lambda c, at=cursor: listing.page(c, account, limit=PAGE, cursor=at)  # type: ignore[misc]
            )
            for record in page.records:
                yield OwnedImage(
                    self._documents.image(record, owner), self._files.original(record.blob)
                )
            cursor = page.cursor
            if cursor is None:
                return

    def document(
        self, connection: Connection, image_id: str, viewer: Identity | None
    ) -> dict[str, Any]:
        """Return an image document as the transaction at hand sees it."""
        record = images.get(connection, image_id)
        if record is None:
            raise NotFound("There is no such image.")
        return self._documents.image(record, viewer)

    async def managed(self, image_id: str, viewer: Identity | None, scope: str) -> StoredImage:
        """Return an image that somebody may do to what a scope names."""
        record = await managed(self._records, image_id, viewer, scope, self._allowed)
        return record.stored()

    async def find(self, image_id: str) -> StoredImage | None:
        """Return an image, whoever may see it."""
        record = await self._records.get(image_id)
        return record.stored() if record is not None else None

    async def revise(
        self,
        image_id: str,
        plan: Callable[[StoredImage], Work],
        *,
        keep: Callable[[Connection, StoredImage], None] | None = None,
        **given: Any,
    ) -> tuple[StoredImage, int]:
        """Give an image new pixels."""

        def kept(connection: Connection, record: Record) -> None:
            if keep is not None:
                keep(connection, record.stored())

        record, seq = await self._revising.revise(image_id, plan, keep=kept, **given)
        return record.stored(), seq

    async def look(
        self,
        image_id: str,
        path: str,
        args: Mapping[str, Any],
        *,
        seconds: float,
        frame: int = 0,
    ) -> tuple[dict[str, Any], bytes]:
        """Return what a function finds in an image, called in a worker."""
        return await self._revising.look(image_id, path, args, seconds, frame)

    @staticmethod
    def revisions(connection: Connection, image_id: str) -> list[RevisionRow]:
        """Return an image's revisions, oldest first."""
        return [
            RevisionRow(
                row.revision,
                row.reason,
                row.actor,
                {k: v for k, v in json.loads(row.details).items() if k != "drawings"},
                revisions.state(row),
                row.created_at,
            )
            for row in revisions.of(connection, image_id)
        ]

    def layers(self, connection: Connection, image_id: str) -> list[LayerVersion]:
        """Return every version of the plugin's layers on an image, by name and oldest first."""
        found = layers.versions(connection, image_id)
        return [each for each in found if each.plugin == self._plugin]

    def save_layer(
        self,
        connection: Connection,
        image: StoredImage,
        layer: Layer,
        content: Mapping[str, Any] | None,
        actor: Actor,
    ) -> tuple[int, int]:
        """Store a version of a layer, and have URLs show it from now on."""
        now = images.get(connection, image.id)
        if now is None:
            raise NotFound("There is no such image.")
        if (now.rendition_id, now.layer) != (image.picture.rendition_id, image.layer):
            raise Conflict("The picture was changed meanwhile; look at it and try again.")
        return layers.save(connection, image.id, self._plugin, layer, content, actor.name)

    release = staticmethod(images.release)
    guard = staticmethod(images.guard)
