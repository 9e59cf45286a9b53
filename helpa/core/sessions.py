"""Sessions of browsers: a token in a cookie that no script can read, its row on the server."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection
from starlette.requests import Request, cookie_parser
from starlette.responses import Response

from helpa.core import tokens
from helpa.core.actor import Actor
from helpa.core.audit.journal import Journal
from helpa.core.database import accounts
from helpa.core.database.engine import Database, now_ms
from helpa.core.errors import Forbidden
from helpa.core.identity import Identity, Refused
from helpa.core.people import ACTIVE
from helpa.core.permissions import Permissions
from helpa.core.settings_sessions import SessionSettings

DAY = 24 * 3600

DEVICE_MOST = 200
"""Characters of a User-Agent that are kept: enough to tell one device from another."""


class Sessions:
    """Begins, reads and ends sessions.

    Args:
        database: where they are.
        permissions: what roles may do.
        journal: told of their beginning and end.
        settings: how long they last.
        secure: whether the world reaches this server by HTTPS.
    """

    def __init__(
        self,
        database: Database,
        permissions: Permissions,
        journal: Journal,
        settings: SessionSettings,
        *,
        secure: bool,
    ) -> None:
        self._database = database
        self._permissions = permissions
        self._journal = journal
        self._settings = settings
        self._secure = secure
        # The prefix makes browsers refuse the cookie from anywhere but this host over HTTPS.
        self.cookie = "__Host-helpa_session" if secure else "helpa_session"

    def text(self, headers: Mapping[str, str]) -> str | None:
        """Return the token a browser sent, or None."""
        return cookie_parser(headers.get("cookie", "")).get(self.cookie)

    async def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Return whose session a request belongs to, or None.

        A cookie that has run out counts as no cookie. A browser goes on sending it, so refusing it
        would lock its owner out of what everybody may see, and out of the page to sign in.
        """
        text = self.text(headers)
        if text is None:
            return None
        idle = self._settings.idle_days * DAY * 1000
        found = await tokens.check(
            self._database, text, self._permissions, kind=tokens.SESSION, idle_ms=int(idle)
        )
        return None if isinstance(found, Refused) else found

    def begin(
        self, connection: Connection, request: Request, account_id: str, actor: Actor, method: str
    ) -> str:
        """Begin a session, in the transaction at hand; one that the browser has already ends.

        Args:
            connection: a writing connection.
            request: of the browser.
            account_id: whose it is.
            actor: with the address and the device of the browser.
            method: how they signed in: ``password``, ``passkey``, ``oidc:<provider>``.

        Returns:
            The text for :meth:`hand`.

        Raises:
            Forbidden: the account is disabled, or gone.
        """
        account = accounts.get(connection, account_id)
        if account is None or account.state != ACTIVE:
            raise Forbidden("This account is disabled. Ask an administrator.")
        # A session that was begun before somebody signed in must not become theirs (fixation).
        self.end(connection, request, actor)
        data = {"method": method, "device": actor.device[:DEVICE_MOST],
                "address": self._journal.address(actor.address)}  # fmt: skip
        made = tokens.create(
            connection,
            "browser",
            (),
            owner=account_id,
            kind=tokens.SESSION,
            expires_in=self._settings.days * DAY,
            data=data,
        )
        self._journal.record(
            connection,
            Actor(f"account:{account_id}", "", actor.request, actor.address, actor.device),
            "session.begin",
            f"session:{made.id}",
            details={"account": account_id, "method": method},
        )
        return made.text

    def hand(self, response: Response, text: str) -> None:
        """Hand a new session to the browser."""
        response.set_cookie(
            self.cookie,
            text,
            max_age=int(self._settings.days * DAY),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def end(self, connection: Connection, request: Request, actor: Actor) -> Identity | None:
        """End the session of a browser; whose it was, or None where there was none."""
        ended = self._end(connection, request)
        if ended is not None:
            details = {"account": ended.owner}
            self._journal.record(
                connection, actor, "session.end", f"session:{ended.id}", details=details
            )
        return ended

    def _end(self, connection: Connection, request: Request) -> Identity | None:
        text = self.text(request.headers)
        held = tokens.peek(connection, text, kind=tokens.SESSION) if text else None
        if held is None or tokens.revoke(connection, held.id) is None:
            return None
        return Identity(held.id, "", owner=held.owner, kind="session")

    def forget(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(
            self.cookie, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def fresh(self, connection: Connection, session_id: str) -> bool:
        """Whether somebody signed in a moment ago, so that what is grave may be asked of them."""
        begun = tokens.begun(connection, session_id)
        # A clock that was set back makes no session fresh.
        return begun is not None and 0 <= now_ms() - begun < self._settings.fresh_minutes * 60_000
