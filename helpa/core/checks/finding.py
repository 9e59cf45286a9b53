"""What a check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's.

    Args:
        state: ``ok``; ``warn``, works but should be looked at; ``fail``, does not work.
        name: what was looked at.
        text: what was found.
        advice: what to do about it, in a sentence; empty where nothing is to be done.
    """

    state: State
    name: str
    text: str
    advice: str = ""

    def line(self) -> str:
        """Return it as one line."""
        said = f"{self.text.rstrip('.')}. {self.advice}" if self.advice else self.text
        return f"{self.state:<5} {self.name}: {' '.join(said.split())}"

    def document(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return asdict(self)


def size(count: float) -> str:
    """Return bytes as a person reads them."""
    unit = 0
    while count >= 1024 and unit < len(UNITS) - 1:
        count /= 1024
        unit += 1
    return f"{count:.0f} {UNITS[unit]}" if unit < 2 else f"{count:.1f} {UNITS[unit]}"
