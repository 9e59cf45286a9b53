"""What an image URL answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpa.core.access import is_public
from helpa.core.database.images import Record
from helpa.core.explain import Happened, Made
from helpa.core.permit import Permit, Sharing
from helpa.core.plan import Plan
from helpa.core.signing import Grant
from helpa.core.vocabulary import EXPLAIN


@dataclass(frozen=True)
class Answer:
    """What an image URL answers.

    Args:
        plan: how it was resolved.
        permit: the right to it.
        records: every picture drawn in it, the first being the one the URL names.
        body: bytes of the rendition; None where the client has it already.
        tier: where it came from.
        narrowed: :attr:`Records.narrowed` when the right to it was last found.
        seconds: that planning took, and all of it.
    """

    plan: Plan
    permit: Permit
    records: tuple[Record, ...]
    body: bytes | None
    tier: str
    narrowed: int
    seconds: tuple[float, float]

    @property
    def sharing(self) -> Sharing:
        """Who else may be shown it: what every picture drawn in it allows."""
        permit = self.permit
        others = [each for each in self.records[1:] if not is_public(each)]
        if not others or permit.sharing is Sharing.PRIVATE:
            return permit.sharing
        by_grant = permit.grant is Grant.EXACT and all(
            each.visibility == "signed" and each.owner == permit.record.owner for each in others
        )
        return Sharing.SIGNED if by_grant else Sharing.PRIVATE

    @property
    def media_type(self) -> str:
        """Its media type."""
        return "application/json" if self.plan.describe else self.plan.encoder.media_type

    @property
    def explains(self) -> bool:
        """Whether not the rendition is asked for, but how it came about."""
        return bool(self.permit.query.get(EXPLAIN))

    def happened(self, made: Made | None, accept: int, headers: Mapping[str, str]) -> Happened:
        """Return what was done for it.

        Args:
            made: how it was made, where this process knows.
            accept: class of the Accept header.
            headers: what caches would be told with the rendition.
        """
        planning, total = self.seconds
        return Happened(
            accept=accept,
            tier=self.tier,
            made=made,
            planning=planning,
            total=total,
            media_type=self.media_type,
            bytes=len(self.body or b""),
            original=self.permit.record.bytes,
            headers=headers,
        )
