"""The cookie that binds a challenge to the browser that was given it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from helpa_passkeys.challenges import LIFETIME_MS


class Browsers:
    """Tells browsers apart.

    Args:
        secure: whether the world reaches this server by HTTPS.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        # The prefix makes browsers refuse the cookie from anywhere but this host over HTTPS.
        self.cookie = "__Host-helpa_passkey" if secure else "helpa_passkey"

    def secret(self, request: Request) -> str | None:
        """Return what a browser sent."""
        return request.cookies.get(self.cookie)

    def hand(self, response: Response, secret: str) -> None:
        """Hand a browser its secret; one for all tabs."""
        response.set_cookie(
            self.cookie,
            secret,
            max_age=LIFETIME_MS // 1000,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )
