"""What a source of pictures is: one method, and three answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel


@dataclass(frozen=True)
class Fetched:
    """A file was fetched.

    Args:
        validator: what tells this state of the file from any other; empty where nothing does.
    """

    validator: str


@dataclass(frozen=True)
class Unchanged:
    """The file is as it was when the validator was given; nothing was fetched."""


@dataclass(frozen=True)
class Missing:
    """There is no such file, or none that may be had."""


SourceAnswer = Fetched | Unchanged | Missing


class Source(Protocol):
    """Where pictures come from when they are asked for by path."""

    async def fetch(self, path: str, into: Path, *, validator: str, max_bytes: int) -> SourceAnswer:
        """Fetch a file, unless it is the one we hold.

        Args:
            path: of the file: segments between slashes, decoded, none of them empty, ``.`` or
                ``..``, none with a slash, backslash or control character in it, none hidden. It
                comes from whoever asks: a source checks for itself what it may mean.
            into: a file to make; nothing may be left there unless the answer is Fetched.
            validator: of what we hold, as an earlier answer gave it; empty where we hold nothing.
            max_bytes: of the file.

        Raises:
            ContentTooLarge: more than ``max_bytes``.
            RequestError: the source failed; what is held goes on being served for a while.
        """


@dataclass(frozen=True)
class SourceKind:
    """A kind of source, which ``[[sources]]`` tables name.

    Args:
        name: as ``kind`` says it.
        model: of the table's other members.
        make: returns a source from them.
        base_url: returns what the URLs of its pictures begin with, by which dialects find the
            source that holds a URL; None for kinds whose pictures have no URL.
    """

    name: str
    model: type[BaseModel]
    make: Callable[[Any], Source]
    base_url: Callable[[Any], str] | None = None
