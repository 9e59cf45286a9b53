"""What a running server offers its plugins, made of its parts; see :mod:`helpa.core.services`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from helpa.core import tokens
from helpa.core.database import jobs
from helpa.core.database.engine import Database
from helpa.core.fetching import Fetched, Fetcher
from helpa.core.identity import Identity, Refused
from helpa.core.permissions import Permissions


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


class OfferedJobs:
    """Background work, as plugins queue it."""

    enqueue = staticmethod(jobs.enqueue)

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def wake(self) -> None:
        """Have due jobs looked for now."""
        self._wake()
