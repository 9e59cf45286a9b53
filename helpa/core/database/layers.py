"""Statements on layers: what is stored to be drawn over a picture, in versions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from helpa.core.database.engine import now_ms
from helpa.core.database.invalidations import invalidate
from helpa.core.database.schema import images, layers, revisions
from helpa.core.ids import new_id
from helpa.core.operations import Layer
from helpa.core.stored_layer import LayerVersion


def content(connection: Connection, layer_id: str) -> dict[str, Any] | None:
    """Return the content of a version by its id, or None."""
    statement = select(layers.c.content).where(layers.c.id == layer_id)
    text = connection.execute(statement).scalar_one_or_none()
    return json.loads(text) if text is not None else None


def versions(connection: Connection, image_id: str, name: str | None = None) -> list[LayerVersion]:
    """Return the versions of a picture's layers, or of one of them, oldest first."""
    statement = select(layers).where(layers.c.image == image_id)
    if name is not None:
        statement = statement.where(layers.c.name == name)
    ordered = statement.order_by(layers.c.name, layers.c.version)
    return [_version(row) for row in connection.execute(ordered)]


def version(connection: Connection, layer_id: str) -> LayerVersion | None:
    """Return a version by its id, or None."""
    row = connection.execute(select(layers).where(layers.c.id == layer_id)).one_or_none()
    return _version(row) if row is not None else None


def _version(row: Row[Any]) -> LayerVersion:
    return LayerVersion(
        row.id,
        row.plugin,
        row.name,
        row.version,
        json.loads(row.content),
        row.actor,
        row.created_at,
    )


def parse(text: str) -> tuple[Layer, ...]:
    """Return what an image's row says of its layers."""
    return tuple(
        Layer(each["id"], each["name"], each["current"], tuple(each["pictures"]), each["plugin"])
        for each in json.loads(text)
    )


def _text(listed: Sequence[Layer]) -> str:
    return json.dumps([asdict(each) for each in listed])


def write(
    connection: Connection,
    image_id: str,
    plugin: str,
    layer: Layer,
    stored: Mapping[str, Any],
    actor: str,
) -> LayerVersion:
    """Add a version of a layer, without showing it; see :func:`show`."""
    rows = select(layers.c.version).where(
        layers.c.image == image_id, layers.c.plugin == plugin, layers.c.name == layer.name
    )
    number = max(connection.execute(rows).scalars(), default=0) + 1
    added = LayerVersion(layer.id, plugin, layer.name, number, stored, actor, now_ms())
    connection.execute(
        insert(layers).values(
            id=layer.id,
            image=image_id,
            plugin=plugin,
            name=layer.name,
            version=number,
            content=json.dumps(dict(stored), ensure_ascii=False),
            actor=actor,
            created_at=added.created_at,
        )
    )
    return added


def save(
    connection: Connection,
    image_id: str,
    plugin: str,
    layer: Layer,
    stored: Mapping[str, Any] | None,
    actor: str,
) -> tuple[int, int]:
    """Store a version of a layer, or take the layer away, and have URLs show that from now on.

    Args:
        connection: a writing connection.
        image_id: which picture.
        plugin: whose layer it is.
        layer: the version; where it is the current one, no other is.
        stored: its content, or None to take the layer away.
        actor: who does it.

    Returns:
        The version's number, 0 where it is taken away, and that of the invalidation.
    """
    text = connection.execute(select(images.c.layers).where(images.c.id == image_id)).scalar_one()
    layer, listed = replace(layer, plugin=plugin), list(parse(text))
    own = [each for each in listed if each.plugin == plugin and each.name != layer.name]
    number = 0
    if stored is not None:
        number = write(connection, image_id, plugin, layer, stored, actor).version
        if layer.current:
            own = [replace(each, current=False) for each in own]
        own.append(layer)
    listed = [*(each for each in listed if each.plugin != plugin), *own]
    return number, show(connection, image_id, listed, actor)


def show(connection: Connection, image_id: str, listed: Sequence[Layer], actor: str) -> int:
    """Have a picture show some layers from now on, as a revision of its own.

    Args:
        connection: a writing connection.
        image_id: which picture.
        listed: its layers.
        actor: who does it.

    Returns:
        The number of the invalidation: what was shown before is shown no more.
    """
    connection.execute(
        update(images)
        .where(images.c.id == image_id)
        .values(
            layers=_text(listed),
            layer=images.c.layer + 1,
            revision=images.c.revision + 1,
            access_version=images.c.access_version + 1,
        )
    )
    row = connection.execute(
        select(images.c.revision, images.c.rendition_id).where(images.c.id == image_id)
    ).one()
    connection.execute(
        insert(revisions).values(
            image=image_id,
            revision=row.revision,
            rendition_id=row.rendition_id,
            blob=None,
            reason="annotation",
            actor=actor,
            details="{}",
            created_at=now_ms(),
        )
    )
    return invalidate(connection, image_id, narrows=True)


def renewed(
    connection: Connection, image_id: str, contents: Mapping[str, Mapping[str, Any]], actor: str
) -> str:
    """Give layers other content, as the picture below them has changed; return the row's text.

    Args:
        connection: a writing connection.
        image_id: which picture.
        contents: the new content, by id of the layer's version.
        actor: who changed the picture.
    """
    text = connection.execute(select(images.c.layers).where(images.c.id == image_id)).scalar_one()
    listed = []
    for layer in parse(text):
        stored = contents.get(layer.id)
        if stored is not None:
            layer = replace(layer, id=new_id())
            write(connection, image_id, layer.plugin, layer, stored, actor)
        listed.append(layer)
    return _text(listed)


def erase(connection: Connection, image_id: str, but: Sequence[str] = ()) -> None:
    """Remove the versions of a picture's layers, but those of some ids."""
    connection.execute(
        delete(layers).where(layers.c.image == image_id, layers.c.id.not_in(list(but)))
    )
