"""Somebody who signed in, over HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import psutil
from sqlalchemy import Connection

from helpa.core import tokens
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from serving import NO_TLS, Server

EMAIL = "ann@example.org"
PASSWORD = "seven unrelated lanterns hum"


def setup_link(server: Server) -> str:
    """Return the link that a server without accounts showed at its start."""
    (link,) = (text for text in server.announced.values() if "/setup#" in text)
    return link


def browser_headers(server: Server) -> dict[str, str]:
    """Return what a browser sends along with a form of our own pages."""
    return {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}


def set_up(server: Server, **fields: str) -> httpx2.Response:
    """Make the first administrator of a server, as its set-up page does."""
    form = {"email": EMAIL, "name": "Ann", "password": PASSWORD}
    form |= {"code": urlsplit(setup_link(server)).fragment, **fields}
    with server.client(None) as client:
        return client.post("/setup", data=form, headers=browser_headers(server))


def sign_in(server: Server, **fields: str) -> httpx2.Response:
    """Sign the first administrator in."""
    form = {"email": EMAIL, "password": PASSWORD, **fields}
    with server.client(None) as client:
        return client.post("/signin", data=form, headers=browser_headers(server))


def cookies(reply: httpx2.Response) -> dict[str, str]:
    """Return the cookies an answer sets, whole, by name."""
    headers = reply.headers.get_list("set-cookie")
    return {header.partition("=")[0]: header for header in headers}


def form_token(page: str) -> str:
    """Return the token in the forms of a page."""
    (found, *_) = re.findall(r'name="_csrf" value="([^"]+)"', page)
    return str(found)


@dataclass
class Visitor:
    """Somebody who signed in.

    Args:
        server: where.
        session: the text of the session cookie.
    """

    server: Server
    session: str

    @property
    def headers(self) -> dict[str, str]:
        """What their browser sends."""
        return {"Cookie": f"helpa_session={self.session}", **browser_headers(self.server)}

    def form_token(self) -> str:
        """Return the token that forms of their pages hold."""
        with self.client() as client:
            return form_token(client.get("/").text)

    def client(self) -> httpx2.Client:
        """Return a client that acts for them."""
        return httpx2.Client(
            base_url=self.server.url, headers=self.headers, timeout=60, verify=NO_TLS
        )


def visitor(server: Server) -> Visitor:
    """Make the first administrator of a server, and sign them in."""
    return Visitor(server, session_of(set_up(server)))


def other_visitor(server: Server, role: str, name: str = "") -> Visitor:
    """Return somebody of a role, signed in to a server that has its administrator."""
    name = name or role
    accounts = Accounts(Journal())

    def make(connection: Connection) -> str:
        account = accounts.create(
            connection, COMMAND_LINE, email=f"{name}@example.org", name=name, role=role
        )
        return tokens.create(connection, "browser", (), owner=account.id, kind="session").text

    return Visitor(server, server.database.write(make))


def session_of(reply: httpx2.Response) -> str:
    """Return the text of the session that an answer begins."""
    header = cookies(reply)["helpa_session"]
    return header.split(";")[0].partition("=")[2]


def local_url(server: Server) -> str:
    """Return where a server listens, whatever its public address."""
    listening = psutil.Process(server.process.pid).net_connections("tcp")
    (port,) = {each.laddr.port for each in listening if each.status == psutil.CONN_LISTEN}
    return f"http://127.0.0.1:{port}"
