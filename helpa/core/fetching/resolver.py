"""From names to addresses, in threads: the system's resolver blocks."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from helpa.core.fetching.addresses import Address, parse

THREADS = 8
"""A name server that is silent holds a thread for seconds; files have threads of their own."""


class Resolver(Protocol):
    """What finds the addresses of a name."""

    async def resolve(self, host: str, port: int) -> list[Address | None]:
        """Return every address of a name, None for one that cannot be read.

        Raises:
            OSError: there is no such name, or no answer.
        """


class SystemResolver:
    """The resolver of the system: hosts file, DNS, whatever it is set to."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="helpa-dns")

    async def resolve(self, host: str, port: int) -> list[Address | None]:
        """Return every address of a name, None for one with a scope.

        Raises:
            OSError: there is no such name, or no answer.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _ask, host, port)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(host: str, port: int) -> list[Address | None]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(str(error)) from None
    addresses: dict[Address | None, None] = {}
    for _, _, _, _, where in found:
        scoped = len(where) == 4 and bool(where[3])
        addresses[None if scoped else parse(str(where[0]))] = None
    return list(addresses)
