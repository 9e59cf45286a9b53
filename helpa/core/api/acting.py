"""Who acts through a request, as the audit log names them."""

from __future__ import annotations

from starlette.requests import Request

from helpa.core.actor import Actor
from helpa.core.identity import Identity
from helpa.core.middleware import CLIENT, REQUEST_ID


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
