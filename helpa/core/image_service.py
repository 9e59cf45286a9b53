"""Images as plugins see them and change them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from helpa.core.actor import Actor
from helpa.core.identity import Identity
from helpa.core.operations import Layer
from helpa.core.stored_image import RevisionRow, StoredImage, Work
from helpa.core.stored_layer import LayerVersion, Retention

if TYPE_CHECKING:
    from sqlalchemy import Connection  # which `import helpa` does not wait for


@dataclass(frozen=True)
class OwnedImage:
    """An image as its owner has it.

    Args:
        document: everything that is said of it, without signed links.
        original: the file that was uploaded; it may be gone by the time it is opened.
    """

    document: Mapping[str, Any]
    original: Path


class ImageService(Protocol):
    """Images as plugins see them: documents, as the HTTP API answers them."""

    async def get(self, image_id: str, viewer: Identity | None) -> dict[str, Any]:
        """Return an image document.

        Raises:
            NotFound: no such image for this viewer.
        """

    async def recent(self, viewer: Identity, limit: int) -> list[dict[str, Any]]:
        """Return the newest images of the viewer and their teams."""

    async def shown(self, image_id: str, owner: str, **params: str) -> str:
        """Return the URL of a rendition of somebody's image that they show to others.

        Args:
            image_id: which.
            owner: the account that shows it.
            params: of the rendition; where it needs a signature, that grants this one alone.

        Raises:
            NotFound: it is gone, private, or not theirs.
        """

    def owned(self, account: str) -> AsyncIterator[OwnedImage]:
        """Yield every image of an account, newest first, holding a page of them at a time."""

    def document(
        self, connection: Connection, image_id: str, viewer: Identity | None
    ) -> dict[str, Any]:
        """Return an image document as the transaction at hand sees it.

        Raises:
            NotFound: it is gone.
        """

    async def managed(self, image_id: str, viewer: Identity | None, scope: str) -> StoredImage:
        """Return an image that somebody may do to what ``scope`` names.

        Raises:
            NotFound: there is none for them.
            Forbidden: they may see it, and no more.
        """

    async def find(self, image_id: str) -> StoredImage | None:
        """Return an image, whoever may see it, or None."""

    async def revise(
        self,
        image_id: str,
        plan: Callable[[StoredImage], Work],
        *,
        actor: Actor,
        reason: str,
        retention: Retention,
        personal: Mapping[str, Any] | None = None,
        keep: Callable[[Connection, StoredImage], None] | None = None,
    ) -> tuple[StoredImage, int]:
        """Give an image new pixels; what was shown before is shown nowhere any more.

        Args:
            image_id: which.
            plan: says what is drawn on it as it is now.
            actor: who does it.
            reason: ``redaction`` or ``edit``.
            retention: of what was uploaded.
            personal: of the log's entry: the reason that somebody gave.
            keep: called in the transaction that stores it, with the new image.

        Returns:
            The image, and the number of its invalidation, for :attr:`Services.narrowed`.

        Raises:
            NotFound: it is gone.
            Conflict: another process revised it meanwhile.
            RequestError: it cannot be drawn, or there is no room.
        """

    async def look(
        self,
        image_id: str,
        path: str,
        args: Mapping[str, Any],
        *,
        seconds: float,
        frame: int = 0,
    ) -> tuple[dict[str, Any], bytes]:
        """Return what a function finds in an image, called in a worker.

        Args:
            image_id: which.
            path: import path ``module:function`` of ``look(image, args) -> (dict, bytes)``, given
                the upright picture.
            args: JSON values handed to it.
            seconds: it may take.
            frame: number of the frame or page.

        Raises:
            NotFound: it is gone.
            RequestError: it failed, or there is no room.
        """

    def revisions(self, connection: Connection, image_id: str) -> list[RevisionRow]:
        """Return an image's revisions, oldest first."""

    def layers(self, connection: Connection, image_id: str) -> list[LayerVersion]:
        """Return every version of the plugin's layers on an image, by name and oldest first."""

    def save_layer(
        self,
        connection: Connection,
        image: StoredImage,
        layer: Layer,
        content: Mapping[str, Any] | None,
        actor: Actor,
    ) -> tuple[int, int]:
        """Store a version of a layer, and have URLs show it from now on.

        Args:
            connection: a writing connection.
            image: as it was when the layer was drawn.
            layer: by its name; the id is a new one.
            content: JSON, or None to take the layer away.
            actor: who does it.

        Returns:
            The version's number, and that of the invalidation.

        Raises:
            NotFound: the image is gone.
            Conflict: it was changed meanwhile.
        """

    def release(self, connection: Connection, image_id: str) -> int | None:
        """Let an image be seen that was held; the number of its invalidation, or None."""

    def guard(
        self,
        connection: Connection,
        *,
        everybody: bool,
        teams: Collection[str] = (),
        uploaders: Collection[str] = (),
    ) -> int | None:
        """Have what exactly these images hide be hidden for good: cosmetic effects are refused.

        Args:
            connection: a writing connection.
            everybody: whether all are.
            teams: whose are.
            uploaders: actors whose uploads are: ``token:<id>``, ``account:<id>``.

        Returns:
            The number of the last invalidation, or None where nothing changed.
        """
