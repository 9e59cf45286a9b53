"""Entries and events, written in the transaction of the change they tell of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from helpa.core.actor import Actor
from helpa.core.audit import entry, log
from helpa.core.database.engine import now_ms
from helpa.core.database.schema import events
from helpa.core.settings_audit import Audit

DEFAULTS = Audit()


class Journal:
    """Says what happened, to the audit log and to plugins.

    Args:
        settings: how much of an address is kept.
    """

    def __init__(self, settings: Audit = DEFAULTS) -> None:
        self._settings = settings

    def address(self, address: str) -> str:
        """Return so much of a client's address as may be kept."""
        return entry.kept_address(address, self._settings.address)

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

        Best as the last thing a transaction does: others who record wait until it ends.

        Args:
            connection: a writing connection; what is written is kept or lost with its transaction.
            actor: who did it.
            action: what, as noun and verb: ``image.delete``.
            target: to which object: ``image:<id>``, ``account:<id>``.
            result: ``ok`` or ``refused``.
            details: JSON values that are nobody's in person; they stay for ever, and plugins are
                told of them in the event.
            personal: JSON values of a person, such as an e-mail address; they go when the person
                is erased, and are not in the event. That person is the actor, who it is on behalf
                of, or the target: in an entry without an account they stay.
            event: whether plugins are told; what only shows something is no event.
        """
        part = entry.personal_part(actor, personal, self._settings.address)
        salt = entry.new_salt()
        log.append(
            connection,
            log.Entry(
                actor=actor.name,
                on_behalf=actor.on_behalf,
                action=action,
                object=target,
                result=result,
                request=actor.request,
                details=entry.canonical(details or {}),
                commitment=entry.commitment_of(salt, part),
                salt=salt,
                personal=part,
            ),
        )
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

    def erase(self, connection: Connection, account_id: str) -> int:
        """Take what is said of a person in person out of the log; return of how many entries.

        Record ``account.erase`` of them in the same transaction: it explains what is missing.
        """
        return log.erase_personal(connection, account_id)
