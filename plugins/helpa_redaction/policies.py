"""Which policy holds for whom, and the statements on policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from helpa import (
    Actor,
    Arrival,
    Identity,
    NotFound,
    Retention,
    Screened,
    Services,
    StoredImage,
    invalid,
)
from helpa.api import now_ms
from helpa_redaction.policy import Policy
from helpa_redaction.tables import policies

DEFAULT = "default"
_SUBJECT = re.compile(r"default|(team|token):[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A policy and whose it is.

    Args:
        subject: ``default``, ``team:<id>`` or ``token:<id>``.
        policy: what it says.
        changed_at: when, in milliseconds since 1970.
    """

    subject: str
    policy: Policy
    changed_at: int


def checked_subject(text: str) -> str:
    """Return a subject.

    Raises:
        NotFound: it is none.
    """
    if not _SUBJECT.fullmatch(text):
        raise NotFound(
            "There are no policies of this.",
            field="subject",
            given=text[:80],
            allowed="default, team:<id> or token:<id>",
        )
    return text


def check_looked_for(policy: Policy, missing: Mapping[str, str]) -> None:
    """Insist that uploads are looked through for something, and that it can be found here.

    Else what is held until it was redacted would be let go by nobody.

    Args:
        policy: that is to be set.
        missing: why categories cannot be looked for here, of those that cannot.

    Raises:
        InvalidValue: one cannot, says why; or there is none.
    """
    if policy.action != "none" and not policy.look_for:
        raise invalid("look_for", "none", "one category at least; or the action none")
    for category in policy.look_for if policy.action == "apply" else ():
        why = missing.get(category)
        if why is not None:
            allowed = "categories that can be looked for here, where they are redacted at once"
            raise invalid("look_for", category, allowed, hint=f"It cannot: {why}.")


def every(connection: Connection) -> list[Kept]:
    """Return all policies, by subject."""
    return [
        Kept(row.subject, Policy.model_validate_json(row.policy), row.changed_at)
        for row in connection.execute(select(policies).order_by(policies.c.subject))
    ]


def one(connection: Connection, subject: str) -> Kept | None:
    """Return the policy of a subject, or None."""
    row = connection.execute(select(policies).where(policies.c.subject == subject)).one_or_none()
    if row is None:
        return None
    return Kept(row.subject, Policy.model_validate_json(row.policy), row.changed_at)


def holding(connection: Connection, actor: str, team: str | None) -> Kept | None:
    """Return the policy that holds: of the token, else of the team, else of everybody, or None.

    Args:
        connection: a reading connection.
        actor: who uploaded: ``token:<id>`` or another.
        team: of the picture.
    """
    subjects = [
        actor if actor.startswith("token:") else "",
        f"team:{team}" if team else "",
        DEFAULT,
    ]
    rows = connection.execute(select(policies).where(policies.c.subject.in_(subjects))).all()
    found = {row.subject: row for row in rows}
    for subject in filter(None, subjects):
        if subject in found:
            row = found[subject]
            return Kept(subject, Policy.model_validate_json(row.policy), row.changed_at)
    return None


def screen(connection: Connection, arrival: Arrival) -> Screened:
    """Say what holds for a picture that arrives."""
    kept = holding(connection, arrival.actor, arrival.team)
    if kept is None:
        return Screened()
    return Screened(held=arrival.new and kept.policy.action == "apply", guarded=True)


class Policies:
    """Policies of a running server.

    Args:
        services: of the server.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of(self, image: StoredImage) -> Policy:
        """Return the policy that holds for a picture; the default one where none was set."""
        kept = await self._services.database.read(lambda c: self.held(c, image))
        return kept.policy if kept is not None else Policy(action="none")

    async def retention(self, image: StoredImage, otherwise: Retention) -> Retention:
        """Return what becomes of the upload of a picture: what its policy says, else otherwise."""
        kept = await self._services.database.read(lambda c: self.held(c, image))
        return kept.policy.original.retention if kept is not None else otherwise

    def held(self, connection: Connection, image: StoredImage) -> Kept | None:
        """Return the policy that was set for a picture, or None."""
        first = self._services.images.revisions(connection, image.id)[:1]
        return holding(connection, first[0].actor if first else "", image.team)

    async def may_see_original(self, identity: Identity, image_id: str) -> bool:
        """Whether the policy of a picture lets somebody see its original."""
        image = await self._services.images.find(image_id)
        if image is None:
            return True  # there is nothing to see
        roles = (await self.of(image)).originals
        return roles is None or identity.role in roles

    async def put(self, subject: str, policy: Policy, actor: Actor) -> Kept:
        """Set a policy.

        Raises:
            NotFound: there is no such team or token.
        """
        now = now_ms()

        def work(connection: Connection) -> int | None:
            self._check(connection, subject)
            connection.execute(delete(policies).where(policies.c.subject == subject))
            connection.execute(
                insert(policies).values(
                    subject=subject,
                    policy=policy.model_dump_json(),
                    actor=actor.name,
                    changed_at=now,
                )
            )
            seq = self._guard(connection)
            self._services.journal.record(
                connection, actor, "redaction-policy.set", subject,
                details={"action": policy.action, "original": policy.original.mode},
            )  # fmt: skip
            return seq

        seq = await self._services.database.write(work)
        if seq is not None:
            await self._services.settled(seq)
        return Kept(subject, policy, now)

    async def remove(self, subject: str, actor: Actor) -> None:
        """Remove a policy.

        Raises:
            NotFound: there is none.
        """

        def work(connection: Connection) -> int | None:
            if not connection.execute(
                delete(policies).where(policies.c.subject == subject)
            ).rowcount:
                raise NotFound("There is no such policy.")
            seq = self._guard(connection)
            self._services.journal.record(connection, actor, "redaction-policy.remove", subject)
            return seq

        seq = await self._services.database.write(work)
        if seq is not None:
            await self._services.settled(seq)

    def _guard(self, connection: Connection) -> int | None:
        """Have effects that only seem to hide be refused where a policy holds, and only there."""
        subjects = list(connection.execute(select(policies.c.subject)).scalars())
        return self._services.images.guard(
            connection,
            everybody=DEFAULT in subjects,
            teams=[each.removeprefix("team:") for each in subjects if each.startswith("team:")],
            uploaders=[each for each in subjects if each.startswith("token:")],
        )

    def _check(self, connection: Connection, subject: str) -> None:
        kind, _, subject_id = subject.partition(":")
        if kind == "team":
            teams = self._services.accounts.teams(connection)
            if subject_id not in {team.id for team in teams}:
                raise NotFound("There is no such team.", given=subject_id)
        if kind == "token" and self._services.tokens.find(connection, subject_id) is None:
            raise NotFound("There is no such token.", given=subject_id)
