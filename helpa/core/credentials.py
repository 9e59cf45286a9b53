"""Tokens as those who make and keep them see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token.

    Args:
        id: to revoke it by.
        text: what its holder sends; shown this once.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class SingleUse:
    """A single-use token that was valid.

    Args:
        id: of the token.
        owner: the account it was for.
        data: what was kept with it.
    """

    id: str
    owner: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token that holds.

    Args:
        id: to revoke it by.
        name: what its holder calls it.
        owner: the account it is for.
        scopes: what it allows, as far as its account may itself.
        created_at: milliseconds since 1970, as all that follow.
        expires_at: None is never.
        used_at: None is never, or within the last half minute.
        data: what was kept with it.
    """

    id: str
    name: str
    owner: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None
    used_at: int | None
    data: Mapping[str, Any]
