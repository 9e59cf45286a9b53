"""A browser as far as signing in needs one: it keeps cookies and follows no redirect by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from sqlalchemy import text

from helpa.core import tokens
from oidc.rogue import CLIENT, SECRET, Rogue
from serving import NO_TLS, Server

UNLIMITED = {"rates__failures": "0", "rates__signin_address": "0"}
"""Settings of servers that are tried more often a minute than anybody may who guesses."""


def trusting(**providers: Any) -> str:
    """Return the setting HELPA_PLUGIN that trusts providers."""
    return json.dumps({"oidc": {"providers": providers}})


def of_rogue(rogue: Rogue, **more: Any) -> dict[str, Any]:
    """Return the settings of a provider: those that give everybody an account, and others."""
    return {
        "issuer": rogue.url,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "create_accounts": True,
    } | more


@dataclass(frozen=True)
class Sent:
    """A browser that was sent to a provider.

    Args:
        url: where to.
        query: what it takes there.
    """

    url: str
    query: dict[str, str]


class Visitor:
    """Somebody with a browser.

    Args:
        server: which they visit.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.cookies = httpx2.Cookies()

    def get(self, path: str, method: str = "GET", **options: Any) -> httpx2.Response:
        """Send a request; cookies are kept as a browser keeps them."""
        with httpx2.Client(
            base_url=self.server.url, timeout=60, cookies=self.cookies, verify=NO_TLS
        ) as client:
            reply = client.request(method, path, **options)
            self.cookies = client.cookies
        return reply

    def begin(self, provider: str = "rogue", to: str | None = None) -> Sent:
        """Begin to sign in; where that leads."""
        params = {} if to is None else {"next": to}
        reply = self.get(f"/signin/oidc/{provider}", params=params)
        assert reply.status_code == 303, reply.text
        url, _, query = reply.headers["location"].partition("?")
        return Sent(url, {name: values[0] for name, values in parse_qs(query).items()})

    def come_back(self, provider: str = "rogue", **answer: str | None) -> httpx2.Response:
        """Come back from the provider with an answer."""
        query = {name: value for name, value in answer.items() if value is not None}
        return self.get(f"/signin/oidc/{provider}/callback", params=query)

    def sign_in(
        self, rogue: Rogue, provider: str = "rogue", to: str | None = None, **claims: Any
    ) -> httpx2.Response:
        """Sign in with a provider that says the truth, but for some claims."""
        sent = self.begin(provider, to)
        code = rogue.grant(rogue.signed(rogue.claims(sent.query["nonce"], **claims)))
        return self.come_back(provider, code=code, state=sent.query["state"], iss=rogue.url)

    @property
    def session(self) -> str | None:
        """The text of the session cookie, or None."""
        return self.cookies.get("helpa_session")

    def signed_in(self) -> bool:
        """Whether the server takes them for somebody."""
        return "Sign out" in self.get("/").text

    @property
    def account(self) -> str:
        """The id of their account."""
        found = self.server.database.read(
            lambda connection: tokens.peek(connection, self.session or "", kind="session")
        )
        return str(found.owner)


def path(reply: httpx2.Response) -> str:
    """Return the path a reply sends to, on this server."""
    assert reply.status_code == 303, (reply.status_code, reply.text)
    parts = urlsplit(reply.headers["location"])
    assert parts.netloc in ("", urlsplit(str(reply.request.url)).netloc)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def refusals(server: Server) -> list[dict[str, Any]]:
    """Return the details of every sign-in that was refused, from the audit log."""
    query = text("SELECT details FROM entries WHERE action = 'signin.failed' ORDER BY seq")
    rows = server.database.read(lambda connection: list(connection.execute(query).scalars()))
    return [json.loads(row) for row in rows]
