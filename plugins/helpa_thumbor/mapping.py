"""Helpa's parameters as they come together, with thumbor's word for each."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpa import Colour, InvalidValue, invalid


@dataclass
class Mapping:
    """What a URL comes to.

    Args:
        params: text by name.
        spelling: what the URL calls it, by name.
    """

    params: dict[str, str] = field(default_factory=dict)
    spelling: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, value: str, spelt: str) -> None:
        """Add a parameter.

        Raises:
            InvalidValue: something else of the URL gave it another value.
        """
        if self.params.setdefault(name, value) != value:
            other = self.spelling[name]
            raise invalid(spelt, value, f"no other value than {other} gave {name}")
        self.spelling.setdefault(name, spelt)


def unmapped(option: str, reason: str, *, given: str = "", allowed: str = "") -> InvalidValue:
    """Return the error for what thumbor does and Helpa cannot be asked for.

    Args:
        option: of the URL.
        reason: a sentence.
        given: as it stood there.
        allowed: what could stand there.
    """
    return InvalidValue(
        f"{option}: {reason}",
        field=option,
        given=(given or option)[:200],
        allowed=allowed or "see docs/migrate-from-thumbor.md",
    )


def truth(option: str, text: str) -> bool:
    """Return the truth value in an argument.

    Raises:
        InvalidValue: it is none.
    """
    words = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in words:
        raise invalid(option, text, "true, false, 1 or 0")
    return words[text.lower()]


def colour(option: str, text: str) -> str:
    """Return the one text of a colour.

    Raises:
        InvalidValue: it is none, or one that follows from the picture.
    """
    if text in ("auto", "blur"):
        raise unmapped(
            option,
            f"{text} is not taken from the picture here.",
            given=text,
            allowed=Colour.expects,
        )
    try:
        return str(Colour.parse(text))
    except ValueError:
        raise invalid(option, text, Colour.expects) from None
