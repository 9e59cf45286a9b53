"""``helpa sheet``."""

from __future__ import annotations

from typing import Annotated

from helpa import Identity, Parameter, Services
from helpa_example.route import newest

OPERATOR = Identity("operator", "command line", frozenset({"images:read"}))
"""Whoever may read the data folder may list what is in it."""


async def sheet(
    services: Services,
    *,
    limit: Annotated[int, Parameter("How many pictures to list.", ge=1, le=100)] = 10,
) -> str:
    """List the newest pictures in two colours."""
    found = await newest(services, OPERATOR, limit)
    return "\n".join(tile.url for tile in found.tiles)
