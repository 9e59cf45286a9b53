"""Replies kept under an Idempotency-Key, written in the transaction of the change itself."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from helpa.core.database.engine import Database, now_ms
from helpa.core.database.schema import idempotency
from helpa.core.errors import Unprocessable, invalid

KEPT_SECONDS = 24 * 3600


IMAGE_ID = re.compile(r'"id": "([A-Za-z0-9_-]{22})"')


LOOKS = ("thumbhash", "dominant_color", "sha256")
"""What an image document says of pixels."""


FORGOTTEN = ""
"""In place of a fingerprint: whatever comes with the key is taken for the request."""


def erase(connection: Connection, owner: str, pictures: Iterable[str]) -> None:
    """Forget what was answered to somebody, and to others about some pictures.

    Args:
        connection: a writing connection.
        owner: who.
        pictures: ids.
    """
    connection.execute(delete(idempotency).where(idempotency.c.owner == owner))
    gone = set(pictures)
    rows = connection.execute(select(idempotency.c.owner, idempotency.c.key, idempotency.c.body))
    held = [(row.owner, row.key) for row in rows if not gone.isdisjoint(IMAGE_ID.findall(row.body))]
    for whose, key in held:
        connection.execute(
            delete(idempotency).where(idempotency.c.owner == whose, idempotency.c.key == key)
        )


def blank(connection: Connection, image_id: str) -> None:
    """Take out of kept answers what an image's pixels looked like; the answers stay.

    The fingerprint of an upload hangs on the bytes that came: it would tell a right guess at them
    from a wrong one, here and to whoever repeats the request.
    """
    rows = connection.execute(
        select(idempotency.c.owner, idempotency.c.key, idempotency.c.body).where(
            idempotency.c.body.contains(image_id, autoescape=True)
        )
    ).all()
    for row in rows:
        body = json.loads(row.body)
        for document in _documents(body):
            if document.get("id") == image_id:
                document.update({name: "" for name in LOOKS if document.get(name)})
        connection.execute(
            update(idempotency)
            .where(idempotency.c.owner == row.owner, idempotency.c.key == row.key)
            .values(body=json.dumps(body), fingerprint=FORGOTTEN)
        )


def _documents(body: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects in an answer."""
    if isinstance(body, dict):
        yield body
        for value in body.values():
            yield from _documents(value)
    elif isinstance(body, list):
        for value in body:
            yield from _documents(value)


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply given before."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Promise:
    """That one key stands for one request.

    Args:
        owner: who sent it.
        key: as the header said it.
        fingerprint: hash of what makes the request this one.
    """

    owner: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, owner: str, key: str, *parts: str) -> Promise:
        """Return the promise of a request.

        Raises:
            InvalidValue: the key is not 1–255 printable ASCII characters.
        """
        if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
            raise invalid("Idempotency-Key", key, "1–255 printable ASCII characters")
        return cls(owner, key, hashlib.sha256("\0".join(parts).encode()).hexdigest())

    async def kept(self, database: Database) -> Kept | None:
        """Return the reply given to this request before, or None.

        Raises:
            Unprocessable: the key was used for another request.
        """
        row = await database.point(
            "SELECT fingerprint, status, body FROM idempotency WHERE owner = ? AND key = ?",
            self.owner,
            self.key,
        )
        if row is None:
            return None
        if row["fingerprint"] not in (FORGOTTEN, self.fingerprint):
            raise Unprocessable(
                "This Idempotency-Key was used for another request.",
                field="Idempotency-Key",
                given=self.key,
                allowed="a new key for a new request",
            )
        return Kept(row["status"], json.loads(row["body"]))

    def keep(self, connection: Connection, status: int, body: Any) -> None:
        """Remember the reply, in the transaction that makes it true."""
        connection.execute(
            insert(idempotency).values(
                owner=self.owner,
                key=self.key,
                fingerprint=self.fingerprint,
                status=status,
                body=json.dumps(body),
                created_at=now_ms(),
            )
        )
