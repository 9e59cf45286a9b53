"""What :func:`helpa.testing.check_plugin` finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something about a plugin that should be otherwise.

    Args:
        where: the part it is about: ``operation glow, parameter glow``.
        what: what is wrong.
        advice: what to do about it.
    """

    where: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.advice}"
