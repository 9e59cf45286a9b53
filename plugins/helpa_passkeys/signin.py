"""Signing in with a passkey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import structlog
from pydantic import Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Forbidden, Route, Services, Unprocessable
from helpa.api import Body, actor_of, client_of, json_body
from helpa.pages import Pages, local_path
from helpa_passkeys import ceremonies, challenges, passkeys
from helpa_passkeys.browsers import Browsers
from helpa_passkeys.ceremonies import Credential, Wrong
from helpa_passkeys.challenges import Asked
from helpa_passkeys.party import Party
from helpa_passkeys.passkeys import Passkey

log = structlog.get_logger("helpa.passkeys")

WRONG = "This passkey lets nobody in here. It may have been removed; sign in another way."
"""The same words whether it is unknown or its signature is wrong."""

LATE = "This took too long, was sent already, or was begun in another browser. Try again."
DISABLED = "This account is disabled. Ask an administrator."
COPIED = (
    "This passkey was used elsewhere in between, as a copy of it would be. Sign in another way, "
    "and remove it."
)


class SignInAnswer(Body):
    """The answer of a browser that was asked for a passkey."""

    credential: Credential
    next: Annotated[str, Field(max_length=2048)] = "/"


class Nothing(Body):
    """A body without members."""


@dataclass(frozen=True)
class Refusal:
    """Why somebody is not let in.

    Args:
        why: for the audit log.
        words: for the person.
        account: whose passkey it is, as far as that is known.
    """

    why: str
    words: str
    account: str = ""


class SignIn:
    """``/signin/passkey``.

    Args:
        services: what the server offers.
        pages: renders.
        party: this server.
    """

    def __init__(self, services: Services, pages: Pages, party: Party) -> None:
        self._services = services
        self._pages = pages
        self._party = party
        self._browsers = Browsers(secure=party.origin.startswith("https:"))

    def routes(self) -> list[Route]:
        """Return the routes."""
        path = "/signin/passkey"
        button = "Use a passkey" if self._party.usable else ""
        return [
            self._pages.page(path, self.show, "public", signin=button),
            Route("POST", f"{path}/options", self.ask, "public", page=True, credential=True),
            Route("POST", path, self.sign_in, "public", page=True, credential=True),
        ]

    async def show(self, request: Request) -> Response:
        """Answer with the page."""
        return self._pages.show(
            request,
            "signin_passkey.html",
            party=self._party,
            onward=_onward(request.query_params.get("next", "/")),
        )

    async def ask(self, request: Request) -> Response:
        """Answer with what the browser is to be asked for."""
        await json_body(request, Nothing)
        check_usable(self._party)
        browser = challenges.browser_secret(self._browsers.secret(request))
        challenge = await self._services.database.write(
            lambda connection: challenges.make(connection, browser, Asked())
        )
        response = JSONResponse(ceremonies.options_to_sign_in(self._party, challenge))
        self._browsers.hand(response, browser)
        return response

    async def sign_in(self, request: Request) -> Response:
        """Take the browser's answer, and begin a session."""
        self._services.rates.take("signin_address", client_of(request).group)
        answer = await json_body(request, SignInAnswer)
        check_usable(self._party)
        outcome = await self._signed_in(request, answer.credential)
        if isinstance(outcome, Refusal):
            await self._refuse(request, outcome)
            raise Forbidden(outcome.words)
        response = JSONResponse({"location": f"{self._pages.base}{_onward(answer.next)}"})
        self._services.sessions.hand(response, outcome)
        return response

    async def _signed_in(self, request: Request, credential: Credential) -> str | Refusal:
        """Return the text of a new session, or why there is none."""
        database = self._services.database
        try:
            challenge = ceremonies.challenge_of(credential)
        except Wrong as wrong:
            return _refusal("answer", wrong)
        browser = self._browsers.secret(request)
        # Taken in a transaction of its own: an answer that is wrong has used it up.
        taken = await database.write(lambda c: challenges.take(c, challenge, browser))
        if taken is None:
            return Refusal("challenge", LATE)
        held = await database.read(lambda c: passkeys.by_credential(c, credential.id))
        account = held.account if held is not None else ""
        try:
            key = held.public_key if held is not None else None
            count = ceremonies.signed_in(self._party, credential, challenge, key)
        except Wrong as wrong:
            return _refusal("answer" if held is not None else "unknown", wrong, account)
        if held is None or ceremonies.handle_in(credential) not in (None, held.handle):
            return Refusal("answer", WRONG, account)
        return await database.write(lambda c: self._begin(c, request, held, count))

    def _begin(
        self, connection: Connection, request: Request, held: Passkey, count: int
    ) -> str | Refusal:
        now = passkeys.by_credential(connection, held.credential)
        account = self._services.accounts.get(connection, held.account)
        if now is None:
            return Refusal("unknown", WRONG, held.account)
        if account is None or account.state != "active":
            return Refusal("disabled", DISABLED, held.account)
        # An authenticator that does not count says 0 for ever.
        if count <= now.sign_count and (count or now.sign_count):
            log.warning("passkey.count_back", passkey=now.id, held=now.sign_count, given=count)
            return Refusal("count_back", COPIED, held.account)
        passkeys.used(connection, now.id, count)
        return self._services.sessions.begin(
            connection, request, account.id, actor_of(request), "passkey"
        )

    async def _refuse(self, request: Request, refusal: Refusal) -> None:
        """Note that somebody was not let in."""
        # What came too late is nobody's guess.
        request.state.wrong_credential = refusal.why != "challenge"
        actor = actor_of(request)
        await self._services.database.write(
            lambda connection: self._services.journal.record(
                connection,
                actor,
                "signin.failed",
                f"account:{refusal.account or 'unknown'}",
                result="refused",
                details={"method": "passkey", "why": refusal.why},
            )
        )


def check_usable(party: Party) -> None:
    """Insist that browsers make passkeys for this server.

    Raises:
        Unprocessable: they do not; says why.
    """
    if not party.usable:
        raise Unprocessable(party.obstacle)


def _refusal(why: str, wrong: Wrong, account: str = "") -> Refusal:
    log.warning("passkey.refused", why=why, details=str(wrong))
    return Refusal(why, WRONG, account)


def _onward(text: str) -> str:
    return local_path(text) if len(text) <= 2048 else "/"
