"""The page of roles: who may do what, and which routes ask for it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from helpa.core.app import Helpa
from helpa.core.database import migrate
from helpa.core.permissions import ADMIN, BELOW, ROLES
from helpa.core.routes import PUBLIC, Route
from helpa.core.settings import Settings

HEAD = """\
# Roles and permissions

Made from the code by `make docs`; do not edit.

An account has one role, and a role has permissions; what nobody gave a role, it has not. Every
route names the permission it needs, or is public. A token may what its scopes say *and* its
account's role allows, at each request anew: scopes are permissions by name, and `admin` is
everything that the role may. Changing roles takes effect everywhere at once. How to invite people
and give them roles: [accounts](accounts.md).

## Roles

| role | what it is for | has the permissions of |
|---|---|---|
"""

TABLE = """
## Who may do what

The setting `permissions` names other roles for a permission, in place of these; administrators
always have it.

"""

SHARED = """
Pictures are their owner's, and their team's where they belong to one: `images:read`, `images:write`
and the others reach no further, and anything else answers 404 as if it did not exist.
`images:moderate` opens everybody's. Nobody makes, changes or disables an account that may more than
they may themselves; only an administrator, or a token of one with the scope `admin`, makes and
changes administrators. The last administrator stays one.

## Which routes ask for what
"""


def text() -> str:
    """Return the page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        migrate.upgrade(settings.data_dir / "helpa.sqlite3")
        server = Helpa(settings)
    permissions = server.permissions
    below = {**BELOW, ADMIN: "all others"}
    lines = [f"| {role} | {words} | {below.get(role, '')} |" for role, words in ROLES.items()]
    parts = [HEAD, *(f"{line}\n" for line in lines), TABLE]
    parts.append(f"| permission | | {' | '.join(ROLES)} |\n")
    parts.append(f"|---|---|{':-:|' * len(ROLES)}\n")
    for each in permissions.declared.values():
        marks = ["✓" if each.name in permissions.of(role) else "" for role in ROLES]
        parts.append(f"| `{each.name}` | {each.summary} | {' | '.join(marks)} |\n")
    parts.append(SHARED)
    for name in (*permissions.declared, PUBLIC):
        found = [route for route in server.routes if route.permission == name]
        if found:
            parts.append(_section(name, found))
    return "".join(parts)


def _section(name: str, routes: Iterable[Route]) -> str:
    title = "Public: anybody" if name == PUBLIC else f"`{name}`"
    calls = [f"`{r.method} {r.path}`" for r in routes if not r.page]
    pages = [f"`{r.method} {r.path}`" for r in routes if r.page]
    lines = [f"\n### {title}\n"]
    if calls:
        lines.append(f"\n- API: {', '.join(calls)}\n")
    if pages:
        lines.append(f"{'' if calls else chr(10)}- Pages: {', '.join(pages)}\n")
    return "".join(lines)
