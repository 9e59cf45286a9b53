"""Everything that is kept of somebody, as a zip that is made while it is sent."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from helpa import Account, Actor, Forbidden, HeldToken, Identity, NotFound, OwnedImage, Services
from helpa.api import timestamp

STALE = "Sign out and in again first: this is done only within some minutes after signing in."

PIECE = 1 << 20
"""Bytes that are read of a file, or gathered of small ones, before they are sent on."""

ENTRIES_AT_ONCE = 500

README = """\
Everything that this server keeps of {name}, as of {moment}.

account.json   the account
teams.json     the teams it belongs to
tokens.json    tokens for programs, without their secrets
sessions.json  browsers that are signed in
kept/          what each part of the server keeps besides, the profile too
images/        a document of each picture, and the file that was uploaded
audit.jsonl    what the audit log says of what you did, and of what was done to your account
"""


class Export:
    """Makes exports.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def reply(self, identity: Identity, actor: Actor) -> Response:
        """Return the answer that is the zip.

        Nothing of it is written to a disk, and no more than a piece of a file is held at a time.

        Raises:
            Forbidden: the caller has not signed in a moment ago.
            NotFound: there is no account.
        """
        moment = datetime.now(UTC)

        def begin(connection: Connection) -> tuple[Account, dict[str, Any]]:
            check_fresh(self._services, connection, identity)
            account = self._services.accounts.get(connection, identity.owner)
            if account is None or account.state == "erased":
                raise NotFound("There is no such account.")
            documents = self._documents(connection, account)
            self._services.journal.record(
                connection, actor, "account.export", f"account:{account.id}"
            )
            return account, documents

        account, documents = await self._services.database.write(begin)
        documents = {
            "README.txt": README.format(name=account.name, moment=moment.isoformat(" ", "minutes")),
            **documents,
        }
        return StreamingResponse(
            self._zipped(account.id, documents),
            media_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="helpa-{moment:%Y-%m-%d}.zip"',
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _documents(self, connection: Connection, account: Account) -> dict[str, Any]:
        services = self._services
        teams = services.accounts.teams_of(connection, account.id)
        documents: dict[str, Any] = {
            "account.json": {
                "id": account.id,
                "email": account.email,
                "name": account.name,
                "role": account.role,
                "state": account.state,
                "created_at": timestamp(account.created_at),
            },
            "teams.json": [{"id": team.id, "name": team.name} for team in teams],
        }
        for name, kind in (("tokens", "api"), ("sessions", "session")):
            held = services.tokens.held(connection, owner=account.id, kind=kind)
            documents[f"{name}.json"] = [_token(each) for each in held]
        for each in services.personal_data():
            documents[f"kept/{each.name}.json"] = each.export(connection, account.id)
        return documents

    async def _zipped(self, account_id: str, documents: dict[str, Any]) -> AsyncIterator[bytes]:
        sink = _Sink()
        # Packing megabytes takes a while: never on the event loop.
        archive = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED)
        for name, value in documents.items():
            archive.writestr(name, value if isinstance(value, str) else _pretty(value))
        yield sink.take()
        async for image in self._services.images.owned(account_id):
            async for piece in self._image(archive, sink, image):
                yield piece
        with archive.open("audit.jsonl", "w", force_zip64=True) as lines:
            async for block in self._entries(account_id):
                await asyncio.to_thread(lines.write, block)
                yield sink.take()
        archive.close()
        yield sink.take()

    async def _image(
        self, archive: zipfile.ZipFile, sink: _Sink, image: OwnedImage
    ) -> AsyncIterator[bytes]:
        document = image.document
        name = f"images/{document['id']}"
        archive.writestr(f"{name}.json", _pretty(document))
        try:
            file = await asyncio.to_thread(image.original.open, "rb")
        except FileNotFoundError:
            return  # deleted since
        with file:
            # The file name is the sender's: it must not lead out of the folder it is unpacked to.
            entry = zipfile.ZipInfo(f"{name}.{document['format']}")
            entry.compress_type = zipfile.ZIP_STORED  # pictures are packed already
            with archive.open(entry, "w", force_zip64=True) as packed:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    packed.write(piece)
                    yield sink.take()

    async def _entries(self, account_id: str) -> AsyncIterator[bytes]:
        lines: list[str] = []
        async for entry in self._services.entries_of(account_id):
            lines.append(json.dumps(entry, ensure_ascii=False) + "\n")
            if len(lines) == ENTRIES_AT_ONCE:
                yield "".join(lines).encode()
                lines.clear()
        yield "".join(lines).encode()


class _Sink(io.RawIOBase):
    """What a zip is written to, piece by piece; it is taken away as it comes."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        held = bytes(self._held)
        self._held.clear()
        return held


def check_fresh(services: Services, connection: Connection, identity: Identity) -> None:
    """Insist that somebody has signed in a moment ago.

    Raises:
        Forbidden: it was too long ago, or a token asks.
    """
    if identity.kind != "session":
        raise Forbidden("This is done in a browser that is signed in, not with a token.")
    if not services.sessions.fresh(connection, identity.id):
        raise Forbidden(STALE)


def _token(held: HeldToken) -> dict[str, Any]:
    def moment(value: int | None) -> str | None:
        return timestamp(value) if value is not None else None

    return {
        "id": held.id,
        "name": held.name,
        "scopes": list(held.scopes),
        "created_at": timestamp(held.created_at),
        "expires_at": moment(held.expires_at),
        "used_at": moment(held.used_at),
        "data": held.data,
    }


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=list) + "\n"
