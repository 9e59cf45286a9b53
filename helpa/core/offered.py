"""What a running server offers its plugins, made of its parts; see :mod:`helpa.core.services`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

from helpa.core import tokens
from helpa.core.access import visible
from helpa.core.api.documents import Documents
from helpa.core.database import images
from helpa.core.database.engine import Database
from helpa.core.errors import NotFound
from helpa.core.fetching import Fetched, Fetcher
from helpa.core.files import DataDir
from helpa.core.identity import Identity, Refused
from helpa.core.permissions import Permissions
from helpa.core.records import Records
from helpa.core.services import OwnedImage

OWNERS = frozenset({"images:read", "originals:read"})
"""What the document of somebody's own image tells them; signed links are not for keeping."""

PAGE = 100


class OfferedTokens:
    """Tokens, as plugins use them."""

    def __init__(self, database: Database, permissions: Permissions) -> None:
        self._database = database
        self._permissions = permissions

    create = staticmethod(tokens.create)
    consume = staticmethod(tokens.consume)
    peek = staticmethod(tokens.peek)
    find = staticmethod(tokens.find)
    held = staticmethod(tokens.held)
    revoke = staticmethod(tokens.revoke)
    revoke_all = staticmethod(tokens.revoke_all)

    async def check(self, text: str, *, kind: str) -> Identity | Refused:
        """Return whose token a text is, or why it is refused."""
        return await tokens.check(self._database, text, self._permissions, kind=kind)

    async def limited(self, token_id: str, scopes: Iterable[str]) -> Identity | Refused:
        """Return whose a token or a session is, with no more than some scopes."""
        return await tokens.limited(self._database, token_id, scopes, self._permissions)


class OfferedFetching:
    """The guarded fetcher, as plugins use it."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def fetch(self, url: str, into: Path, **given: Any) -> Mapping[str, str] | None:
        """Fetch a file; its headers, or None where it has not changed."""
        fetched = await self._fetcher.fetch(url, into, **given)
        return fetched.headers if isinstance(fetched, Fetched) else None


class OfferedImages:
    """Images, as plugins see them."""

    def __init__(
        self, database: Database, records: Records, documents: Documents, files: DataDir
    ) -> None:
        self._database = database
        self._records = records
        self._documents = documents
        self._files = files

    async def get(self, image_id: str, viewer: Identity | None) -> dict[str, Any]:
        """Return an image document."""
        return self._documents.image(await visible(self._records, image_id, viewer), viewer)

    async def recent(self, viewer: Identity, limit: int) -> list[dict[str, Any]]:
        """Return the newest images of the viewer and their teams."""
        page = await self._database.read(
            lambda c: images.page(c, viewer.owner, shared=viewer.teams, limit=limit)
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
                lambda c, at=cursor: images.page(c, account, limit=PAGE, cursor=at)  # type: ignore[misc]
            )
            for record in page.records:
                yield OwnedImage(
                    self._documents.image(record, owner), self._files.original(record.blob)
                )
            cursor = page.cursor
            if cursor is None:
                return
