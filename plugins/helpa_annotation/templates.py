"""Statements on templates: layers that are kept to be used on other pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select

from helpa import Identity, Size, invalid
from helpa_annotation.tables import templates


@dataclass(frozen=True, slots=True)
class Template:
    """A template.

    Args:
        id: 128 random bits.
        owner: the account whose it is.
        team: whose members may use it, or None.
        name: what it is called.
        content: its document.
        size: of the picture it was drawn for.
        created_at: in milliseconds since 1970.
    """

    id: str
    owner: str
    team: str | None
    name: str
    content: Mapping[str, Any]
    size: Size
    created_at: int


def _template(row: Row[Any]) -> Template:
    return Template(
        row.id,
        row.owner,
        row.team,
        row.name,
        json.loads(row.content),
        Size(row.width, row.height),
        row.created_at,
    )


def _seen(viewer: Identity) -> ColumnElement[bool]:
    return or_(templates.c.owner == viewer.owner, templates.c.team.in_(sorted(viewer.teams)))


def find(connection: Connection, template_id: str, viewer: Identity) -> Template | None:
    """Return a template that somebody may use, or None."""
    wanted = select(templates).where(templates.c.id == template_id, _seen(viewer))
    row = connection.execute(wanted).one_or_none()
    return _template(row) if row is not None else None


def page(
    connection: Connection, viewer: Identity, limit: int, cursor: str | None
) -> tuple[list[Template], str | None]:
    """Return those somebody may use, newest first, and where the next page begins.

    Raises:
        InvalidValue: the cursor is none.
    """
    wanted = select(templates).where(_seen(viewer))
    if cursor is not None:
        moment, _, last = cursor.partition(".")
        if not (moment.isascii() and moment.isdigit() and len(moment) < 16 and "\0" not in last):
            raise invalid("cursor", cursor, "next_cursor of an earlier page")
        at = int(moment)
        older = and_(templates.c.created_at == at, templates.c.id < last)
        wanted = wanted.where(or_(templates.c.created_at < at, older))
    ordered = wanted.order_by(templates.c.created_at.desc(), templates.c.id.desc())
    found = [_template(row) for row in connection.execute(ordered.limit(limit + 1))]
    if len(found) <= limit:
        return found, None
    last_one = found[limit - 1]
    return found[:limit], f"{last_one.created_at}.{last_one.id}"


def count(connection: Connection, owner: str) -> int:
    """Return how many somebody has."""
    wanted = select(func.count()).select_from(templates).where(templates.c.owner == owner)
    return connection.execute(wanted).scalar_one()


def add(connection: Connection, template: Template) -> None:
    """Keep a template."""
    connection.execute(
        insert(templates).values(
            id=template.id,
            owner=template.owner,
            team=template.team,
            name=template.name,
            content=json.dumps(dict(template.content), ensure_ascii=False),
            width=template.size.width,
            height=template.size.height,
            created_at=template.created_at,
        )
    )


def remove(connection: Connection, template_id: str) -> None:
    """Remove a template."""
    connection.execute(delete(templates).where(templates.c.id == template_id))


def exported(connection: Connection, account_id: str) -> list[dict[str, Any]]:
    """Return somebody's templates for their export."""
    wanted = select(templates).where(templates.c.owner == account_id)
    rows = [_template(row) for row in connection.execute(wanted.order_by(templates.c.created_at))]
    return [
        {
            "id": each.id,
            "name": each.name,
            "team": each.team,
            "size": {"width": each.size.width, "height": each.size.height},
            "shapes": each.content["shapes"],
            "created_at": each.created_at,
        }
        for each in rows
    ]


def erase(connection: Connection, account_id: str) -> None:
    """Remove somebody's templates, those of their teams too."""
    connection.execute(delete(templates).where(templates.c.owner == account_id))
