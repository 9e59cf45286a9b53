"""Letters: written in the transaction of what they tell of, sent until the server took them.

Without a mail server they wait where an administrator sees them, and each is a file in the
plugin's folder, so that none is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

import aiosmtplib
import structlog
from sqlalchemy import Connection, Row, delete, insert, select, update

from helpa import RequestError, Services
from helpa.api import new_id, now_ms
from helpa_accounts.settings import AccountSettings
from helpa_accounts.tables import letters

log = structlog.get_logger("helpa.accounts")

DUE = "SELECT id FROM letters WHERE due_at <= ? LIMIT 1"

LOOK_EVERY = 2.0
SEND_SECONDS = 30.0
LEASE_MS = 120_000
"""How long a letter is left to who has begun to send it."""

PAUSES = (10, 60, 300, 1800, 3600)
"""Seconds between tries; the last is kept to until the link in the letter has ended."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that waits.

    Args:
        id: of it.
        account: whom it is about.
        recipient: an address.
        subject: in a line.
        body: plain text.
        created_at: milliseconds since 1970.
        error: why it was not sent yet, or nothing.
    """

    id: str
    account: str | None
    recipient: str
    subject: str
    body: str
    created_at: int
    error: str


class Letters:
    """Writes letters, and sends them.

    Args:
        services: what the server offers.
        settings: the mail server.
    """

    def __init__(self, services: Services, settings: AccountSettings) -> None:
        self._services = services
        self._settings = settings
        self._woken = asyncio.Event()
        self._tidied = 0.0

    @property
    def sends(self) -> bool:
        """Whether there is a mail server."""
        return bool(self._settings.smtp_host)

    @property
    def folder(self) -> Path:
        """Where letters are that cannot be sent."""
        return self._services.folder() / "letters"

    def write(
        self,
        connection: Connection,
        recipient: str,
        subject: str,
        body: str,
        *,
        account: str | None,
        expires_at: int,
    ) -> None:
        """Write a letter, in the transaction at hand.

        Args:
            connection: a writing connection.
            recipient: an address.
            subject: in a line.
            body: plain text.
            account: whom it is about.
            expires_at: milliseconds since 1970; from then on nobody wants it.
        """
        now = now_ms()
        connection.execute(
            insert(letters).values(
                id=new_id(),
                account=account,
                recipient=recipient,
                subject=subject,
                body=body,
                created_at=now,
                due_at=now,
                attempts=0,
                error="" if self.sends else "There is no mail server (plugin.accounts.smtp_host).",
                expires_at=expires_at,
            )
        )

    @staticmethod
    def waiting(connection: Connection) -> list[Letter]:
        """Return the letters that were not sent and whose links still work, newest first."""
        statement = (
            select(letters)
            .where(letters.c.expires_at > now_ms())
            .order_by(letters.c.created_at.desc(), letters.c.id)
        )
        return [_letter(row) for row in connection.execute(statement)]

    @staticmethod
    def forget(connection: Connection, account_id: str, subject: str | None = None) -> None:
        """Remove what is written about somebody, all of it or what has a subject."""
        statement = delete(letters).where(letters.c.account == account_id)
        if subject is not None:
            statement = statement.where(letters.c.subject == subject)
        connection.execute(statement)

    @contextlib.asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Send letters during the block."""
        self._services.database.on_commit(self._woken.set)
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                while await self._one():
                    pass
                await self._tidy()
            except RequestError as error:  # the database is away
                log.warning("letters.not_looked_at", error=str(error))
            except Exception as error:
                log.error("letters.failed", exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY)

    async def _tidy(self) -> None:
        """Remove the files of letters whose rows are gone: with whom they were about."""
        moment = time.monotonic()
        if moment - self._tidied < LOOK_EVERY:
            return
        self._tidied = moment
        filed = await asyncio.to_thread(lambda: {each.stem for each in self.folder.glob("*.eml")})
        if not filed:
            return
        known = await self._services.database.read(
            lambda c: set(c.execute(select(letters.c.id)).scalars())
        )
        for letter_id in filed - known:
            await asyncio.to_thread(self._unfile, letter_id)

    async def _one(self) -> bool:
        """Send a letter that is due; whether there was one."""
        database = self._services.database
        if await database.point(DUE, now_ms()) is None:
            return False  # looking takes no write lock
        row = await database.write(_claim)
        if row is None:
            return False
        letter = _letter(row)
        if row.expires_at <= now_ms():
            await database.write(lambda c: _remove(c, letter.id))
            await asyncio.to_thread(self._unfile, letter.id)
            return True
        if not self.sends:
            await asyncio.to_thread(self._file, letter)
            # It is looked at again when nobody wants it any more.
            await database.write(lambda c: _postpone(c, letter.id, row.expires_at, letter.error))
            return True
        try:
            await self._send(letter)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            reason = f"{type(error).__name__}: {error}"
            pause = PAUSES[min(row.attempts, len(PAUSES)) - 1]
            due = min(now_ms() + pause * 1000, row.expires_at)
            await database.write(lambda c: _postpone(c, letter.id, due, reason))
            # Mail servers say whom they refuse; a log is not erased with them.
            said = reason.replace(letter.recipient, "…")
            log.error("letter.not_sent", letter=letter.id, attempt=row.attempts, error=said)
            return True
        await database.write(lambda c: _remove(c, letter.id))
        await asyncio.to_thread(self._unfile, letter.id)
        log.info("letter.sent", letter=letter.id)
        return True

    async def _send(self, letter: Letter) -> None:
        settings = self._settings
        await aiosmtplib.send(
            self._message(letter),
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            timeout=SEND_SECONDS,
        )

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()  # refuses line ends in headers
        message["From"] = self._settings.mail_from
        message["To"] = letter.recipient
        message["Subject"] = letter.subject
        message["Date"] = formatdate(letter.created_at / 1000)
        message["Message-ID"] = make_msgid(letter.id, self._settings.mail_from.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        message.set_content(letter.body, cte="8bit")  # a link in it stays whole
        return message

    def _file(self, letter: Letter) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        path = self.folder / f"{letter.id}.eml"
        path.touch(mode=0o600)
        path.write_bytes(self._message(letter).as_bytes())

    def _unfile(self, letter_id: str) -> None:
        (self.folder / f"{letter_id}.eml").unlink(missing_ok=True)


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        row.id, row.account, row.recipient, row.subject, row.body, row.created_at, row.error
    )


def _claim(connection: Connection) -> Row[Any] | None:
    now = now_ms()
    row = connection.execute(
        select(letters)
        .where(letters.c.due_at <= now)
        .order_by(letters.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite knows neither, and needs none
    ).one_or_none()
    if row is None:
        return None
    values = {"due_at": now + LEASE_MS, "attempts": row.attempts + 1}
    connection.execute(update(letters).where(letters.c.id == row.id).values(**values))
    return connection.execute(select(letters).where(letters.c.id == row.id)).one()


def _postpone(connection: Connection, letter_id: str, due_at: int, error: str) -> None:
    connection.execute(
        update(letters).where(letters.c.id == letter_id).values(due_at=due_at, error=error[:500])
    )


def _remove(connection: Connection, letter_id: str) -> None:
    connection.execute(delete(letters).where(letters.c.id == letter_id))
