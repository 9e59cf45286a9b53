"""What a running server offers its plugins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from helpa.core.actor import Actor
from helpa.core.credentials import HeldToken, IssuedToken, SingleUse
from helpa.core.database.engine import Database
from helpa.core.identity import LOCAL, Identity, Refused
from helpa.core.image_service import ImageService
from helpa.core.permissions import DEFAULT_SCOPES, Permission

if TYPE_CHECKING:
    from sqlalchemy import Connection  # which `import helpa` does not wait for
    from starlette.responses import Response

    from helpa.core.accounts import Accounts
    from helpa.core.sessions import Sessions


class TokenService(Protocol):
    """Tokens: those of the API, and of plugins that keep sessions or single-use links.

    Methods that take a connection run in its transaction.
    """

    def create(
        self,
        connection: Connection,
        name: str,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        *,
        owner: str = LOCAL,
        kind: str = "api",
        expires_in: float | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> IssuedToken:
        """Add a token.

        Args:
            connection: a writing connection.
            name: what its holder calls it.
            scopes: what it allows, as far as the account it is for may itself.
            owner: the account it is for.
            kind: ``api``, ``session``, or a name of the plugin's own.
            expires_in: seconds it lives; None is for ever.
            data: JSON values kept with it.
        """

    async def check(self, text: str, *, kind: str) -> Identity | Refused:
        """Return whose token a text is, or why it is refused."""

    async def limited(self, token_id: str, scopes: Iterable[str]) -> Identity | Refused:
        """Return whose a token or a session is, with no more than some scopes, by a point read.

        For what a plugin makes of either: it ends and narrows with it.

        Args:
            token_id: of a token of the API or a session.
            scopes: what is allowed, as far as the token and its account still allow it.
        """

    def find(self, connection: Connection, token_id: str) -> HeldToken | None:
        """Return a token by id, whether it holds or not."""

    def consume(self, connection: Connection, text: str, *, kind: str) -> SingleUse | None:
        """Take a single-use token; None where it is not valid."""

    def peek(self, connection: Connection, text: str, *, kind: str) -> SingleUse | None:
        """Return what :meth:`consume` would, and leave it."""

    def held(
        self, connection: Connection, *, owner: str | None = None, kind: str = "api"
    ) -> list[HeldToken]:
        """Return the tokens of a kind that hold, oldest first; an owner's, or everybody's."""

    def revoke(self, connection: Connection, token_id: str) -> int | None:
        """End a token; the number of its invalidation, or None where none held."""

    def revoke_all(
        self, connection: Connection, owner: str, *, kinds: Iterable[str], but: str = ""
    ) -> int | None:
        """End an owner's tokens of some kinds, but one; the number of the last invalidation."""


class RateService(Protocol):
    """Rates of requests, as ``[rates]`` in the settings says."""

    def take(self, policy: str, key: str) -> object:
        """Count a request.

        Args:
            policy: ``signin_address``, ``signin_account`` or ``signin_total``.
            key: what it is counted under.

        Raises:
            TooManyRequests: that was one too many; answered 429 with Retry-After.
        """


@dataclass(frozen=True)
class PersonalData:
    """What a plugin keeps of people.

    Args:
        name: of its file in an export: ``sessions``.
        export: returns what is kept of an account, as JSON values; called with a reading
            connection and the account's id.
        erase: removes it; called with a writing connection and the account's id, in the
            transaction that erases the account, before the core's own part.
    """

    name: str
    export: Callable[[Connection, str], Any]
    erase: Callable[[Connection, str], None]


Keep = Callable[["Connection", "dict[str, Any] | None"], None]
"""Keeps, in the transaction at hand, what a request with this Idempotency-Key is answered."""

Make = Callable[[Keep], Awaitable["tuple[dict[str, Any] | None, int | None]"]]
"""Makes a change, and in its transaction has the document kept that is answered; returns that, and
the number of the invalidation where it allows less."""


class JobService(Protocol):
    """Work done in the background, of the kinds that a plugin has registered."""

    def enqueue(
        self,
        connection: Connection,
        kind: str,
        payload: Mapping[str, Any],
        *,
        unique_key: str | None = None,
        delay_seconds: float = 0,
    ) -> str | None:
        """Queue a job in the transaction at hand; its id, or None where one of the key waits.

        Args:
            connection: a writing connection.
            kind: of the job.
            payload: JSON values it is given; they stay in the database for a day after it ended.
            unique_key: while a job of this key waits or runs, no second is added.
            delay_seconds: how long to wait before it is due.
        """

    def wake(self) -> None:
        """Have due jobs looked for now."""


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
        images: see :class:`~helpa.core.image_service.ImageService`.
        jobs: see :class:`JobService`.
        accounts: accounts and teams; see :class:`helpa.core.accounts.Accounts`.
        sessions: of browsers; see :class:`helpa.core.sessions.Sessions`.
        rates: see :class:`RateService`.
        permissions: every permission there is, by name.
        allowed: the names of the permissions that a role has here.
        once: returns the reply to a change, which is made once under one Idempotency-Key:
            ``once(request, said, make, status)``, where ``said`` is the request's body in one
            spelling; see :data:`Make`. Where it allows less, the reply is that of ``narrowed``.
        narrowed: returns the reply to a change that allows less, once nobody is shown any more what
            was taken: ``narrowed(seq, document, status)``, 202 where a cache outside may be behind.
        settled: waits until every instance has applied an invalidation, by its number.
        fetcher: see :class:`FetchService`.
        database: open while the server runs; see :class:`~helpa.core.database.engine.Database`.
        journal: see :class:`JournalService`.
        max_upload_bytes: limit of one file.
        formats: names of the formats renditions come in.
        announce: shows a line to whoever started the server: ``announce("Sign in", url)``.
        identify: returns who sent a request, from its raw headers.
        secrets: keys for a purpose, from those that all instances sign with: the first makes, each
            is taken, for after a rotation both are in use for a while. At least one.
        signin: (label, path) of the buttons on the page to sign in, in order.
        folder: for files of the plugin's own, made when it is asked for.
        personal_data: what plugins keep of people, in order.
        entries_of: yields the entries of the audit log by and about an account, as documents.
        farewell: says where a browser goes on to from a session that has ended: the URL of who
            vouched for it, or None.
        menu: (label, path) of the pages that somebody may open and that have a label, in order.
    """

    plugin: str
    settings: Any
    public_url: str
    tokens: TokenService
    images: ImageService
    jobs: JobService
    accounts: Accounts
    sessions: Sessions
    rates: RateService
    permissions: Mapping[str, Permission]
    allowed: Callable[[str], frozenset[str]]
    once: Callable[[Any, str, Make, int], Awaitable[Response]]
    narrowed: Callable[[int, dict[str, Any] | None, int], Awaitable[Response]]
    settled: Callable[[int], Awaitable[None]]
    fetcher: FetchService
    database: Database
    journal: JournalService
    max_upload_bytes: int
    formats: Mapping[str, str]
    announce: Callable[[str, str], None]
    identify: Callable[[Any], Any]
    secrets: Callable[[str], Sequence[bytes]]
    menu: Callable[[Identity | None], Sequence[tuple[str, str]]]
    signin: Callable[[], Sequence[tuple[str, str]]]
    folder: Callable[[], Path]
    personal_data: Callable[[], Sequence[PersonalData]]
    entries_of: Callable[[str], AsyncIterator[dict[str, Any]]]
    farewell: Callable[[Identity], Awaitable[str | None]]

    def secret(self, purpose: str) -> bytes:
        """Return the key for a purpose that makes; 32 bytes, the same on every instance."""
        return self.secrets(purpose)[0]
