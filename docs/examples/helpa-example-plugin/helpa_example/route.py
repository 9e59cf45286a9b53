"""``GET /api/example/sheet``."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from helpa import Identity, Services

QUERY = "w=200&duo=1d3557,f1faee"


class Tile(BaseModel):
    """A picture in two colours."""

    id: str = Field(description="Its id.")
    url: str = Field(description="Where it is, in two colours.")


class Sheet(BaseModel):
    """The newest pictures."""

    tiles: list[Tile] = Field(description="Newest first.")


class SheetApi:
    """Answers with the newest pictures of whoever asks.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, request: Request) -> JSONResponse:
        """Answer a request."""
        sheet = await newest(self._services, request.state.identity, 20)
        return JSONResponse(sheet.model_dump())


async def newest(services: Services, viewer: Identity, limit: int) -> Sheet:
    """Return the newest pictures that somebody may see."""
    documents: list[dict[str, Any]] = await services.images.recent(viewer, limit)
    return Sheet(tiles=[Tile(id=d["id"], url=f"{d['url']}?{QUERY}") for d in documents])
