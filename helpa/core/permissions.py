"""What somebody may do: permissions, and the roles that have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from helpa.core.errors import SettingsError, nearest

ROLES: Mapping[str, str] = {
    "guest": "sees what is shared with their teams",
    "member": "uploads pictures and has links and tokens of their own",
    "helper": "a member who offers help",
    "agent": "a helper who works on requests, and may fetch originals with a reason",
    "moderator": "an agent who may see, hide and delete anybody's pictures",
    "mediator": "an agent who settles disputes",
    "admin": "everything",
    "auditor": "reads the audit log and the list of people, but no pictures",
}
"""Every role, and what it is for."""

BELOW: Mapping[str, str] = {
    "member": "guest",
    "helper": "member",
    "agent": "helper",
    "moderator": "agent",
    "mediator": "agent",
    "admin": "moderator",
}
"""The role whose permissions a role has too; auditor and guest stand alone."""

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that may be allowed; a scope of tokens by the same name.

    Args:
        name: ``images:read``: lower case, a noun and a verb.
        summary: what it allows, in a line.
        roles: roles that have it unless settings say otherwise; those above them have it, too.

    Raises:
        ValueError: the name is malformed, or a role does not exist.
    """

    name: str
    summary: str
    roles: tuple[str, ...] = field(default=(ADMIN,))

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]*(:[a-z][a-z0-9_-]*)?", self.name):
            raise ValueError(f"permission {self.name!r}: expected a name as in images:read")
        for role in self.roles:
            if role not in ROLES:
                raise ValueError(f"permission {self.name}: there is no role {role!r}")


CORE = (
    Permission("images:read", "see images, private ones too", ("guest",)),
    Permission("images:write", "upload images and change what is said of them", ("member",)),
    Permission("images:delete", "delete images", ("member",)),
    Permission("links:write", "make and revoke links", ("member",)),
    Permission("originals:read", "fetch original bytes", ("agent",)),
    Permission("images:moderate", "see, change and delete anybody's images", ("moderator",)),
    Permission("tokens:write", "make and revoke one's own tokens", ("member",)),
    Permission("audit:read", "read the audit log", ("auditor",)),
    Permission("metrics", "read /metrics from elsewhere than this machine"),
    Permission(ADMIN, "everything"),
)
"""What the core itself asks for."""

DEFAULT_SCOPES = ("images:read", "images:write", "images:delete", "links:write")
"""What a token is allowed unless told otherwise."""


def above(role: str) -> frozenset[str]:
    """Return a role and those that have its permissions, too."""
    found = {role, ADMIN}
    while True:
        more = {upper for upper, lower in BELOW.items() if lower in found} - found
        if not more:
            return frozenset(found)
        found |= more


class Permissions:
    """Every permission of a server, and who has it.

    Args:
        declared: those of the core and of plugins; each name once.
        granted: roles by permission, in place of the default ones.

    Raises:
        SettingsError: ``granted`` names a permission or a role that does not exist.
    """

    def __init__(
        self,
        declared: Iterable[Permission] = CORE,
        granted: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.declared = {each.name: each for each in declared}
        given = dict(granted or {})
        for name, roles in given.items():
            if name not in self.declared:
                close = nearest(name, self.declared)
                hint = f" Did you mean {close}?" if close else ""
                raise SettingsError(f"permissions.{name}: there is no such permission.{hint}")
            for role in roles:
                if role not in ROLES:
                    raise SettingsError(
                        f"permissions.{name} = {role!r}: expected roles: {', '.join(ROLES)}."
                    )
        roles_of = {
            # Named in settings, a permission is for those roles alone, and for administrators.
            name: frozenset({*given[name], ADMIN})
            if name in given
            else frozenset().union(*(above(role) for role in each.roles))
            for name, each in self.declared.items()
        }
        self._of = {
            role: frozenset(name for name, roles in roles_of.items() if role in roles)
            for role in ROLES
        }

    def of(self, role: str) -> frozenset[str]:
        """Return what a role may; nothing where there is no such role."""
        return self._of.get(role, frozenset())

    def effective(self, scopes: Iterable[str], role: str) -> frozenset[str]:
        """Return what a token of an account may: what its scopes and its account's role allow."""
        allowed, asked = self.of(role), frozenset(scopes)
        return allowed if ADMIN in asked else allowed & asked
