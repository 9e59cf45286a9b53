"""Who asks, and what they may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from helpa.core.permissions import ADMIN

LOCAL = "local"
"""Owner of what was made before there are accounts, and the id of the first administrator's."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whose credential was checked.

    Args:
        id: stable id of the credential: of a token, or of a session.
        name: what to call them.
        scopes: what the credential allows.
        owner: whose images these are: the id of an account.
        kind: ``token``, or ``session`` of a browser.
        role: of the account; empty where there is none.
        teams: ids of the teams that the account belongs to.
    """

    id: str
    name: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    owner: str = LOCAL
    kind: str = "token"
    role: str = ""
    teams: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        """Whether the credential allows ``scope``."""
        return scope in self.scopes or ADMIN in self.scopes


@dataclass(frozen=True, slots=True)
class Refused:
    """A credential that was recognised and is not valid.

    Args:
        reason: what is wrong with it, for the person who sent it.
    """

    reason: str


Identify = Callable[[], Awaitable[Identity | None]]
"""Says who asks; called only where that matters."""
