"""``/users``: everybody, and inviting somebody."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from helpa import ROLES, Forbidden, Identity, RequestError, Route, Services
from helpa.api import actor_of, checked
from helpa.pages import Form, Pages
from helpa_accounts.bodies import Invitation
from helpa_accounts.documents import UserList
from helpa_accounts.ids import check_id, plain
from helpa_accounts.letters import Letter
from helpa_accounts.pages.words import messages, moment
from helpa_accounts.users import Users

READ, WRITE = "users:read", "users:write"

SHOWN = 50

FIELDS = {"email": "email", "name": "name", "role": "role", "teams": "teams"}

EMPTY = {"email": "", "name": "", "role": "member"}

LINK = re.compile(r"^https?://\S+#\S+$", re.MULTILINE)


class UsersPage:
    """The list, the form that invites, and the table of roles.

    Args:
        services: what the server offers.
        pages: renders.
        users: shows and changes them.
    """

    def __init__(self, services: Services, pages: Pages, users: Users) -> None:
        self._services = services
        self._pages = pages
        self._users = users

    def routes(self) -> list[Route]:
        """Return the routes."""
        pages = self._pages
        return [
            pages.page("/users", self.people, READ, menu="Users"),
            pages.form("/users", self.invite, WRITE),
            pages.page("/users/roles", self.roles, READ),
        ]

    async def people(self, request: Request) -> Response:
        """Answer with a part of the list."""
        return await self._show(request)

    async def _show(self, request: Request, *, status: int = 200, **given: Any) -> Response:
        viewer: Identity = request.state.identity
        text = plain(request.query_params.get("q", ""))
        cursor = request.query_params.get("after")
        if cursor is not None:
            check_id(cursor, "page")
        listed = UserList(users=[], next_cursor=None)
        if viewer.may(READ):
            listed = await self._users.page(
                actor_of(request), limit=SHOWN, cursor=cursor, text=text
            )
        letters, teams = await self._services.database.read(lambda c: self._beside(c, viewer))
        asked = {"q": text} if text else {}
        older = {**asked, "after": listed.next_cursor}
        return self._pages.show(
            request,
            "users.html",
            status=status,
            users=[
                {"since": moment(each.created_at), **each.model_dump()} for each in listed.users
            ],
            text=text,
            first=f"{self._pages.base}/users?{urlencode(asked)}" if cursor else None,
            more=f"{self._pages.base}/users?{urlencode(older)}" if listed.next_cursor else None,
            letters=letters,
            teams=teams,
            roles=self.roles_of(viewer),
            may_write=viewer.may(WRITE),
            may_join=viewer.may("teams:write"),
            **{"typed": EMPTY, "chosen": [], **given},
        )

    def roles_of(self, viewer: Identity) -> list[tuple[str, str]]:
        """Return the roles that somebody may give, each with what it is for."""
        return [
            (role, f"{role}: {words}")
            for role, words in ROLES.items()
            if self._users.within(viewer, role)
        ]

    def _beside(self, connection: Connection, viewer: Identity) -> tuple[list[Any], list[Any]]:
        teams = self._services.accounts.teams(connection) if viewer.may("teams:write") else []
        waiting = self._users.waiting(connection, viewer) if viewer.may(WRITE) else []
        return [shown(letter) for letter in waiting], teams

    async def invite(self, request: Request, form: Form) -> Response:
        """Invite somebody."""
        typed = {name: form.get(name, "") for name in ("email", "name", "role")}
        chosen = form.all("teams")
        values = {**typed, "name": typed["name"] or typed["email"].partition("@")[0]}
        try:
            asked = checked(Invitation, {**values, "teams": chosen})
            made = await self._users.invite(request.state.identity, actor_of(request), asked)
        except Forbidden:
            raise
        except RequestError as error:
            return await self._show(
                request,
                status=error.status,
                errors=messages(error, FIELDS),
                typed=typed,
                chosen=chosen,
            )
        return self._pages.redirect(f"/users/{made.id}")

    async def roles(self, request: Request) -> Response:
        """Answer with what each role may do."""
        allowed = {role: self._services.allowed(role) for role in ROLES}
        rows = [
            (each.name, each.summary, [each.name in allowed[role] for role in ROLES])
            for each in self._services.permissions.values()
        ]
        return self._pages.show(request, "roles.html", roles=ROLES, rows=rows)


def shown(letter: Letter) -> dict[str, str]:
    """Return a letter that waits, with the link it holds."""
    found = LINK.search(letter.body)
    return {
        "id": letter.id,
        "account": letter.account or "",
        "recipient": letter.recipient,
        "subject": letter.subject,
        "error": letter.error,
        "link": found.group() if found is not None else "",
    }
