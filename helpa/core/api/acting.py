"""Who acts through a request, as the audit log names them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from helpa.core.actor import Actor
from helpa.core.identity import Identity
from helpa.core.middleware import CLIENT, REQUEST_ID


async def confirm(request: Request) -> None:
    """Insist that who sent a request may still do so, now that its body is here.

    Raises:
        Conflict: what they may do has changed.
        Unauthorized: their credential holds no longer.
    """
    again: Callable[[], Awaitable[None]] | None = getattr(request.state, "confirm", None)
    if again is not None:
        await again()


def actor_of(request: Request, identity: Identity | None = None) -> Actor:
    """Return the actor behind a request.

    Args:
        request: on its way through a route.
        identity: who acts, where that is not who sent it, as in signing in.
    """
    return Actor.of(
        identity if identity is not None else getattr(request.state, "identity", None),
        request=request.scope.get(REQUEST_ID, ""),
        address=request.scope[CLIENT].address,
        device=request.headers.get("user-agent", ""),
    )
