"""Links that work once: to set a server up, to accept an invitation, to choose a new password.

The code stands in the fragment: no server, log or link previewer ever sees it there, and only a
page that runs its script, or a person who pastes it, sends it back.
"""

from __future__ import annotations

from sqlalchemy import Connection

from helpa import Actor, Services, SingleUse
from helpa.api import now_ms
from helpa_accounts.letters import Letters
from helpa_accounts.settings import AccountSettings

SETUP, INVITATION, RESET = "setup", "invitation", "reset"
"""Kinds of their tokens, and the pages they lead to."""

SUBJECTS = {INVITATION: "You are invited to Helpa", RESET: "Choose a new password for Helpa"}

HOUR = 3600

AGAIN_MS = 5 * 60 * 1000
"""How long after a link to reset a password whoever asks for one is sent no other."""


class Links:
    """Makes and takes links.

    Args:
        services: what the server offers.
        settings: how long they work.
        letters: sends them.
    """

    def __init__(self, services: Services, settings: AccountSettings, letters: Letters) -> None:
        self._tokens = services.tokens
        self._journal = services.journal
        self._accounts = services.accounts
        self._base = services.public_url
        self._letters = letters
        self._hours = {
            SETUP: settings.setup_hours,
            INVITATION: settings.invitation_hours,
            RESET: settings.reset_hours,
        }

    def setup(self, connection: Connection) -> str | None:
        """Return a new link that makes the first administrator; None where there is an account.

        Those shown before end: whoever finds one in an old log finds nothing.
        """
        self._tokens.revoke_all(connection, "", kinds=(SETUP,))
        return self._new(connection, SETUP, "") if self._accounts.empty(connection) else None

    def invite(self, connection: Connection, actor: Actor, account_id: str) -> str:
        """Invite somebody whose account was made, by letter; return the link.

        Invitations sent before end.
        """
        link, account = self._renewed(connection, INVITATION, account_id)
        self._record(connection, actor, "account.invite", account_id)
        if account is not None:
            self._letters.write(
                connection,
                account,
                SUBJECTS[INVITATION],
                "You are invited to share pictures on Helpa.\n\n"
                f"Open this link to choose a password:\n\n{link}\n\n"
                f"It works once, for {_span(self._hours[INVITATION])}.\n",
                account=account_id,
                expires_at=self._ends(INVITATION),
            )
        return link

    def reset(self, connection: Connection, actor: Actor, account_id: str) -> str:
        """Let somebody choose a new password, by letter; return the link.

        Links sent before end.
        """
        link, account = self._renewed(connection, RESET, account_id)
        self._record(connection, actor, "password.reset", account_id)
        if account is not None:
            self._letters.write(
                connection,
                account,
                SUBJECTS[RESET],
                "Somebody, perhaps you, asked for a new password on Helpa.\n\n"
                f"Open this link to choose one:\n\n{link}\n\n"
                f"It works once, for {_span(self._hours[RESET])}. "
                "If it was not you, do nothing: your password stays as it is.\n",
                account=account_id,
                expires_at=self._ends(RESET),
            )
        return link

    def sent_lately(self, connection: Connection, account_id: str) -> bool:
        """Whether somebody was sent a link to reset their password a moment ago that works.

        Anybody may ask for one: neither a heap of letters nor the end of the link that its owner
        is about to open is theirs to cause.
        """
        now, held = now_ms(), self._tokens.held(connection, owner=account_id, kind=RESET)
        return any(0 <= now - each.created_at < AGAIN_MS for each in held)

    def take(self, connection: Connection, code: str, kind: str) -> SingleUse | None:
        """Take the code of a link; None where it does not work.

        Nobody comes in by another one that was sent to the same person, perhaps days ago.
        """
        taken = self._tokens.consume(connection, code, kind=kind)
        if taken is not None and taken.owner:
            self._tokens.revoke_all(connection, taken.owner, kinds=(INVITATION, RESET))
            self._letters.forget(connection, taken.owner)
        return taken

    def _renewed(
        self, connection: Connection, kind: str, account_id: str
    ) -> tuple[str, str | None]:
        self._tokens.revoke_all(connection, account_id, kinds=(kind,))
        # Of this kind alone: anybody may ask for a reset, and an invitation that waits for an
        # administrator to hand it on must not go by that.
        self._letters.forget(connection, account_id, SUBJECTS[kind])
        account = self._accounts.get(connection, account_id)
        return self._new(connection, kind, account_id), account.email if account else None

    def _new(self, connection: Connection, kind: str, owner: str) -> str:
        seconds = self._hours[kind] * HOUR
        made = self._tokens.create(
            connection, f"{kind} link", (), owner=owner, kind=kind, expires_in=seconds
        )
        return f"{self._base}/{kind}#{made.text}"

    def _ends(self, kind: str) -> int:
        return now_ms() + int(self._hours[kind] * HOUR * 1000)

    def _record(self, connection: Connection, actor: Actor, action: str, account_id: str) -> None:
        self._journal.record(connection, actor, action, f"account:{account_id}")


def _span(hours: float) -> str:
    """Return a length of time in the unit people would name it in."""
    days, whole = hours / 24, round(hours)
    if days >= 2:
        return f"{round(days)} days"
    return f"{whole} hours" if whole > 1 else "an hour" if whole else f"{round(hours * 60)} minutes"
