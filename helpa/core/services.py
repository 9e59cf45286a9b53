"""What a running server offers its plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from helpa.core.actor import Actor
from helpa.core.database.engine import Database
from helpa.core.identity import DEFAULT_SCOPES, Identity, Refused

if TYPE_CHECKING:
    from sqlalchemy import Connection  # which `import helpa` does not wait for


class TokenService(Protocol):
    """Tokens of plugins that keep sessions or single-use links."""

    async def create(
        self,
        name: str,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        *,
        owner: str = "local",
        kind: str = "api",
        expires_in: float | None = None,
    ) -> str:
        """Add a token and return its text, which is shown this once."""

    async def check(self, text: str, *, kind: str) -> Identity | Refused:
        """Return whose token a text is, or why it is refused."""

    async def consume(self, text: str, *, kind: str) -> Identity | None:
        """Take a single-use token; whose it was, or None where it is not valid."""

    async def revoke(self, token_id: str) -> None:
        """End a token."""


class ImageService(Protocol):
    """Images as plugins see them: documents, as the HTTP API answers them."""

    async def get(self, image_id: str, viewer: Identity | None) -> dict[str, Any]:
        """Return an image document.

        Raises:
            NotFound: no such image for this viewer.
        """

    async def recent(self, viewer: Identity, limit: int) -> list[dict[str, Any]]:
        """Return the viewer's newest images."""


class FetchService(Protocol):
    """The one guarded way to other servers: see docs/sources.md for what it refuses."""

    async def fetch(
        self,
        url: str,
        into: Path,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        conditions: Mapping[str, str] | None = None,
    ) -> Mapping[str, str] | None:
        """Fetch a URL into a new file; return the answer's headers, by lower-case name.

        Args:
            url: http or https.
            into: the file; there must be none yet.
            max_bytes: of the body.
            headers: sent to the server the URL names, and to none it redirects to.
            conditions: If-None-Match or If-Modified-Since; then None is 304.

        Raises:
            RequestError: it may not be fetched, or its server failed; no file is left.
        """


class JournalService(Protocol):
    """The audit log and events: one call in the transaction of each change."""

    def record(
        self,
        connection: Connection,
        actor: Actor,
        action: str,
        target: str,
        *,
        result: str = "ok",
        details: Mapping[str, Any] | None = None,
        personal: Mapping[str, Any] | None = None,
        event: bool = True,
    ) -> None:
        """Add an entry, and an event, in the transaction at hand.

        Args:
            connection: a writing connection; what is written is kept or lost with its transaction.
            actor: who did it.
            action: what, as noun and verb: ``image.delete``.
            target: to which object: ``image:<id>``, ``account:<id>``.
            result: ``ok`` or ``refused``.
            details: JSON values that are nobody's in person; they stay for ever, and plugins are
                told of them in the event.
            personal: JSON values of a person, such as an e-mail address; they go when the person
                is erased, and are not in the event.
            event: whether plugins are told; what only shows something is no event.
        """


@dataclass(frozen=True)
class Services:
    """What a plugin is given when it registers routes, starts, or is asked who somebody is.

    Args:
        plugin: its name.
        settings: its parsed settings, or None where it has none.
        public_url: what absolute links begin with.
        tokens: see :class:`TokenService`.
        images: see :class:`ImageService`.
        fetcher: see :class:`FetchService`.
        database: open while the server runs; see :class:`~helpa.core.database.engine.Database`.
        journal: see :class:`JournalService`.
        max_upload_bytes: limit of one file.
        formats: names of the formats renditions come in.
        announce: shows a line to whoever started the server: ``announce("Sign in", url)``.
        identify: returns who sent a request, from its raw headers.
        secrets: keys for a purpose, from those that all instances sign with: the first makes, each
            is taken, for after a rotation both are in use for a while. At least one.
        menu: (label, path) of the pages that somebody may open and that have a label, in order.
    """

    plugin: str
    settings: Any
    public_url: str
    tokens: TokenService
    images: ImageService
    fetcher: FetchService
    database: Database
    journal: JournalService
    max_upload_bytes: int
    formats: Mapping[str, str]
    announce: Callable[[str, str], None]
    identify: Callable[[Any], Any]
    secrets: Callable[[str], Sequence[bytes]]
    menu: Callable[[Identity | None], Sequence[tuple[str, str]]]

    def secret(self, purpose: str) -> bytes:
        """Return the key for a purpose that makes; 32 bytes, the same on every instance."""
        return self.secrets(purpose)[0]
