"""What a route declares; the router, the rights and the OpenAPI document come from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from helpa.core.errors import RequestError

PUBLIC = "public"
"""The permission of routes that anybody may call."""

Handler = Callable[[Request], Awaitable[Response]]
Failed = Callable[[Request, RequestError], Response]


@dataclass(frozen=True)
class Route:
    """A path that answers.

    Args:
        method: GET, POST, PATCH, PUT or DELETE.
        path: as Starlette writes it: ``/api/images/{id}``.
        handler: an async function from request to response.
        permission: ``public``, or the scope the caller needs.
        summary: what it does, in a line.
        page: whether it answers people (HTML) rather than programs; pages are not in OpenAPI.
        menu: what the navigation of pages calls it, for those who may open it; unset leaves it out.
        signin: what its button on the page to sign in says; unset leaves it out.
        failed: answers its errors, those of access too, in place of a problem document.
        credential: whether it is sent a credential, as a form for signing in is. After too many
            wrong ones from an address it answers 429 without being called; that one was wrong it
            says with ``request.state.wrong_credential = True``.
        anonymous: whether it answers all alike: a credential is not looked at, so that it needs
            no database.
        events: whether it answers as server-sent events where a request asks for them by name; who
            has seen the last one is answered 204.
        keyed: whether it minds an Idempotency-Key: makes the change once, and repeats its answer.
        query: parameters of the query as a model.
        body: model of the JSON body.
        content: other bodies it takes: media type to JSON schema.
        replies: model or description by status.
    """

    method: str
    path: str
    handler: Handler
    permission: str
    summary: str = ""
    page: bool = False
    menu: str = ""
    signin: str = ""
    failed: Failed | None = None
    credential: bool = False
    anonymous: bool = False
    events: bool = False
    keyed: bool = False
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    replies: Mapping[int, type[BaseModel] | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.menu or self.signin) and (
            self.method != "GET" or not self.page or "{" in self.path
        ):
            raise ValueError(
                f"{self.method} {self.path}: only a page of a plain path has a menu or a button"
            )
