"""Sign-ins that have begun: rows, each for one answer of the browser that began it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from helpa_oidc.tables import pending

LIFETIME_MS = 10 * 60 * 1000
AT_ONCE = 20
"""Sign-ins of one browser; the oldest give way. Nobody has so many tabs at the provider."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Begun:
    """A sign-in under way.

    What the provider must show again is made from the browser's secret and the state, of which
    the database holds hashes only: a copy of it helps nobody to finish a sign-in.

    Args:
        provider: its name in the settings.
        state: names the sign-in.
        browser: the secret in a cookie of the browser that began it.
        target: the page to go to afterwards.
    """

    provider: str
    state: str = field(repr=False)
    browser: str = field(repr=False)
    target: str

    @property
    def nonce(self) -> str:
        """What the ID token must hold."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What is shown with the code (RFC 7636)."""
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        text = f"{purpose}\n{self.provider}\n{self.state}"
        digest = hmac.new(self.browser.encode(), text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def browser_secret(given: str | None) -> str:
    """Return the secret in a cookie, or a new one where it is none."""
    return given if given and _SECRET.fullmatch(given) else secrets.token_urlsafe(32)


def begin(connection: Connection, provider: str, browser: str, target: str) -> Begun:
    """Note that a sign-in begins, and forget those that have run out."""
    now = _now()
    connection.execute(delete(pending).where(_run_out(now)))
    of_browser = pending.c.browser == _hash(browser)
    held = connection.execute(
        select(pending.c.state).where(of_browser).order_by(pending.c.created_at.desc())
    ).scalars()
    crowded = list(held)[AT_ONCE - 1 :]
    if crowded:
        connection.execute(delete(pending).where(pending.c.state.in_(crowded)))
    begun = Begun(provider, secrets.token_urlsafe(32), browser, target)
    connection.execute(
        insert(pending).values(
            state=_hash(begun.state),
            browser=_hash(browser),
            provider=provider,
            target=target,
            created_at=now,
        )
    )
    return begun


def take(connection: Connection, provider: str, state: str, browser: str) -> Begun | None:
    """Take a sign-in, once; None where this browser began none of that state with the provider.

    What another browser sends takes nothing away from the one that began it.
    """
    if not (_SECRET.fullmatch(state) and _SECRET.fullmatch(browser)):
        return None
    mine = (
        (pending.c.state == _hash(state))
        & (pending.c.browser == _hash(browser))
        & (pending.c.provider == provider)
        & ~_run_out(_now())
    )
    row = connection.execute(select(pending.c.target).where(mine)).one_or_none()
    if row is None or connection.execute(delete(pending).where(mine)).rowcount != 1:
        return None
    return Begun(provider, state, browser, row.target)


def _run_out(now: int) -> ColumnElement[bool]:
    # Both ways: a clock that was set back must not make sign-ins last for hours.
    return or_(pending.c.created_at < now - LIFETIME_MS, pending.c.created_at > now + LIFETIME_MS)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _now() -> int:
    return time.time_ns() // 1_000_000
