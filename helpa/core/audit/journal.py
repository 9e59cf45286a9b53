"""Entries and events, written in the transaction of the change they tell of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from helpa.core.actor import Actor
from helpa.core.database.engine import now_ms
from helpa.core.database.schema import events


class Journal:
    """Says what happened, to the audit log and to plugins."""

    def record(
        self,
        connection: Connection,
        actor: Actor,
        action: str,
        target: str,
        *,
        result: str = "ok",
        details: Mapping[str, Any] | None = None,
        personal: Mapping[str, Any] | None = None,
        event: bool = True,
    ) -> None:
        """Add an entry, and an event, in the transaction at hand.

        Args:
            connection: a writing connection; what is written is kept or lost with its transaction.
            actor: who did it.
            action: what, as noun and verb: ``image.delete``.
            target: to which object: ``image:<id>``, ``account:<id>``.
            result: ``ok`` or ``refused``.
            details: JSON values that are nobody's in person; they stay for ever, and plugins are
                told of them in the event.
            personal: JSON values of a person, such as an e-mail address; they go when the person
                is erased, and are not in the event.
            event: whether plugins are told; what only shows something is no event.
        """
        payload = json.dumps(dict(details or {}), ensure_ascii=False, sort_keys=True)
        if event:
            connection.execute(
                insert(events).values(
                    kind=action,
                    object=target,
                    actor=actor.name,
                    payload=payload,
                    created_at=now_ms(),
                )
            )
