"""Editing a picture for good: a cut, a turn, a flip, made of its pixels."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from helpa import Actor, Drawing, Services, StoredImage, Work
from helpa_redaction.bodies import EditRequest
from helpa_redaction.edits import edit_of
from helpa_redaction.policies import Policies
from helpa_redaction.redactions import TOOL, Keep, check_revision
from helpa_redaction.settings import RedactionSettings
from helpa_redaction.tables import suggestions


class Editing:
    """Edits pictures.

    Args:
        services: of the server.
        settings: of the plugin.
        policies: what becomes of uploads.
    """

    def __init__(self, services: Services, settings: RedactionSettings, policies: Policies) -> None:
        self._services = services
        self._settings = settings
        self._policies = policies

    async def edit(
        self, image: StoredImage, asked: EditRequest, actor: Actor, keep: Keep
    ) -> tuple[StoredImage, int]:
        """Cut, turn and flip a picture, in this order.

        Args:
            image: which.
            asked: what.
            actor: who wants it.
            keep: called in the transaction with the new picture.

        Returns:
            The picture, and the number of its invalidation.

        Raises:
            InvalidValue: nothing would change, or the cut lies outside.
            Conflict: the picture was changed meanwhile.
            NotFound: it is gone.
        """

        def kept(connection: Connection, now: StoredImage) -> None:
            # What was found lies elsewhere now; who wants to know looks again.
            connection.execute(delete(suggestions).where(suggestions.c.image == now.id))
            keep(connection, now)

        return await self._services.images.revise(
            image.id,
            lambda now: self._plan(now, asked),
            actor=actor,
            reason="edit",
            retention=await self._policies.retention(image, self._settings.retention),
            personal={"reason": asked.reason} if asked.reason else None,
            keep=kept,
        )

    @staticmethod
    def _plan(image: StoredImage, asked: EditRequest) -> Work:
        check_revision(image, asked.revision)
        edit = edit_of(asked, image.size)
        drawings = tuple(
            Drawing(each.draw, each.args, each.size, each.transform) for each in edit.changes
        )
        details = {
            "tool": TOOL,
            "size": [image.size.width, image.size.height],
            "edit": [{each.name: each.args} for each in edit.changes],
            "transform": [getattr(edit.transform, name) for name in "abcdef"],
            "result": [edit.size.width, edit.size.height],
        }
        return Work(drawings, details)
