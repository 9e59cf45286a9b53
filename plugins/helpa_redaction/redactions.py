"""Redacting a picture: which pixels, with what, and what becomes of the upload."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

import helpa
from helpa import Actor, Conflict, Drawing, Services, StoredImage, Work
from helpa_redaction import findings
from helpa_redaction.policies import Policies
from helpa_redaction.policy import Style
from helpa_redaction.regions import RegionBody, covered, regions_of
from helpa_redaction.settings import RedactionSettings

DRAW = "helpa_redaction.draw.redact:redact"
TOOL = f"helpa {helpa.__version__}"
SMALLEST_CELL, CELLS = 8, 60
"""A decoy's cells are a sixtieth of the picture's shorter side, 8 px at the least: what people take
for a pixelated text."""

Keep = Callable[[Connection, StoredImage], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be hidden.

    Args:
        regions: where.
        style: solid or decoy.
        colour: of solid, in hex; None is that of the settings.
        category: what it hides, where that is known.
        reason: why, in somebody's words; for the audit log alone.
        revision: that the regions were drawn on, or None for the current one.
        automatic: whether a policy wants it and nobody looked.
    """

    regions: Sequence[RegionBody]
    style: Style = "solid"
    colour: str | None = None
    category: str | None = None
    reason: str = ""
    revision: int | None = None
    automatic: bool = False


class Redactions:
    """Redacts pictures.

    Args:
        services: of the server.
        settings: of the plugin.
        policies: what becomes of uploads.
    """

    def __init__(self, services: Services, settings: RedactionSettings, policies: Policies) -> None:
        self._services = services
        self._settings = settings
        self._policies = policies

    async def redact(
        self, image: StoredImage, wanted: Wanted, actor: Actor, keep: Keep | None = None
    ) -> tuple[StoredImage, int]:
        """Hide regions of a picture for good.

        Args:
            image: which.
            wanted: what.
            actor: who wants it.
            keep: called in the transaction with the new picture.

        Returns:
            The picture, and the number of its invalidation.

        Raises:
            InvalidValue: a region is none, or lies outside.
            Conflict: the picture was changed since the regions were drawn.
            NotFound: it is gone.
        """

        def kept(connection: Connection, now: StoredImage) -> None:
            rects = self._services.images.revisions(connection, now.id)[-1].details["covered"]
            findings.covered(connection, now.id, rects, actor.name)
            if keep is not None:
                keep(connection, now)

        return await self._services.images.revise(
            image.id,
            lambda now: self.plan(now, wanted),
            actor=actor,
            reason="redaction",
            retention=await self._policies.retention(image, self._settings.retention),
            personal={"reason": wanted.reason} if wanted.reason else None,
            keep=kept,
        )

    def plan(self, image: StoredImage, wanted: Wanted) -> Work:
        """Return what is drawn, and what a manifest says of it."""
        check_revision(image, wanted.revision)
        regions = regions_of(wanted.regions, image.size)
        rects = covered(regions, image.size, image.grid, self._settings.margin).rects
        size = image.size
        shown: dict[str, Any] = {"style": wanted.style}
        if wanted.style == "solid":
            shown["colour"] = wanted.colour or self._settings.colour
        else:
            shown["cell"] = max(SMALLEST_CELL, min(size.width, size.height) // CELLS)
        args = {"rects": [list(rect) for rect in rects], **shown}
        if "colour" in shown:
            colour = helpa.Colour.parse(shown["colour"])
            args["colour"] = [colour.red, colour.green, colour.blue]
        details = {
            "tool": TOOL,
            "size": [size.width, size.height],
            "result": [size.width, size.height],
            "regions": [region.document for region in regions],
            "covered": args["rects"],
            **shown,
            **({"category": wanted.category} if wanted.category else {}),
            **({"automatic": True} if wanted.automatic else {}),
        }
        return Work((Drawing(DRAW, args, size),), details)


def body_of(box: Sequence[int]) -> RegionBody:
    """Return a rectangle, x, y, w, h in pixels, as a region."""
    return RegionBody.model_validate(dict(zip("xywh", box, strict=True)))


def check_revision(image: StoredImage, revision: int | None) -> None:
    """Insist that a picture is the one that somebody looked at.

    Raises:
        Conflict: it was changed since.
    """
    if revision is not None and revision != image.revision:
        raise Conflict(
            f"The picture has revision {image.revision} by now.",
            field="revision",
            given=str(revision),
            allowed=str(image.revision),
        )
