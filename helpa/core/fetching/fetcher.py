"""The one way out: fetches a URL into a file, whatever the other side tries.

A name is resolved once, every address of it is checked, and the connection goes to a checked
address: a name server that answers anew each time (DNS rebinding) gains nothing. Each redirect
goes the same way from its beginning. Nothing is taken from the environment: no proxies, no
credentials.

h11 reads the answer. A client library would hide what is needed here: the bytes after the end of
a body, and a bound on the head.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import h11
import structlog

from helpa.core.errors import (
    BadGateway,
    ContentTooLarge,
    InvalidValue,
    Unavailable,
    Unprocessable,
    shorten,
)
from helpa.core.fetching.addresses import Address, may_reach
from helpa.core.fetching.exchange import Exchange, Head
from helpa.core.fetching.resolver import Resolver, SystemResolver
from helpa.core.fetching.target import FIELD, Target, read
from helpa.core.files import storage_errors
from helpa.core.settings_fetch import Fetch

log = structlog.get_logger("helpa.fetching")

REDIRECTS = frozenset({301, 302, 303, 307, 308})
ADDRESSES_TRIED = 4
WAITING = 4
"""Fetches that may wait, for each that may run."""


@dataclass(frozen=True)
class Fetched:
    """A file that was fetched.

    Args:
        url: where it came from in the end.
        headers: of the answer, by lower-case name.
        bytes: how many.
        sha256: of them, in hex.
    """

    url: str
    headers: Mapping[str, str]
    bytes: int
    sha256: str


@dataclass(frozen=True)
class NotModified:
    """The answer to a conditional request: what we hold is current."""


class Fetcher:
    """Fetches from other servers.

    Args:
        settings: limits, and what may be reached.
        resolver: finds addresses; the system's unless told otherwise.
        context: for TLS; the system's authorities unless told otherwise.
    """

    def __init__(
        self,
        settings: Fetch,
        resolver: Resolver | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._resolver = resolver or SystemResolver()
        self._context = context
        self._gate = asyncio.Semaphore(settings.concurrency)
        self._asking = 0

    async def fetch(
        self,
        url: str,
        into: Path,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        conditions: Mapping[str, str] | None = None,
    ) -> Fetched | NotModified:
        """Fetch a URL into a new file; where it fails there is no file.

        Args:
            url: http or https.
            into: the file; there must be none yet.
            max_bytes: of the body.
            headers: sent to the server the URL names, and to no other that it redirects to.
            conditions: If-None-Match and If-Modified-Since, sent to all.

        Raises:
            InvalidValue: a URL that may not be fetched by its form.
            Unprocessable: it leads where nothing may be reached, or its server refused.
            BadGateway: its server did not answer as it should, or not in time.
            ContentTooLarge: more than ``max_bytes``.
            Unavailable: too many fetches are under way.
            StorageFull: the disk has no room.
        """
        target = read(url, self._settings.ports)
        if self._asking >= self._settings.concurrency * (1 + WAITING):
            raise Unavailable("Too many fetches are under way.", retry_after=2)
        self._asking += 1
        try:
            async with self._gate:
                return await self._timed(target, into, max_bytes, headers or {}, conditions or {})
        finally:
            self._asking -= 1

    async def _timed(
        self,
        target: Target,
        into: Path,
        max_bytes: int,
        headers: Mapping[str, str],
        conditions: Mapping[str, str],
    ) -> Fetched | NotModified:
        try:
            async with asyncio.timeout(self._settings.seconds):
                return await self._follow(target, into, max_bytes, headers, conditions)
        except (TimeoutError, h11.RemoteProtocolError, ssl.SSLError, OSError) as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise  # of our own file
            log.info("fetch.failed", host=target.host, reason=shorten(repr(error), 200))
            raise _failed(target, error) from None

    async def _follow(
        self,
        first: Target,
        into: Path,
        max_bytes: int,
        headers: Mapping[str, str],
        conditions: Mapping[str, str],
    ) -> Fetched | NotModified:
        target = first
        for _ in range(self._settings.redirects + 1):
            own = headers if target.origin == first.origin else {}
            async with self._connected(target) as exchange:
                head = await exchange.ask(target, {**own, **conditions})
                if head.status in REDIRECTS:
                    target = self._next(first, target, head)
                    continue
                if head.status == 304 and conditions:
                    return NotModified()
                _check(first, head, max_bytes)
                count, digest = await _save(exchange, into, max_bytes)
                return Fetched(target.url, head.headers, count, digest)
        raise Unprocessable(
            f"The server redirects more than {self._settings.redirects} times (fetch.redirects).",
            field=FIELD,
            given=shorten(first.url),
        )

    def _next(self, first: Target, target: Target, head: Head) -> Target:
        try:
            following = target.joined(head.headers.get("location", ""), self._settings.ports)
        except InvalidValue:
            following = None
        if following is None or (target.scheme, following.scheme) == ("https", "http"):
            raise Unprocessable(
                "The server redirects to where nothing is fetched from.",
                field=FIELD,
                given=shorten(first.url),
                allowed="redirects to https, or from http to http, on a port of fetch.ports",
            )
        return following

    @contextlib.asynccontextmanager
    async def _connected(self, target: Target) -> AsyncIterator[Exchange]:
        addresses = await self._addresses(target)
        context = self._tls() if target.scheme == "https" else None
        failure: OSError | None = None
        exchange = None
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                async with asyncio.timeout(self._settings.idle_seconds):
                    reader, writer = await asyncio.open_connection(
                        str(address),
                        target.port,
                        ssl=context,
                        server_hostname=target.host if context else None,
                    )
            except OSError as error:  # TimeoutError and SSLError are such too
                failure = error
                continue
            exchange = Exchange(reader, writer, self._settings)
            break
        if exchange is None:
            raise failure or OSError("no address")
        try:
            yield exchange
        finally:
            exchange.close()

    async def _addresses(self, target: Target) -> list[Address]:
        """Return the addresses of a target, all of which may be reached.

        Raises:
            Unprocessable: there are none, or one of them may not; which it was is not told, for
                that would map the network this server stands in.
        """
        found: list[Address | None]
        if target.address is not None:
            found = [target.address]
        else:
            try:
                found = await self._resolver.resolve(target.host, target.port)
            except OSError:
                found = []
        good = [a for a in found if a is not None and may_reach(a, self._settings.allow)]
        if not good or len(good) < len(found):
            log.info("fetch.refused", host=target.host, addresses=[str(a) for a in found])
            raise Unprocessable(
                f"Nothing that may be fetched from answers to {shorten(target.host)}.",
                field=FIELD,
                given=shorten(target.url),
                allowed="a server on the public Internet, or one in fetch.allow",
            )
        return good

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    def close(self) -> None:
        """Let go of what the fetcher holds."""
        if isinstance(self._resolver, SystemResolver):
            self._resolver.close()


def _failed(target: Target, error: Exception) -> BadGateway:
    if isinstance(error, TimeoutError):
        what = "did not answer in time (fetch.seconds, fetch.idle_seconds)"
    elif isinstance(error, ssl.SSLCertVerificationError):
        what = "has no certificate that is valid for its name"
    elif isinstance(error, h11.RemoteProtocolError):
        what = "did not answer as HTTP says, or broke off"
    else:
        what = "could not be reached"
    return BadGateway(f"{shorten(target.host)} {what}.", field=FIELD, given=shorten(target.url))


def _check(first: Target, head: Head, max_bytes: int) -> None:
    if head.status != 200:
        raise Unprocessable(
            f"The server answered {head.status}, not 200.",
            field=FIELD,
            given=shorten(first.url),
            extra={"upstream_status": head.status},
        )
    coding = head.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", ""):
        # Asked for no coding, it sends one: a bomb, more often than not.
        raise Unprocessable(
            f"The server sent Content-Encoding {shorten(coding, 40)}, which was not asked for.",
            field=FIELD,
            given=shorten(first.url),
            allowed="a picture as it is",
        )
    declared = head.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)


async def _save(exchange: Exchange, into: Path, max_bytes: int) -> tuple[int, str]:
    count, digest = 0, hashlib.sha256()
    try:
        with storage_errors(), into.open("xb") as file:
            async for piece in exchange.body():
                count += len(piece)
                if count > max_bytes:
                    raise _too_large(max_bytes)
                digest.update(piece)
                file.write(piece)
    except BaseException:
        into.unlink(missing_ok=True)  # noqa: ASYNC240  a file on the local disk
        raise
    return count, digest.hexdigest()


def _too_large(limit: int) -> ContentTooLarge:
    return ContentTooLarge(
        f"The file is larger than {limit} bytes (limits.upload_bytes).",
        field="limits.upload_bytes",
        allowed=f"up to {limit} bytes",
    )
