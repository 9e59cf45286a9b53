"""The table of ready answers: whole replies to URLs asked before, in front of everything."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

OVERHEAD = 1000
"""Bytes counted for an entry beside its body: headers, key, objects."""

Key = tuple[bytes, bytes, int]
"""Raw path, raw query, class of the Accept header."""


@dataclass(eq=False, slots=True)
class Ready:
    """A whole reply.

    Args:
        start: the ASGI message that begins it.
        unchanged: the ASGI message that begins a 304.
        wire: the same two as bytes, all but the Date header.
        body: the ASGI message with its bytes.
        etag: as the header says it.
        key: of the rendition.
        depends: ids of every picture drawn in it, and of the link it came by.
        size: length of the body in bytes.
        not_after: moment (``time.time()``) after which its right has ended, or infinity.
    """

    start: dict[str, Any]
    unchanged: dict[str, Any]
    wire: tuple[bytes, bytes]
    body: dict[str, Any]
    etag: bytes
    key: str
    depends: tuple[str, ...]
    size: int
    not_after: float = float("inf")


class ReadyTable:
    """Replies by URL, bounded by bytes, entries, and spellings of one rendition.

    Args:
        max_bytes: of all bodies and what goes with them.
        max_entries: replies at the most.
        max_spellings: URLs of one rendition at the most.
    """

    def __init__(self, max_bytes: int, max_entries: int, max_spellings: int) -> None:
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._max_spellings = max_spellings
        self._entries: OrderedDict[Key, Ready] = OrderedDict()
        self._keys_of: dict[str, set[Key]] = {}
        self._spellings: dict[str, list[Key]] = {}
        self.bytes = 0
        self.get = self._entries.get

    def __len__(self) -> int:
        return len(self._entries)

    def used(self, key: Key) -> None:
        """Note that a reply was of use."""
        self._entries.move_to_end(key)

    def put(self, key: Key, ready: Ready) -> None:
        """Add a reply, unless it is larger than an eighth of the table."""
        if ready.size + OVERHEAD > self._max_bytes // 8:
            return
        if key in self._entries:
            self.remove(key)
        spellings = self._spellings.setdefault(ready.key, [])
        if len(spellings) >= self._max_spellings:
            self.remove(spellings[0])
            spellings = self._spellings.setdefault(ready.key, [])
        spellings.append(key)
        self._entries[key] = ready
        self.bytes += ready.size + OVERHEAD
        for each in ready.depends:
            self._keys_of.setdefault(each, set()).add(key)
        while self.bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self.remove(next(iter(self._entries)))

    def remove(self, key: Key) -> None:
        """Take a reply out."""
        ready = self._entries.pop(key)
        self.bytes -= ready.size + OVERHEAD
        spellings = self._spellings[ready.key]
        spellings.remove(key)
        if not spellings:
            del self._spellings[ready.key]
        for each in ready.depends:
            members = self._keys_of[each]
            members.discard(key)
            if not members:
                del self._keys_of[each]

    def clear(self) -> None:
        """Take out every reply."""
        for key in list(self._entries):
            self.remove(key)

    def forget(self, gone: str) -> None:
        """Take out every reply that depends on a picture or a link."""
        for key in list(self._keys_of.get(gone, ())):
            self.remove(key)
