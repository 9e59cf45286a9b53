"""One's own tokens and sessions."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request

from helpa import (
    Actor,
    Forbidden,
    HeldToken,
    Identity,
    IssuedToken,
    NotFound,
    Refused,
    Services,
    invalid,
)
from helpa.api import actor_of, now_ms
from helpa_accounts import uploader
from helpa_accounts.bodies import NewToken
from helpa_accounts.documents import (
    AccountDocument,
    Credential,
    NewTokenDocument,
    SessionDocument,
    TeamDocument,
    TokenDocument,
)

STALE = "Sign in again first: a token is made only within some minutes after signing in."


class Credentials:
    """Shows, makes and ends what somebody signs requests with.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._database = services.database
        self._tokens = services.tokens

    async def account(self, identity: Identity) -> AccountDocument:
        """Return who asks."""

        def find(connection: Connection) -> AccountDocument:
            account = self._services.accounts.get(connection, identity.owner)
            teams = self._services.accounts.teams_of(connection, identity.owner)
            return AccountDocument(
                id=identity.owner,
                email=account.email if account is not None else None,
                name=account.name if account is not None else identity.name,
                role=identity.role,
                teams=[TeamDocument.of(team) for team in teams],
                permissions=sorted(self.own_scopes(identity)),
                credential=Credential(id=identity.id, kind=identity.kind),
            )

        return await self._database.read(find)

    def own_scopes(self, identity: Identity) -> list[str]:
        """Return the permissions that a credential allows, in the order of their registering."""
        return [name for name in self._services.permissions if identity.may(name)]

    async def sessions(self, identity: Identity) -> list[SessionDocument]:
        """Return somebody's sessions, oldest first."""
        held = await self._database.read(
            lambda c: self._tokens.held(c, owner=identity.owner, kind="session")
        )
        return [SessionDocument.of(each, identity.id) for each in held]

    async def end(self, identity: Identity, actor: Actor, session_id: str) -> None:
        """End a session of somebody's own, everywhere.

        Raises:
            NotFound: they have no such session.
        """
        await self._revoke(identity, actor, session_id, "session", "session.end")

    async def end_others(self, identity: Identity, actor: Actor) -> None:
        """End all sessions of somebody but the one that asks."""

        def work(connection: Connection) -> int | None:
            last = None
            for each in self._tokens.held(connection, owner=identity.owner, kind="session"):
                if each.id != identity.id:
                    last = self._end(connection, identity, actor, each.id, "session.end") or last
            return last

        seq = await self._database.write(work)
        if seq is not None:
            await self._services.settled(seq)

    async def tokens(self, identity: Identity) -> list[TokenDocument]:
        """Return somebody's tokens, oldest first."""
        held = await self._database.read(lambda c: self._tokens.held(c, owner=identity.owner))
        return [TokenDocument.of(each) for each in held]

    async def fresh(self, identity: Identity) -> bool:
        """Whether a session may make a token: somebody signed in a moment ago."""
        return await self._database.read(lambda c: self._services.sessions.fresh(c, identity.id))

    async def create(self, request: Request, asked: NewToken) -> NewTokenDocument:
        """Make a token for who sent a request.

        Whoever finds a browser unlocked must not leave with a key to it, so a session must be
        fresh. What a token makes may no more and lives no longer than itself.

        Raises:
            Forbidden: the session is not fresh, or the credential is neither a session nor an API
                token of ours.
            InvalidValue: a scope does not exist or is none of one's own, or it would outlive the
                token that makes it.
        """
        identity, actor = request.state.identity, actor_of(request)
        self._check_scopes(identity, asked.scopes)
        await self._check_credential(request)
        scopes = list(dict.fromkeys(asked.scopes))

        def work(connection: Connection) -> tuple[IssuedToken, HeldToken]:
            made = self._tokens.create(
                connection,
                asked.name,
                scopes,
                owner=identity.owner,
                expires_in=self._lifetime(connection, identity, asked.expires_in),
            )
            held = self._held(connection, identity, made.id, "api")
            self._services.journal.record(
                connection,
                actor,
                "token.create",
                f"token:{made.id}",
                details={"owner": identity.owner, "scopes": scopes},
                personal={"name": asked.name},
            )
            return made, held

        made, held = await self._database.write(work)
        return NewTokenDocument(
            **dict(TokenDocument.of(held)),
            token=made.text,
            curl=uploader.curl(self._services.public_url, made.text),
            sharex=uploader.sharex(self._services.public_url, made.text),
        )

    async def token(self, identity: Identity, token_id: str) -> TokenDocument:
        """Return a token of somebody's own.

        Raises:
            NotFound: they have no such token.
        """
        held = await self._database.read(lambda c: self._held(c, identity, token_id, "api"))
        return TokenDocument.of(held)

    async def revoke(self, identity: Identity, actor: Actor, token_id: str) -> None:
        """End a token of somebody's own, everywhere.

        Raises:
            NotFound: they have no such token.
        """
        await self._revoke(identity, actor, token_id, "api", "token.revoke")

    async def _check_credential(self, request: Request) -> None:
        """Refuse a bearer token that a plugin vouches for, as an access token.

        One that holds for minutes would else become one that holds for ever.
        """
        _, _, text = request.headers.get("authorization", "").partition(" ")
        if text and isinstance(await self._tokens.check(text.strip(), kind="api"), Refused):
            raise Forbidden("Only a session or an API token makes tokens, and no access token.")

    def _check_scopes(self, identity: Identity, scopes: list[str]) -> None:
        own = self.own_scopes(identity)
        for scope in scopes:
            if scope not in own:
                known = scope in self._services.permissions
                hint = "You have no such permission." if known else "There is none of that name."
                raise invalid("scopes", scope, f"some of {', '.join(own)}", hint=hint)

    def _lifetime(
        self, connection: Connection, identity: Identity, asked: int | None
    ) -> float | None:
        """Return how many seconds a new token lives; None is for ever."""
        if identity.kind == "session":
            if not self._services.sessions.fresh(connection, identity.id):
                raise Forbidden(STALE, field="session")
            return asked
        try:
            maker = self._held(connection, identity, identity.id, "api")
        except NotFound:
            raise Forbidden("Only a session or an API token makes tokens.") from None
        if maker.expires_at is None:
            return asked
        left = max(0, maker.expires_at - now_ms()) / 1000
        if asked is not None and asked > left:
            raise invalid("expires_in", str(asked), f"up to {int(left)}, when this token ends")
        return asked if asked is not None else left

    def _held(
        self, connection: Connection, identity: Identity, token_id: str, kind: str
    ) -> HeldToken:
        for each in self._tokens.held(connection, owner=identity.owner, kind=kind):
            if each.id == token_id:
                return each
        # The same for another's as for one that never was.
        raise NotFound(f"There is no such {'session' if kind == 'session' else 'token'}.")

    async def _revoke(
        self, identity: Identity, actor: Actor, token_id: str, kind: str, action: str
    ) -> None:
        def work(connection: Connection) -> int | None:
            self._held(connection, identity, token_id, kind)
            return self._end(connection, identity, actor, token_id, action)

        seq = await self._database.write(work)
        if seq is not None:
            await self._services.settled(seq)

    def _end(
        self, connection: Connection, identity: Identity, actor: Actor, token_id: str, action: str
    ) -> int | None:
        seq = self._tokens.revoke(connection, token_id)
        if seq is not None:
            noun = action.partition(".")[0]
            self._services.journal.record(
                connection,
                actor,
                action,
                f"{noun}:{token_id}",
                details={"owner" if noun == "token" else "account": identity.owner},
            )
        return seq
