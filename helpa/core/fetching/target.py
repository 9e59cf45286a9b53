"""The URLs that may be fetched, read strictly."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import idna

from helpa.core.errors import InvalidValue, shorten
from helpa.core.fetching.addresses import Address, parse

FIELD = "url"
URL_BYTES = 2048
"""What browsers and servers of old agree to take."""

PORTS = {"http": 80, "https": 443}

_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_QUERY_SAFE = _PATH_SAFE + "?"


@dataclass(frozen=True)
class Target:
    """Where a request goes.

    Args:
        scheme: http or https.
        host: name in ASCII, or an address in its usual form without brackets.
        port: of the server.
        path: with its query, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def address(self) -> Address | None:
        """The address that the host is, or None where it is a name."""
        return parse(self.host)

    @property
    def authority(self) -> str:
        """Host and port as the Host header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What decides whether credentials may go there."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.authority}{self.path}"

    def joined(self, location: str, ports: Collection[int]) -> Target:
        """Return where a redirect leads.

        Raises:
            InvalidValue: somewhere that may not be asked.
        """
        _check_characters(location)
        try:
            return read(urljoin(self.url, location), ports)
        except ValueError:
            raise _refused(location, "an http or https URL") from None


def read(url: str, ports: Collection[int]) -> Target:
    """Return the target of a URL.

    Args:
        url: as somebody sent it.
        ports: those that may be asked.

    Raises:
        InvalidValue: says what is allowed.
    """
    _check_characters(url)
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname
    except ValueError:
        raise _refused(url, "an http or https URL") from None
    if parts.scheme not in PORTS or not name:
        raise _refused(url, "an http or https URL with a host")
    if "@" in parts.netloc:
        raise InvalidValue(
            "A URL to fetch holds no user name or password.",
            field=FIELD,
            given=shorten(f"{parts.scheme}://…@{parts.netloc.rpartition('@')[2]}"),
            allowed="a URL without user and password",
        )
    host = _host(name, parts.netloc.startswith("["), url)
    port = PORTS[parts.scheme] if port is None else port
    if port not in ports:
        listed = ", ".join(str(each) for each in sorted(ports))
        raise _refused(url, f"a port that may be fetched from: {listed} (fetch.ports)")
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    if parts.query:
        path += "?" + quote(parts.query, safe=_QUERY_SAFE)
    return Target(parts.scheme, host, port, path)


def _host(name: str, bracketed: bool, url: str) -> str:
    if bracketed:
        address = parse(name)
        if address is None or address.version != 6 or "%" in name:
            raise _refused(url, "an IPv6 address without a scope in the brackets")
        return str(address)
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise _refused(url, "a host name") from None
    name = name.lower().removesuffix(".")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and parse(name) is None:
        # 2130706433, 0177.0.0.1, 0x7f.1 and 127.1 all are 127.0.0.1 to some resolvers.
        raise _refused(url, "an IPv4 address as four decimal numbers without leading zeros")
    if not _NAME.fullmatch(name):
        raise _refused(url, "a host name")
    return name


def _check_characters(url: str) -> None:
    if len(url.encode("utf-8", "replace")) > URL_BYTES:
        raise _refused(url, f"up to {URL_BYTES} bytes")
    if any(c <= " " or c in '\\<>"\x7f' or "\ud800" <= c <= "\udfff" for c in url):
        raise _refused(url, "an http or https URL without spaces, backslashes and control codes")


def _refused(url: str, allowed: str) -> InvalidValue:
    given = shorten(url.encode("utf-8", "replace").decode())
    return InvalidValue(
        f"This cannot be fetched: expected {allowed}.", field=FIELD, given=given, allowed=allowed
    )
