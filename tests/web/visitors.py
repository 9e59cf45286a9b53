"""Somebody who signed in, over HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import psutil

from serving import Server


def sign_in_link(server: Server) -> str:
    """Return the link that a server showed at its start."""
    (link,) = (text for text in server.announced.values() if "/signin#" in text)
    return link


def browser_headers(server: Server) -> dict[str, str]:
    """Return what a browser sends along with a form of our own pages."""
    return {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}


def sign_in(server: Server) -> httpx2.Response:
    """Send the code of a server's link, as its page does."""
    with server.client(None) as client:
        return client.post(
            "/signin",
            data={"code": urlsplit(sign_in_link(server)).fragment},
            headers=browser_headers(server),
        )


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
        return httpx2.Client(base_url=self.server.url, headers=self.headers, timeout=60)


def visitor(server: Server) -> Visitor:
    """Sign somebody in to a server that nobody has signed in to."""
    header = cookies(sign_in(server))["helpa_session"]
    return Visitor(server, header.split(";")[0].partition("=")[2])


def local_url(server: Server) -> str:
    """Return where a server listens, whatever its public address."""
    listening = psutil.Process(server.process.pid).net_connections("tcp")
    (port,) = {each.laddr.port for each in listening if each.status == psutil.CONN_LISTEN}
    return f"http://127.0.0.1:{port}"
