"""One's own passkeys: the list, adding, renaming and removing."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from pydantic import Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Forbidden, Identity, InvalidValue, NotFound, Route, Services
from helpa.api import Body, Text, actor_of, json_body, timestamp
from helpa.pages import Form, Pages
from helpa_passkeys import ceremonies, challenges, passkeys
from helpa_passkeys.browsers import Browsers
from helpa_passkeys.ceremonies import Added, Credential, Wrong
from helpa_passkeys.challenges import Asked
from helpa_passkeys.party import Party
from helpa_passkeys.signin import LATE, check_usable

log = structlog.get_logger("helpa.passkeys")

PATH = "/account/passkeys"
PERMISSION = "passkeys:write"
NAME_MOST = 100

NOT_FRESH = "You signed in a while ago. Sign in again, then add the passkey."
NOT_MADE = "The browser's answer does not hold: no passkey was added. Try again."

DONE = {
    "added": "The passkey was added. You can sign in with it from now on.",
    "renamed": "The passkey was renamed.",
    "removed": "The passkey was removed. It signs nobody in any more.",
}


class AddRequest(Body):
    """What a new passkey is to be called."""

    name: Annotated[Text, Field(max_length=1000)] = ""


class AddAnswer(Body):
    """The passkey that a browser has made."""

    credential: Credential


class Managing:
    """``/account/passkeys``.

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
        pages = self._pages
        return [
            pages.page(PATH, self.show, PERMISSION, menu="Passkeys"),
            # Before the pages of passkeys, one of which it would be else.
            Route("POST", f"{PATH}/options", self.ask, PERMISSION, page=True),
            pages.page(f"{PATH}/{{id}}", self.show_one, PERMISSION),
            pages.form(f"{PATH}/{{id}}", self.rename, PERMISSION),
            pages.form(f"{PATH}/{{id}}/remove", self.remove, PERMISSION),
            Route("POST", PATH, self.add, PERMISSION, page=True),
        ]

    async def show(self, request: Request) -> Response:
        """Answer with the list."""
        session = _session(request)

        def read(connection: Connection) -> tuple[list[passkeys.Passkey], bool]:
            held = passkeys.of_account(connection, session.owner)
            return held, self._services.sessions.fresh(connection, session.id)

        held, fresh = await self._services.database.read(read)
        return self._pages.show(
            request,
            "passkeys.html",
            party=self._party,
            passkeys=[_shown(each) for each in held],
            fresh=fresh,
            done=DONE.get(request.query_params.get("done", "")),
        )

    async def show_one(self, request: Request) -> Response:
        """Answer with the page of a passkey."""
        return await self._one(request, _session(request))

    async def _one(
        self, request: Request, session: Identity, errors: dict[str, str] | None = None
    ) -> Response:
        passkey_id = request.path_params["id"]
        held = await self._services.database.read(
            lambda connection: passkeys.get(connection, session.owner, passkey_id)
        )
        return self._pages.show(
            request,
            "passkey.html",
            status=422 if errors else 200,
            passkey=_shown(held),
            errors=errors or {},
        )

    async def ask(self, request: Request) -> Response:
        """Answer with what the browser is to be asked for."""
        session = _session(request)
        asked = await json_body(request, AddRequest)
        check_usable(self._party)
        name = _name(asked.name)
        browser = challenges.browser_secret(self._browsers.secret(request))

        def prepare(connection: Connection) -> dict[str, Any]:
            self._check_fresh(connection, session)
            held = passkeys.of_account(connection, session.owner)
            passkeys.check_room(held)
            account = self._services.accounts.get(connection, session.owner)
            if account is None:
                raise NotFound("There is no such account.")
            handle = passkeys.handle_of(held)
            waiting = Asked(account.id, handle, name)
            challenge = challenges.make(connection, browser, waiting)
            shown = account.email or account.name
            return ceremonies.options_to_add(
                self._party, challenge, handle, shown, account.name, held
            )

        response = JSONResponse(await self._services.database.write(prepare))
        self._browsers.hand(response, browser)
        return response

    async def add(self, request: Request) -> Response:
        """Take the passkey that the browser has made."""
        session = _session(request)
        answer = await json_body(request, AddAnswer)
        check_usable(self._party)
        browser = self._browsers.secret(request)
        try:
            challenge = ceremonies.challenge_of(answer.credential)
            taken = await self._services.database.write(
                lambda c: challenges.take(c, challenge, browser, session.owner)
            )
            if taken is None:
                raise Forbidden(LATE)
            made = ceremonies.added(self._party, answer.credential, challenge)
        except Wrong as wrong:
            log.warning("passkey.not_added", details=str(wrong))
            raise InvalidValue(NOT_MADE, field="credential") from None
        actor = actor_of(request)

        def write(connection: Connection) -> str:
            self._check_fresh(connection, session)
            passkey_id = _added(connection, taken, made)
            self._services.journal.record(
                connection,
                actor,
                "passkey.add",
                f"passkey:{passkey_id}",
                details={"account": session.owner},
                personal={"name": taken.name},
            )
            return passkey_id

        passkey_id = await self._services.database.write(write)
        return JSONResponse({"id": passkey_id, "name": taken.name}, 201)

    async def rename(self, request: Request, form: Form) -> Response:
        """Call a passkey otherwise."""
        session, actor = _session(request), actor_of(request)
        passkey_id = request.path_params["id"]
        try:
            name = _name(form.get("name", ""))
        except InvalidValue as error:
            return await self._one(request, session, {"name": error.detail})

        def write(connection: Connection) -> None:
            held = passkeys.get(connection, session.owner, passkey_id)
            passkeys.rename(connection, held.id, name)
            self._services.journal.record(
                connection,
                actor,
                "passkey.rename",
                f"passkey:{held.id}",
                details={"account": session.owner},
                personal={"name": name},
            )

        await self._services.database.write(write)
        return self._pages.redirect(f"{PATH}?done=renamed")

    async def remove(self, request: Request, _: Form) -> Response:
        """Remove a passkey."""
        session, actor = _session(request), actor_of(request)
        passkey_id = request.path_params["id"]

        def write(connection: Connection) -> None:
            held = passkeys.get(connection, session.owner, passkey_id)
            passkeys.remove(connection, held.id)
            self._services.journal.record(
                connection,
                actor,
                "passkey.remove",
                f"passkey:{held.id}",
                details={"account": session.owner},
                personal={"name": held.name},
            )

        await self._services.database.write(write)
        return self._pages.redirect(f"{PATH}?done=removed")

    def _check_fresh(self, connection: Connection, session: Identity) -> None:
        if not self._services.sessions.fresh(connection, session.id):
            raise Forbidden(NOT_FRESH)


def _session(request: Request) -> Identity:
    """Return the session of a browser.

    Raises:
        Forbidden: a program asks.
    """
    identity: Identity = request.state.identity
    if identity.kind != "session":
        raise Forbidden("Passkeys are for people at a browser; a token has none.")
    return identity


def _name(text: str) -> str:
    """Return a name without spaces around it.

    Raises:
        InvalidValue: it cannot be one.
    """
    name = " ".join(text.split())
    if not 1 <= len(name) <= NAME_MOST or not name.isprintable():
        raise InvalidValue(
            f"Give the passkey a name of 1 to {NAME_MOST} characters, such as the device it is on.",
            field="name",
            allowed=f"1 to {NAME_MOST} printable characters",
        )
    return name


def _added(connection: Connection, asked: Asked, made: Added) -> str:
    return passkeys.add(
        connection,
        asked,
        credential=made.credential,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
    )


def _shown(held: passkeys.Passkey) -> dict[str, Any]:
    return {
        "id": held.id,
        "name": held.name,
        "created_at": timestamp(held.created_at),
        "last_used_at": timestamp(held.last_used_at) if held.last_used_at else None,
    }
