"""What a plugin declares of pictures that arrive: which are held back, which are guarded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Arrival:
    """A picture that is about to be stored, or to go to another team.

    Args:
        owner: whose it is.
        team: that it is to belong to, or None.
        actor: who uploads it, or did: ``token:<id>``, ``account:<id>``.
        new: whether it is being stored.
    """

    owner: str
    team: str | None
    actor: str
    new: bool


@dataclass(frozen=True, slots=True)
class Screened:
    """What shall hold for it.

    Args:
        held: whether it is private, whatever was asked for, until the plugin releases it.
        guarded: whether what it hides must be hidden for good.
    """

    held: bool = False
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Screening:
    """Looks at pictures that arrive, before anybody can see them.

    Args:
        name: its name.
        screen: says what shall hold; called in the transaction that stores the picture, with its
            connection. Several screenings add up.
    """

    name: str
    screen: Callable[[Connection, Arrival], Screened]
