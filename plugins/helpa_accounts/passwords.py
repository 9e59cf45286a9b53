"""Passwords: argon2id in threads of their own, stored as hashes, checked in equal time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select

from helpa.api import now_ms
from helpa_accounts.settings import AccountSettings
from helpa_accounts.tables import passwords

T = TypeVar("T")

AT_ONCE = 2
"""Hashes computed at a time: each takes 64 MiB and as many threads as it has lanes."""

LONGEST = 1024
"""Characters; argon2 itself takes any number, and its time grows with them."""


class Passwords:
    """Hashes and verifies passwords.

    Args:
        settings: parameters of argon2id.
    """

    def __init__(self, settings: AccountSettings) -> None:
        self._hasher = PasswordHasher(
            settings.argon2_time, settings.argon2_memory, settings.argon2_lanes, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="helpa-argon2")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash of a password, with its parameters and salt."""
        return await self._apart(self._hasher.hash, password)

    async def right(self, known: str | None, password: str) -> bool:
        """Whether a password has a hash; takes as long where there is none to compare with."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        return await self._apart(self._right, known or self._nobody, password) and known is not None

    def _right(self, known: str, password: str) -> bool:
        try:
            return len(password) <= LONGEST and self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False

    def old(self, known: str) -> bool:
        """Whether a hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(known)

    async def _apart(self, work: Callable[..., T], *args: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)


def stored(connection: Connection, account_id: str) -> str | None:
    """Return the hash of an account's password, or None where it has none."""
    statement = select(passwords.c.hash).where(passwords.c.account == account_id)
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found


def store(connection: Connection, account_id: str, hashed: str) -> None:
    """Give an account a password."""
    forget(connection, account_id)
    connection.execute(
        insert(passwords).values(account=account_id, hash=hashed, changed_at=now_ms())
    )


def forget(connection: Connection, account_id: str) -> None:
    """Take an account's password."""
    connection.execute(delete(passwords).where(passwords.c.account == account_id))
