"""An image as plugins work on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpa.core.affine import Affine
from helpa.core.grid import Grid
from helpa.core.operations import Picture
from helpa.core.values import Size


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image.

    Args:
        id: its id.
        owner: whose it is.
        team: whose members may see and change it, too.
        visibility: public, signed or private; private while it is held.
        revision: raised by whatever changes the default picture.
        layer: raised by whatever changes its layers.
        held: whether it is private until a plugin releases it.
        created_at: when, in milliseconds since 1970.
        picture: what planning knows of it.
    """

    id: str
    owner: str
    team: str | None
    visibility: str
    revision: int
    layer: int
    held: bool
    created_at: int
    picture: Picture

    @property
    def size(self) -> Size:
        """Upright size in pixels."""
        return self.picture.size

    @property
    def grid(self) -> Grid:
        """Blocks of the lossy codec its pixels have come through."""
        return self.picture.grid


@dataclass(frozen=True, slots=True)
class Drawing:
    """A step of a revision.

    Args:
        draw: import path ``module:function`` of ``draw(image, args, context) -> image``; it is
            given the upright picture in full size, frame by frame, and loaded in a worker alone.
        args: JSON values handed to it.
        size: of the picture after it, in pixels.
        transform: where a point of the picture before it lands after it.
    """

    draw: str
    args: Mapping[str, Any]
    size: Size
    transform: Affine = field(default_factory=Affine)


@dataclass(frozen=True, slots=True)
class Work:
    """What a revision is made of.

    Args:
        drawings: the steps, at least one.
        details: JSON that says how, for its manifest. Nothing of content, and of no person.
    """

    drawings: tuple[Drawing, ...]
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision of an image.

    Args:
        revision: its number.
        reason: upload, redaction, edit or annotation.
        actor: who made it.
        details: of its :class:`Work`, and ``before``: the HMAC of the file it was made from, under
            a key that is destroyed with the original.
        original: kept, sealed or destroyed: what has become of its file.
        created_at: when, in milliseconds since 1970.
    """

    revision: int
    reason: str
    actor: str
    details: Mapping[str, Any]
    original: str
    created_at: int
