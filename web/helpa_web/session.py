"""Sessions: a token in a cookie that no script can read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import cookie_parser
from starlette.responses import Response

from helpa import Identity, Refused, Services

KIND = "session"
LIFETIME = 30 * 24 * 3600


class Sessions:
    """Begins, reads and ends sessions.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._tokens = services.tokens
        self._database = services.database
        self._secure = services.public_url.startswith("https:")
        # The prefix makes browsers refuse the cookie from anywhere but this host over HTTPS.
        self.cookie = "__Host-helpa_session" if self._secure else "helpa_session"

    def text(self, headers: Mapping[str, str]) -> str | None:
        """Return the token a browser sent, or None."""
        return cookie_parser(headers.get("cookie", "")).get(self.cookie)

    async def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Return whose session a request belongs to, or None."""
        text = self.text(headers)
        if text is None:
            return None
        found = await self._tokens.check(text, kind=KIND)
        return None if isinstance(found, Refused) else found

    async def begin(self, owner: str, response: Response) -> None:
        """Begin a session of 30 days, with the default scopes and no more."""
        made = await self._database.write(
            lambda c: self._tokens.create(
                c, "browser session", owner=owner, kind="session", expires_in=LIFETIME
            )
        )
        response.set_cookie(
            self.cookie,
            made.text,
            max_age=LIFETIME,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    async def end(self, headers: Mapping[str, str], response: Response) -> None:
        """End the session, here and in the browser."""
        session = await self.identify(headers)
        if session is not None:
            await self._database.write(lambda c: self._tokens.revoke(c, session.id))
        self.forget(response)

    def forget(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(
            self.cookie, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
