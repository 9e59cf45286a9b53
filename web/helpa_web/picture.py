"""The page of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from helpa import Identity, Route, Services, Size
from helpa.pages import Pages

SIZES = (("large", "Large", 1600), ("medium", "Medium", 800), ("small", "Small", 400))

FULL_SIZE_SHOWN = 2400
"""Width up to which the page offers a browser the picture unscaled."""

CARD_WIDTH = 1200


@dataclass(frozen=True)
class Link:
    """A line of the list of links.

    Args:
        name: what scripts and tests call it.
        label: what people call it.
        note: its size.
        text: what is copied.
    """

    name: str
    label: str
    note: str
    text: str


def links(document: dict[str, Any]) -> list[Link]:
    """Return the links of a picture; renditions that would be the original size are left out."""
    width, height, ready = document["width"], document["height"], document["links"]
    found = [
        Link("page", "Page", "", document["page_url"]),
        Link("original", "Original size", f"{width} × {height}", document["url"]),
    ]
    for name, label, wide in SIZES:
        if wide < width:
            high = Size(width, height).height_at(wide)
            found.append(Link(name, label, f"{wide} × {high}", ready[name]))
    found.append(Link("markdown", "Markdown", "", ready["markdown"]))
    found.append(Link("html", "HTML", "", ready["html"]))
    return found


def srcset(document: dict[str, Any]) -> str:
    """Return what a browser may choose from, the unscaled picture included where it is small."""
    ready, width = document["links"]["srcset"], document["width"]
    if width > FULL_SIZE_SHOWN or f" {width}w" in ready:
        return str(ready)
    return f"{ready}, {document['url']}?v={document['revision']} {width}w"


class PicturePage:
    """``/i/<id>``.

    Args:
        services: what the server offers.
        pages: renders.
    """

    def __init__(self, services: Services, pages: Pages) -> None:
        self._images = services.images
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the route."""
        return [self._pages.page("/i/{id}", self.show, "public")]

    async def show(self, request: Request) -> Response:
        """Answer with the page, where this viewer may see the picture."""
        viewer: Identity | None = request.state.identity
        document = await self._images.get(request.path_params["id"], viewer)
        return self._pages.show(
            request,
            "picture.html",
            picture=document,
            links=links(document),
            srcset=srcset(document),
            name=document["title"] or document["filename"] or "Picture",
            card_width=min(CARD_WIDTH, document["width"]),
            may_change=viewer is not None and viewer.may("images:write"),
            may_delete=viewer is not None and viewer.may("images:delete"),
        )
