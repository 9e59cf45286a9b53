"""The routes: tokens, and the keys that others check them with."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Forbidden, Identity, Refused, Route, Services, invalid
from helpa.api import PROBLEMS, Body, Problem, Text, actor_of, json_body
from helpa_jwt import keyfile
from helpa_jwt.claims import MAX_SECONDS, Claims, sign
from helpa_jwt.recognition import bearer

Scope = Annotated[str, Field(min_length=1, max_length=64, pattern="^[a-z][a-z0-9_:-]*$")]


class AccessTokenRequest(Body):
    """What an access token is to be."""

    scopes: Annotated[list[Scope], Field(min_length=1, max_length=50)] = Field(
        description="What it allows; no more than who asks may."
    )
    audience: Annotated[Text, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$")] | None = (
        Field(None, description="The service it is for; unset is this server.")
    )
    expires_in: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = Field(
        600, description="Seconds it holds."
    )


class AccessToken(BaseModel):
    """An access token."""

    access_token: str = Field(description="A JWT (RFC 9068); shown this once.")
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds it holds.")
    scope: str = Field(description="What it allows, parted by spaces.")


class PublicKey(BaseModel):
    """A key to check access tokens with (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class PublicKeys(BaseModel):
    """The keys to check access tokens with."""

    keys: list[PublicKey]


class Issuing:
    """Makes access tokens for who asks.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "POST",
                "/api/access-tokens",
                self.create,
                "tokens:write",
                "Make an access token: a JWT for a service, for a while.",
                keyed=False,
                body=AccessTokenRequest,
                replies={201: AccessToken, **PROBLEMS, 413: Problem, 415: Problem},
            ),
            Route(
                "GET",
                "/.well-known/jwks.json",
                self.keys,
                "public",
                "The public keys of access tokens.",
                anonymous=True,
                replies={200: PublicKeys},
            ),
        ]

    async def create(self, request: Request) -> Response:
        """Make a token."""
        asked = await json_body(request, AccessTokenRequest)
        identity: Identity = request.state.identity
        if bearer(request.headers.get("authorization", "")) is not None:
            # Else one that was to hold for minutes could be renewed for ever.
            raise Forbidden("An access token makes no other; use the token it was made by.")
        for scope in asked.scopes:
            if scope not in self._services.permissions:
                raise invalid("scopes", scope, ", ".join(sorted(self._services.permissions)))
            if not identity.may(scope):
                raise Forbidden(
                    f"Who asks lacks the permission {scope}.", field="scopes", given=scope
                )
        if isinstance(await self._services.tokens.limited(identity.id, ()), Refused):
            raise Forbidden("Only a token or a session can make access tokens.")
        issuer = self._services.public_url
        text, expires_in = await self._services.database.write(
            lambda connection: self._made(connection, request, identity, asked, issuer)
        )
        document = AccessToken(
            access_token=text,
            token_type="Bearer",  # noqa: S106  a scheme, no secret
            expires_in=expires_in,
            scope=" ".join(sorted(set(asked.scopes))),
        )
        return JSONResponse(document.model_dump(), 201)

    def _made(
        self,
        connection: Connection,
        request: Request,
        identity: Identity,
        asked: AccessTokenRequest,
        issuer: str,
    ) -> tuple[str, int]:
        """Return a token and the seconds it holds; note that it was made."""
        expires_in = asked.expires_in
        parent = self._services.tokens.find(connection, identity.id)
        if parent is not None and parent.expires_at is not None:
            # Other services do not see its parent end.
            left = int(parent.expires_at / 1000 - time.time())
            expires_in = max(1, min(expires_in, left))
        text, token_id = sign(
            keyfile.load(self._services.folder())[0],
            issuer=issuer,
            audience=asked.audience or issuer,
            claims=Claims(identity.owner, identity.id, frozenset(asked.scopes)),
            expires_in=expires_in,
        )
        self._services.journal.record(
            connection,
            actor_of(request),
            "access_token.create",
            f"access_token:{token_id}",
            details={
                "account": identity.owner,
                "audience": asked.audience or issuer,
                "scopes": sorted(set(asked.scopes)),
                "expires_in": expires_in,
            },
        )
        return text, expires_in

    async def keys(self, request: Request) -> Response:  # noqa: ARG002
        """Answer with the public keys."""
        listed = [key.public() for key in keyfile.load(self._services.folder())]
        return JSONResponse({"keys": listed}, headers={"Cache-Control": "public, max-age=300"})
