"""Pages that links lead to: setting a server up, accepting an invitation, a new password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from helpa import Actor, Conflict, Gone, InvalidValue, Route, Services
from helpa.api import actor_of, client_of
from helpa.pages import Form, Pages
from helpa_accounts import passwords, rules, tries
from helpa_accounts.links import INVITATION, RESET, SETUP, Links
from helpa_accounts.passwords import Passwords
from helpa_accounts.settings import AccountSettings

Make = Callable[[Connection, Actor, str], str]
"""Does what a link is for, and returns whose account it is about."""

ENDED = "This link no longer works: it was used, has run out, or was not copied whole."


class Joining:
    """``/setup``, ``/invitation``, ``/reset`` and ``/forgot``.

    Args:
        services: what the server offers.
        settings: rules for passwords.
        pages: renders.
        hashes: of passwords.
        links: takes codes, and sends links to reset a password.
    """

    def __init__(
        self,
        services: Services,
        settings: AccountSettings,
        pages: Pages,
        hashes: Passwords,
        links: Links,
    ) -> None:
        self._services = services
        self._settings = settings
        self._pages = pages
        self._passwords = hashes
        self._links = links
        self._sending: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """Return the routes."""
        pages = self._pages
        found = [
            pages.page("/forgot", self.forgot, "public"),
            pages.form("/forgot", self.send_reset, "public", token=False, credential=True),
        ]
        for path, take in ((SETUP, self.set_up), (INVITATION, self.accept), (RESET, self.reset)):
            found += [
                pages.page(f"/{path}", self.ask, "public"),
                pages.form(f"/{path}", take, "public", token=False, credential=True),
            ]
        return found

    async def ask(self, request: Request) -> Response:
        """Answer with the form; its script fills the code in from the fragment."""
        return self._show(request, request.url.path.rpartition("/")[2], {})

    def _show(
        self, request: Request, kind: str, values: dict[str, str], *, status: int = 200,
        errors: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        return self._pages.show(
            request, "joining.html", status=status, kind=kind, values=values, errors=errors or {},
            least=self._settings.password_length,
        )  # fmt: skip

    async def set_up(self, request: Request, form: Form) -> Response:
        """Make the first administrator."""
        services = self._services

        def make(connection: Connection, actor: Actor, hashed: str) -> str:
            if self._links.take(connection, form.get("code", ""), SETUP) is None:
                raise Gone(ENDED)
            if not services.accounts.empty(connection):
                raise Conflict("This server is set up already. Sign in, or ask for an invitation.")
            account = services.accounts.create(
                connection, actor, email=form.get("email", ""), name=form.get("name", ""),
                role="admin",
            )  # fmt: skip
            passwords.store(connection, account.id, hashed)
            return account.id

        return await self._take(request, form, SETUP, make)

    async def accept(self, request: Request, form: Form) -> Response:
        """Let somebody in who was invited."""
        services = self._services

        def make(connection: Connection, actor: Actor, hashed: str) -> str:
            taken = self._links.take(connection, form.get("code", ""), INVITATION)
            if taken is None:
                raise Gone(ENDED)
            services.accounts.rename(connection, actor, taken.owner, form.get("name", ""))
            passwords.store(connection, taken.owner, hashed)
            services.journal.record(
                connection, actor, "password.change", f"account:{taken.owner}",
                details={"by": "invitation"},
            )  # fmt: skip
            return taken.owner

        return await self._take(request, form, INVITATION, make)

    async def reset(self, request: Request, form: Form) -> Response:
        """Give somebody a new password; sessions begun with the old one end."""
        services = self._services

        def make(connection: Connection, actor: Actor, hashed: str) -> str:
            taken = self._links.take(connection, form.get("code", ""), RESET)
            if taken is None:
                raise Gone(ENDED)
            passwords.store(connection, taken.owner, hashed)
            services.tokens.revoke_all(connection, taken.owner, kinds=("session",))
            services.journal.record(
                connection, actor, "password.change", f"account:{taken.owner}",
                details={"by": "reset"},
            )  # fmt: skip
            return taken.owner

        return await self._take(request, form, RESET, make)

    async def _take(self, request: Request, form: Form, kind: str, make: Make) -> Response:
        """Check a form, do what its link is for, and begin a session."""
        services = self._services
        services.rates.take("signin_address", client_of(request).group)
        typed = ("code", "email", "name")
        values = {name: form.get(name, "") for name in typed}
        password = form.raw("password") if "password" in form else ""
        about = (values["email"], values["name"], "helpa")
        errors: dict[str, str] = {}
        try:
            await asyncio.to_thread(rules.check, password, self._settings, *about)
        except InvalidValue as error:
            errors["password"] = error.detail
        if kind != RESET and not values["name"]:
            errors["name"] = "Say what to call you."
        if errors:
            return self._show(request, kind, values, status=422, errors=errors)
        hashed = await self._passwords.hash(password)
        actor = actor_of(request)

        def work(connection: Connection) -> str:
            account_id = make(connection, actor, hashed)
            return services.sessions.begin(connection, request, account_id, actor, kind)

        try:
            text = await services.database.write(work)
        except InvalidValue as error:
            field = error.field or "email"
            return self._show(request, kind, values, status=422, errors={field: error.detail})
        except Gone as error:
            request.state.wrong_credential = True
            return self._show(request, kind, values, status=410, errors={"code": error.detail})
        response = self._pages.redirect("/")
        services.sessions.hand(response, text)
        return response

    async def forgot(self, request: Request) -> Response:
        """Ask for the address that a link to reset a password is sent to."""
        return self._pages.show(request, "forgot.html", sent=False, email="")

    async def send_reset(self, request: Request, form: Form) -> Response:
        """Send a link, where the address has an account; answer alike where it has none."""
        services, email = self._services, form.get("email", "")[:254]
        tries.take(services.rates, client_of(request).group, email)
        actor = actor_of(request)

        def write(connection: Connection) -> None:
            account = services.accounts.by_email(connection, email)
            if account is None or account.state != "active":
                return
            if not self._links.sent_lately(connection, account.id):
                self._links.reset(connection, actor, account.id)

        # After the answer, so that its time says nothing. The database closes only after it.
        task = asyncio.create_task(services.database.write(write))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return self._pages.show(request, "forgot.html", sent=True, email=email)
