"""Who sends a request: a bearer token, or what a plugin recognises."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from helpa.core import tokens
from helpa.core.database.engine import Database, now_ms
from helpa.core.errors import Unauthorized, Unavailable
from helpa.core.identity import Identity, Refused
from helpa.core.permissions import Permissions
from helpa.core.rates import Rates
from helpa.core.sessions import Sessions

log = structlog.get_logger("helpa.authentication")

Headers = Iterable[tuple[bytes, bytes]]
Hook = Callable[[Mapping[str, str]], Awaitable[object]]


class NoCredential(Unauthorized):
    """What was sent has not the form of a credential: a slip, and nobody's guess at a token."""


class Authenticator:
    """Finds the identity behind a request's headers.

    Args:
        database: where tokens are.
        permissions: what roles may do.
        hooks: (plugin name, ``authenticate``), asked in order where there is no token of ours.
        sessions: recognises those of browsers.
        rates: counts wrong credentials.
    """

    def __init__(
        self,
        database: Database,
        permissions: Permissions,
        hooks: Iterable[tuple[str, Hook]],
        sessions: Sessions,
        rates: Rates,
    ) -> None:
        self._database = database
        self._permissions = permissions
        self._sessions = sessions
        self._rates = rates
        self.used: dict[str, int] = {}
        """When tokens were last used (milliseconds since 1970), until somebody writes it down."""
        self._hooks = tuple(hooks)

    async def identify(self, headers: Headers, address: str = "") -> Identity | None:
        """Return who asks, or None where there is no credential.

        Args:
            headers: of the request.
            address: group of the client's address; wrong credentials are counted under it.

        Raises:
            RateExceeded: too many credentials from that address were wrong to look at another.
            Unauthorized: a credential is there and is not valid.
        """
        if address and any(name == b"authorization" for name, _ in headers):
            self._rates.check_failures(address)
        try:
            return await self._identified(headers)
        except NoCredential:
            raise
        except Unauthorized:
            if address:
                self._rates.failed(address)
            raise

    async def _identified(self, headers: Headers) -> Identity | None:
        named: dict[str, str] = {}
        for name, value in headers:
            named[name.decode("latin-1").lower()] = value.decode("latin-1")
        authorization = named.get("authorization", "")
        scheme, _, credential = authorization.partition(" ")
        if scheme.lower() == "bearer":
            text = credential.strip()
            if not text.startswith(tokens.PREFIX):
                # That header alone: who sends a bearer token is to be known by it or not at all.
                known = await self._asked({"authorization": authorization})
                if known is not None:
                    return known
            return await self._bearer(text)
        known = await self._asked(named)
        if known is not None:
            return known
        if not authorization:
            session = await self._sessions.identify(named)
            if session is not None:
                self.used[session.id] = now_ms()
            return session
        raise NoCredential(
            f"The Authorization scheme {scheme[:20]!r} is not known.",
            field="Authorization",
            allowed="Bearer <token>",
        )

    async def _asked(self, named: Mapping[str, str]) -> Identity | None:
        """Return whom the first plugin that knows a credential says, or None."""
        for plugin, hook in self._hooks:
            try:
                answer = await hook(named)
            except Unavailable:
                raise  # the credential may be right
            except Exception as error:
                log.error("plugin.failed", plugin=plugin, phase="authenticate", exc_info=error)
                raise Unauthorized("The credential could not be checked.") from None
            if isinstance(answer, Refused):
                raise Unauthorized(answer.reason)
            if isinstance(answer, Identity):
                self.used[answer.id] = now_ms()
                return answer
            if answer is not None:
                log.error("plugin.failed", plugin=plugin, phase="authenticate",
                          reason=f"it answered a {type(answer).__name__}")  # fmt: skip
                raise Unauthorized("The credential could not be checked.")
        return None

    async def _bearer(self, text: str) -> Identity:
        found = await tokens.check(self._database, text, self._permissions)
        if isinstance(found, Refused):
            kind = Unauthorized if tokens.well_formed(text) else NoCredential
            raise kind(found.reason, field="Authorization")
        self.used[found.id] = now_ms()
        return found
