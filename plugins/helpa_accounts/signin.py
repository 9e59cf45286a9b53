"""Signing in by password, and signing out."""

from __future__ import annotations

from urllib.parse import quote

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from helpa import Account, Forbidden, Identity, Route, Services
from helpa.api import actor_of, client_of
from helpa.pages import Form, Pages, local_path
from helpa_accounts import passwords, tries
from helpa_accounts.passwords import Passwords

WRONG = "The e-mail address or the password is wrong."
"""The same words whichever it is: nobody learns who has an account here."""


class SignIn:
    """``/signin`` and ``/signout``.

    Args:
        services: what the server offers.
        pages: renders.
        hashes: verifies passwords.
    """

    def __init__(self, services: Services, pages: Pages, hashes: Passwords) -> None:
        self._services = services
        self._pages = pages
        self._passwords = hashes

    def routes(self) -> list[Route]:
        """Return the routes."""
        pages = self._pages
        return [
            pages.page("/signin", self.ask, "public"),
            pages.form("/signin", self.sign_in, "public", token=False, credential=True),
            pages.form("/signout", self.sign_out, "public"),
        ]

    async def ask(self, request: Request) -> Response:
        """Answer with the form; who is signed in goes where they wanted to."""
        onward = local_path(request.query_params.get("next", ""))
        viewer: Identity | None = request.state.identity
        again = "again" in request.query_params  # what is grave is asked of a fresh session
        if viewer is not None and viewer.kind == "session" and not again:
            return self._pages.redirect(onward)
        if await self._services.database.read(self._services.accounts.empty):
            return self._pages.show(request, "unset.html")
        ended = viewer is None and self._services.sessions.text(request.headers) is not None
        response = self._form(request, onward, ended=ended)
        if ended:
            self._services.sessions.forget(response)
        return response

    def _form(
        self, request: Request, onward: str, *, email: str = "", wrong: str = "",
        ended: bool = False, status: int = 200,
    ) -> Response:  # fmt: skip
        suffix = f"?next={quote(onward, safe='/')}" if onward != "/" else ""
        methods = [(label, path + suffix) for label, path in self._services.signin()]
        return self._pages.show(
            request, "signin.html", status=status, onward=onward, email=email, wrong=wrong,
            ended=ended, methods=methods,
        )  # fmt: skip

    async def sign_in(self, request: Request, form: Form) -> Response:
        """Take an address and a password, and begin a session."""
        services = self._services
        email = form.get("email", "")[:254]
        password = form.raw("password") if "password" in form else ""
        onward = local_path(form.get("next", ""))
        tries.take(services.rates, client_of(request).group, email)

        def find(connection: Connection) -> tuple[Account | None, str | None]:
            account = services.accounts.by_email(connection, email)
            known = passwords.stored(connection, account.id) if account is not None else None
            return account, known

        account, known = await services.database.read(find)
        if not await self._passwords.right(known, password) or account is None:
            request.state.wrong_credential = True
            await self._failed(request, account, email, "wrong")
            return self._form(request, onward, email=email, wrong=WRONG, status=401)
        actor = actor_of(request)
        again = await self._passwords.hash(password) if self._passwords.old(known or "") else None

        def begin(connection: Connection) -> str:
            # Somebody may have changed it since it was read.
            if passwords.stored(connection, account.id) != known:
                raise Forbidden("Your password was changed a moment ago. Sign in again.")
            if again is not None:
                passwords.store(connection, account.id, again)
            return services.sessions.begin(connection, request, account.id, actor, "password")

        try:
            text = await services.database.write(begin)
        except Forbidden as error:
            await self._failed(request, account, email, "disabled")
            return self._form(request, onward, email=email, wrong=error.detail, status=403)
        response = self._pages.redirect(onward)
        services.sessions.hand(response, text)
        return response

    async def _failed(
        self, request: Request, account: Account | None, email: str, why: str
    ) -> None:
        services, actor = self._services, actor_of(request)
        target = f"account:{account.id}" if account is not None else "account:unknown"
        # What was typed for an account that is not there may be a password in the wrong field.
        personal = {"email": email} if account is not None else None
        await services.database.write(
            lambda c: services.journal.record(
                c, actor, "signin.failed", target, result="refused",
                details={"method": "password", "why": why}, personal=personal,
            )
        )  # fmt: skip

    async def sign_out(self, request: Request, _: Form) -> Response:
        """End the session, and lead on to where the provider's ends that vouched for it."""
        services, actor = self._services, actor_of(request)
        ended = await services.database.write(lambda c: services.sessions.end(c, request, actor))
        onward = await services.farewell(ended) if ended is not None else None
        request.state.identity = None
        leave = self._pages.leave
        response = (
            leave(request, onward, "You are signed out of Helpa")
            if onward is not None
            else self._pages.redirect("/")
        )
        services.sessions.forget(response)
        return response
