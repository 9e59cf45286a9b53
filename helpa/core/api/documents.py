"""Records as the API shows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

from helpa.core.access import is_public, may_manage
from helpa.core.api.models import ImageDocument, ImageLinks
from helpa.core.database.images import Record
from helpa.core.identity import Identity
from helpa.core.markup import Candidate, Shown, srcset
from helpa.core.moments import timestamp
from helpa.core.signer import Signer
from helpa.core.signing import Grant
from helpa.core.unsigned import Mode

Link = Callable[..., str]
"""Returns the URL of a rendition, from its parameters as keyword arguments."""

THUMB = 200
WIDTHS = (400, 800, 1200, 1600, 2400)


class Documents:
    """Makes image documents.

    Args:
        signer: signs the ready-made links of pictures that need a signature.
        base_url: what absolute links begin with.
        unsigned: what image URLs may ask for without a signature.
        steps: widths and heights that ``unsigned = "steps"`` lets through, in pixels.
    """

    def __init__(
        self, signer: Signer, base_url: str, unsigned: Mode, steps: Collection[int]
    ) -> None:
        self._signer = signer
        self._base_url = base_url
        self._restricted = unsigned in ("presets", "none") or (
            unsigned == "steps" and not set(steps).issuperset((THUMB, *WIDTHS))
        )
        self._mode = unsigned

    def image(self, record: Record, viewer: Identity | None) -> dict[str, Any]:
        """Return the image document of a record, for a viewer."""
        return image_document(record, self._base_url, viewer, self.link(record, viewer))

    def link(self, record: Record, viewer: Identity | None, *, exact: bool = False) -> Link:
        """Return what makes URLs of renditions, signed where they must be and the viewer may.

        Args:
            record: the picture.
            viewer: who asks.
            exact: whether a signature grants each URL alone; else any view of the picture.
        """
        restricted = self._restricted or (exact and self._mode != "any")
        needed = record.visibility == "signed" or (is_public(record) and restricted)
        if not needed or not may_manage(record, viewer, "links:write"):
            return lambda **params: _plain(f"{self._base_url}/img/{record.id}", params)
        kind = Grant.EXACT if exact else Grant.VIEW
        return lambda **params: self._signer.link(record, params, kind=kind).url


def image_document(
    record: Record, base_url: str, viewer: Identity | None, link: Link
) -> dict[str, Any]:
    """Return the image document of a record, for a viewer.

    Args:
        record: the picture.
        base_url: what absolute links begin with.
        viewer: who asks.
        link: returns the URL of a rendition, from its parameters.
    """
    size, facts = record.size, record.facts
    original = may_manage(record, viewer, "originals:read")
    hidden = set() if original else {"sha256"}
    if not may_manage(record, viewer, "images:read"):
        hidden |= {"owner", "team"}
    return ImageDocument(
        id=record.id,
        url=f"{base_url}/img/{record.id}",
        page_url=f"{base_url}/i/{record.id}",
        filename=record.filename,
        width=size.width,
        height=size.height,
        format=record.uploaded,
        bytes=record.bytes,
        sha256=record.sha256 if original else None,
        created_at=timestamp(record.created_at),
        visibility=record.visibility,
        owner=record.owner,
        team=record.team,
        revision=record.revision,
        layer=record.layer,
        held=record.held,
        frames=facts["frames"],
        kind="graphic" if facts["graphic"] else "photograph",
        thumbhash=facts["thumbhash"],
        dominant_color=facts["dominant_color"],
        title=record.title,
        alt=record.alt,
        tags=list(record.tags),
        removed_metadata=facts["removed_metadata"],
        links=_links(record, link),
    ).model_dump(exclude=hidden)


def _plain(url: str, params: Mapping[str, str]) -> str:
    pairs = (f"{name}={quote(value, safe=',:')}" for name, value in params.items())
    return f"{url}?{'&'.join(pairs)}"


def _links(record: Record, link: Link) -> ImageLinks:
    size = record.size
    version = str(record.revision)
    # The widths of the setting unsigned_widths alone: nothing is enlarged to the first of them.
    widths = [w for w in WIDTHS if w < size.width] or [WIDTHS[0]]
    candidates = [Candidate(link(w=str(w), v=version), min(w, size.width)) for w in widths]
    shown = min(size.width, 800)
    height = size.height_at(shown)
    medium = link(w="800", v=version)
    on_page = Shown(medium, candidates, shown, height, alt=record.alt or record.title)
    return ImageLinks(
        thumb=link(w=str(THUMB), h=str(THUMB), v=version),
        small=link(w="400", v=version),
        medium=medium,
        large=link(w="1600", v=version),
        download=link(dl="1"),
        srcset=srcset(candidates),
        markdown=on_page.markdown(),
        html=on_page.img(),
    )
