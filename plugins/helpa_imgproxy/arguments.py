"""An option of a URL with its arguments, each read as what it has to be."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from helpa import InvalidValue, invalid
from helpa.dialects import decimal

TRUE = {"1", "t", "T", "TRUE", "true", "True"}
FALSE = {"0", "f", "F", "FALSE", "false", "False", "no"}
"""What Go's strconv.ParseBool reads, which imgproxy uses, and the ``no`` of its documents."""


@dataclass(frozen=True)
class Option:
    """An option.

    Args:
        name: as the URL calls it.
        texts: its arguments.
    """

    name: str
    texts: tuple[str, ...]

    def __str__(self) -> str:
        return ":".join((self.name, *self.texts))

    def text(self, index: int) -> str:
        """Return an argument; empty where there is none."""
        return self.texts[index] if index < len(self.texts) else ""

    def rest(self, index: int) -> Option:
        """Return the option with its arguments from one on."""
        return Option(self.name, self.texts[index:])

    def at_most(self, count: int) -> None:
        """Refuse more arguments than an option has.

        Raises:
            InvalidValue: there are more.
        """
        if len(self.texts) > count:
            raise invalid(self.name, str(self), f"up to {count} arguments")

    def wrong(self, index: int, allowed: str) -> InvalidValue:
        """Return the error for an argument that is not allowed."""
        return invalid(self.name, self.text(index), allowed)

    def unmapped(self, reason: str, allowed: str = "") -> InvalidValue:
        """Return the error for what imgproxy does and Helpa cannot be asked for."""
        return InvalidValue(
            f"{self.name}: {reason}",
            field=self.name,
            given=str(self)[:200],
            allowed=allowed or "see docs/migrate-from-imgproxy.md",
        )

    def number(self, index: int, low: float, high: float) -> float:
        """Return a number.

        Raises:
            InvalidValue: it is none, or beyond the limits.
        """
        given = self.text(index)
        if re.fullmatch(r"-?([0-9]{1,9}(\.[0-9]{0,12})?|\.[0-9]{1,12})", given, re.ASCII):
            value = float(given)
            if low <= value <= high:
                return value
        raise self.wrong(index, f"a number of {decimal(low)}–{decimal(high)}")

    def whole(self, index: int, low: int, high: int) -> int:
        """Return a whole number.

        Raises:
            InvalidValue: it is none, or beyond the limits.
        """
        given = self.text(index)
        if re.fullmatch(r"-?[0-9]{1,11}", given, re.ASCII) and low <= int(given) <= high:
            return int(given)
        raise self.wrong(index, f"a whole number of {low}–{high}")

    def flag(self, index: int) -> bool:
        """Return a truth value.

        Raises:
            InvalidValue: it is none.
        """
        given = self.text(index)
        if given not in TRUE | FALSE:
            raise self.wrong(index, "1, t, true, 0, f or false")
        return given in TRUE

    def hex(self, index: int) -> str:
        """Return a colour of three or six hexadecimal digits.

        Raises:
            InvalidValue: it is none.
        """
        given = self.text(index)
        if not re.fullmatch(r"([0-9A-Fa-f]{3}){1,2}", given):
            raise self.wrong(index, "3 or 6 hexadecimal digits")
        return given.lower()

    def decoded(self, index: int) -> str:
        """Return the text in URL-safe base64.

        Raises:
            InvalidValue: it is none.
        """
        found = from_base64(self.text(index))
        if found is None:
            raise self.wrong(index, "text in URL-safe base64")
        return found


def from_base64(text: str) -> str | None:
    """Return the text that URL-safe base64 holds, with or without padding; None where none is."""
    stem = text.rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", stem):
        return None
    try:
        found = base64.urlsafe_b64decode(stem + "=" * (-len(stem) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return found if found.isprintable() and found else None
