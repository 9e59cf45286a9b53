"""Who does something, as the audit log and events name them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpa.core.identity import Identity


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts.

    Args:
        name: ``account:<id>``, ``token:<id>``, ``command-line``, ``job:<kind>`` or ``nobody``.
        on_behalf: the account a token or a job acts for, or nothing.
        request: id of the HTTP request, or nothing.
        address: of the client; the log truncates it by policy.
        device: what the client calls itself.
    """

    name: str
    on_behalf: str = ""
    request: str = ""
    address: str = field(default="", repr=False)
    device: str = field(default="", repr=False)

    @classmethod
    def of(
        cls, identity: Identity | None, *, request: str = "", address: str = "", device: str = ""
    ) -> Actor:
        """Return the actor behind a request.

        Args:
            identity: who asks, or None for nobody.
            request: id of the request.
            address: of the client.
            device: its User-Agent, of which so much is kept as tells one device from another.
        """
        name, behalf = "nobody", ""
        if identity is not None:
            name, behalf = f"{identity.kind}:{identity.id}", f"account:{identity.owner}"
            if identity.kind == "session":
                name, behalf = behalf, ""
        return cls(name, behalf, request, address, device[:200])


COMMAND_LINE = Actor("command-line")
"""Whoever has a shell on the machine."""
