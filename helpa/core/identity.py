"""Who asks, and what they may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

SCOPES = {
    "images:read": "see images, private ones too",
    "images:write": "upload images and change what is said of them",
    "images:delete": "delete images",
    "links:write": "make and revoke links",
    "originals:read": "fetch original bytes",
    "metrics": "read /metrics from elsewhere than this machine",
    "admin": "everything",
}
"""What a token may be allowed, and what that means."""

DEFAULT_SCOPES = ("images:read", "images:write", "images:delete", "links:write")
"""What a token is allowed unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whose credential was checked.

    Args:
        id: stable id of the credential's holder.
        name: what to call them.
        scopes: what the credential allows.
        owner: whose images these are; all tokens of a server without accounts share one owner.
        kind: ``token``, or ``session`` of a browser.
    """

    id: str
    name: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    owner: str = "local"
    kind: str = "token"

    def may(self, scope: str) -> bool:
        """Whether the credential allows ``scope``."""
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class Refused:
    """A credential that was recognised and is not valid.

    Args:
        reason: what is wrong with it, for the person who sent it.
    """

    reason: str


Identify = Callable[[], Awaitable[Identity | None]]
"""Says who asks; called only where that matters."""
