"""Changing one's own password."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from helpa import Identity, InvalidValue, Route, Services
from helpa.api import actor_of
from helpa.pages import Form, Pages
from helpa_accounts import passwords, rules
from helpa_accounts.passwords import Passwords
from helpa_accounts.settings import AccountSettings


class ChangePassword:
    """``/account/password``.

    Args:
        services: what the server offers.
        settings: rules for passwords.
        pages: renders.
        hashes: of passwords.
    """

    def __init__(
        self, services: Services, settings: AccountSettings, pages: Pages, hashes: Passwords
    ) -> None:
        self._services = services
        self._settings = settings
        self._pages = pages
        self._passwords = hashes

    def routes(self) -> list[Route]:
        """Return the routes."""
        path, permission = "/account/password", "profile:write"
        return [
            self._pages.page(path, self.ask, permission, menu="Password"),
            self._pages.form(path, self.change, permission, credential=True),
        ]

    async def ask(self, request: Request) -> Response:
        """Answer with the form."""
        return await self._show(request)

    async def _show(
        self, request: Request, *, status: int = 200, errors: dict[str, str] | None = None,
        changed: bool = False,
    ) -> Response:  # fmt: skip
        viewer: Identity = request.state.identity
        read = self._services.database.read
        known = await read(lambda c: passwords.stored(c, viewer.owner))
        return self._pages.show(
            request, "password.html", status=status, errors=errors or {}, changed=changed,
            has_one=known is not None, least=self._settings.password_length,
        )  # fmt: skip

    async def change(self, request: Request, form: Form) -> Response:
        """Change the password of whoever is signed in; their other sessions end.

        Who has none yet, having come by another way, may choose one soon after signing in.
        """
        services, viewer = self._services, request.state.identity
        # No form can hold a NUL: what strangers type as an address is not counted with this.
        services.rates.take("signin_account", f"\0{viewer.owner}")
        actor = actor_of(request)
        before = form.raw("current") if "current" in form else ""
        wanted = form.raw("password") if "password" in form else ""

        def find(connection: Connection) -> tuple[str | None, str, str, bool]:
            account = services.accounts.get(connection, viewer.owner)
            known = passwords.stored(connection, viewer.owner)
            fresh = services.sessions.fresh(connection, viewer.id)
            email, name = (account.email or "", account.name) if account else ("", "")
            return known, email, name, fresh

        known, email, name, fresh = await services.database.read(find)
        if known is None and not fresh:
            error = "You signed in too long ago for this. Sign out, sign in again, and come back."
            return await self._show(request, status=403, errors={"password": error})
        if known is not None and not await self._passwords.right(known, before):
            request.state.wrong_credential = True
            return await self._show(
                request, status=403, errors={"current": "This is not your password."}
            )
        try:
            await asyncio.to_thread(rules.check, wanted, self._settings, email, name, "helpa")
        except InvalidValue as error:
            return await self._show(request, status=422, errors={"password": error.detail})
        hashed = await self._passwords.hash(wanted)

        def write(connection: Connection) -> int | None:
            passwords.store(connection, viewer.owner, hashed)
            seq = services.tokens.revoke_all(
                connection, viewer.owner, kinds=("session", "reset", "invitation"), but=viewer.id
            )
            services.journal.record(
                connection, actor, "password.change", f"account:{viewer.owner}",
                details={"by": "holder"},
            )  # fmt: skip
            return seq

        seq = await services.database.write(write)
        if seq is not None:
            await services.settled(seq)
        return await self._show(request, changed=True)
