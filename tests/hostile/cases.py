"""A hostile upload, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """Something to upload.

    Args:
        name: what it is, in words.
        data: its bytes.
        filename: what its sender calls it.
    """

    name: str
    data: bytes
    filename: str = "picture.bin"


@dataclass(frozen=True)
class Outcome:
    """What a server said to a case.

    Args:
        case: what was uploaded.
        answer: an image document, or a problem.
    """

    case: Case
    answer: dict[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether it became an image."""
        return "id" in self.answer

    @property
    def status(self) -> int:
        """201, or the problem's status."""
        return 201 if self.accepted else int(self.answer["status"])
