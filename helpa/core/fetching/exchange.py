"""One request and its answer on one connection, bounded in the head, the body and the pauses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import h11

import helpa
from helpa.core.fetching.target import Target
from helpa.core.settings_fetch import Fetch

PIECE = 64 * 1024
HEADERS = 100
INFORMATIONAL = 8
"""Answers of 1xx before the real one."""

SURPLUS_SECONDS = 0.1
"""How long to look for bytes after the end of a body; a server that closes ends it at once."""


@dataclass(frozen=True)
class Head:
    """The head of an answer.

    Args:
        status: three digits.
        headers: by lower-case name; several of one name are joined by commas.
    """

    status: int
    headers: Mapping[str, str]


class Exchange:
    """A connection that is used once.

    Args:
        reader: from the server.
        writer: to it.
        settings: limits.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settings: Fetch
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._idle = settings.idle_seconds
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=settings.header_bytes)
        self._sized = False

    async def ask(self, target: Target, headers: Mapping[str, str]) -> Head:
        """Send a GET request and return the head of the answer.

        Raises:
            h11.RemoteProtocolError: the answer is malformed, or its head too long.
            TimeoutError: it came too slowly.
        """
        named = {
            "Host": target.authority,
            "User-Agent": f"Helpa/{helpa.__version__}",
            "Accept": "image/*,*/*;q=0.5",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        listed = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
        request = h11.Request(method="GET", target=target.path, headers=listed)
        data = (self._http.send(request) or b"") + (self._http.send(h11.EndOfMessage()) or b"")
        self._writer.write(data)
        async with asyncio.timeout(self._idle):
            await self._writer.drain()
        for _ in range(INFORMATIONAL):
            event = await self._event()
            if isinstance(event, h11.Response):
                return self._head(event)
            if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                break
        raise h11.RemoteProtocolError("no answer")

    def _head(self, response: h11.Response) -> Head:
        if len(response.headers) > HEADERS:
            raise h11.RemoteProtocolError("too many headers")
        headers: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        self._sized = "content-length" in headers or "transfer-encoding" in headers
        return Head(response.status_code, headers)

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body, piece by piece.

        Raises:
            h11.RemoteProtocolError: fewer or more bytes than were announced.
            TimeoutError: it came too slowly.
        """
        while True:
            event = await self._event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                raise h11.RemoteProtocolError("the body broke off")
        surplus = self._http.trailing_data[0]
        if self._sized and not surplus:
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(SURPLUS_SECONDS):
                    surplus = await self._reader.read(1)
        if surplus:
            raise h11.RemoteProtocolError("more bytes than were announced")

    async def _event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            async with asyncio.timeout(self._idle):
                data = await self._reader.read(PIECE)
            self._http.receive_data(data)

    def close(self) -> None:
        """Close the connection, at once."""
        self._writer.transport.abort()
