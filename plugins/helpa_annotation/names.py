"""Names of layers, and what ``ann`` may say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

DEFAULT = "default"
"""The layer that is meant where none is named."""

NAME = r"^(?:[a-z][a-z0-9-]{0,31}|[0-9][a-z0-9-]{1,31})$"
"""Of a layer: "0" and "1" mean something else in URLs."""

RESERVED = ("apply", "copy")
"""What stands in the place of a name in paths of the API."""


def _free(name: str) -> str:
    if name in RESERVED:
        raise ValueError("another name than " + " and ".join(RESERVED))
    return name


LayerName = Annotated[str, Field(pattern=NAME, max_length=32), AfterValidator(_free)]


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """Which layer a URL shows.

    Args:
        text: ``0`` for none, ``1`` for the current one, or a layer's name.
    """

    text: str

    expects: ClassVar[str] = "1, 0 or the name of a layer"
    pattern: ClassVar[str] = r"^(?:[01]|[a-z][a-z0-9-]{0,31}|[0-9][a-z0-9-]{1,31})$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the choice.

        Raises:
            ValueError: it is none.
        """
        if not is_name(text) and text not in ("0", "1"):
            raise ValueError(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


def is_name(text: str) -> bool:
    """Whether a layer may be called so."""
    return re.fullmatch(NAME.strip("^$"), text) is not None and text not in RESERVED
