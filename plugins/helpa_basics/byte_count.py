"""A number of bytes, as ``max_bytes`` takes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

LEAST, MOST = 100, 1_000_000_000
UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
"""Decimal, as mail providers and browsers count: what keeps to 20 kB keeps to 20 KiB too."""


@dataclass(frozen=True, slots=True)
class ByteCount:
    """A number of bytes."""

    value: int

    expects: ClassVar[str] = (
        f"a whole number of bytes of {LEAST}–{MOST}, or one with k (1000) or m (1,000,000) after it"
    )
    pattern: ClassVar[str] = r"^[0-9]{1,10}[kKmM]?$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the number of bytes; ``20000``, ``20k`` and ``2m`` are understood.

        Raises:
            ValueError: the text is anything else, or out of range.
        """
        match = re.fullmatch(r"([0-9]{1,10})([km]?)", text.lower(), re.ASCII)
        if match is None:
            raise ValueError(text)
        value = int(match.group(1)) * UNITS[match.group(2)]
        if not LEAST <= value <= MOST:
            raise ValueError(text)
        return cls(value)

    def __str__(self) -> str:
        return str(self.value)
