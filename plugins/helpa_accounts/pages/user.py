"""``/users/<id>``: one account, its teams, its sessions and their history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from helpa import Conflict, Identity, InvalidValue, NotFound, Route, Services
from helpa.api import EntryFilters, actor_of, checked, entries
from helpa.pages import Form, Pages
from helpa_accounts.bodies import UserChange
from helpa_accounts.documents import UserDocument
from helpa_accounts.pages.users import READ, WRITE, UsersPage, shown
from helpa_accounts.pages.words import device, messages, method, moment
from helpa_accounts.teams import Teams
from helpa_accounts.users import Users

HISTORY = 20

FIELDS = {"account": "role", "role": "role", "name": "name", "state": "role"}


class UserPage:
    """An account.

    Args:
        services: what the server offers.
        pages: renders.
        users: shows and changes it.
        teams: it may join and leave.
        listing: knows which roles may be given.
    """

    def __init__(
        self, services: Services, pages: Pages, users: Users, teams: Teams, listing: UsersPage
    ) -> None:
        self._services = services
        self._pages = pages
        self._users = users
        self._teams = teams
        self._listing = listing

    def routes(self) -> list[Route]:
        """Return the routes."""
        pages, one = self._pages, "/users/{id}"
        return [
            pages.page(one, self.show, READ),
            pages.form(one, self.change, WRITE),
            pages.form(f"{one}/teams", self.join, "teams:write"),
            pages.page(f"{one}/disable", self.ask_disable, WRITE),
            pages.form(f"{one}/disable", self.disable, WRITE),
            pages.form(f"{one}/enable", self.enable, WRITE),
            pages.form(f"{one}/reset", self.reset, WRITE),
            pages.form(f"{one}/invitation", self.invite_again, WRITE),
            pages.form(f"{one}/sessions/end", self.end_sessions, WRITE),
        ]

    async def show(self, request: Request) -> Response:
        """Answer with the page."""
        return await self._show(request)

    async def _show(self, request: Request, *, status: int = 200, **given: Any) -> Response:
        viewer: Identity = request.state.identity
        user = await self._users.get(actor_of(request), request.path_params["id"])
        beside = await self._services.database.read(lambda c: self._beside(c, viewer, user))
        if beside["history"]:
            await self._services.database.write(
                lambda c: self._services.journal.record(
                    c, actor_of(request), "audit.read", "audit:log", event=False,
                    details={"account": user.id, "entries": len(beside["history"])},
                )
            )  # fmt: skip
        within = self._users.within(viewer, user.role)
        roles = self._listing.roles_of(viewer)
        return self._pages.show(
            request,
            "user.html",
            status=status,
            user=user,
            since=moment(user.created_at),
            roles=roles,
            may_write=viewer.may(WRITE) and within,
            may_join=viewer.may("teams:write"),
            may_audit=viewer.may("audit:read"),
            own=viewer.owner == user.id,
            **{"typed": {"name": user.name, "role": user.role}, **beside, **given},
        )

    def _beside(
        self, connection: Connection, viewer: Identity, user: UserDocument
    ) -> dict[str, Any]:
        may_write = viewer.may(WRITE)
        waiting = self._users.waiting(connection, viewer) if may_write else []
        sessions = self._users.sessions(connection, user.id) if may_write else []
        joined = {team.id for team in user.teams}
        return {
            "letters": [shown(each) for each in waiting if each.account == user.id],
            "sessions": [
                {
                    "device": device(each.device),
                    "agent": each.device,
                    "address": each.address or "not kept",
                    "method": method(each.method),
                    "since": moment(each.created_at),
                    "used": moment(each.used_at, "not since"),
                }
                for each in sessions
            ],
            "history": history(connection, user.id) if viewer.may("audit:read") else [],
            "teams": [
                (team, team.id in joined) for team in self._services.accounts.teams(connection)
            ],
        }

    async def change(self, request: Request, form: Form) -> Response:
        """Change the name and the role."""
        account_id = request.path_params["id"]
        typed = {"name": form.get("name", ""), "role": form.get("role", "")}
        try:
            asked = checked(UserChange, typed)
            await self._users.change(request.state.identity, actor_of(request), account_id, asked)
        except (InvalidValue, Conflict) as error:
            return await self._show(
                request, status=error.status, errors=messages(error, FIELDS), typed=typed
            )
        return self._pages.redirect(f"/users/{account_id}")

    async def join(self, request: Request, form: Form) -> Response:
        """Put somebody in the teams that are ticked, and take them out of the others."""
        account_id, actor = request.path_params["id"], actor_of(request)
        wanted = set(form.all("teams"))

        def find(connection: Connection) -> set[str]:
            account = self._users.there(connection, account_id)
            teams = self._services.accounts.teams_of(connection, account.id)
            return {team.id for team in teams}

        joined = await self._services.database.read(find)
        for team in wanted - joined:
            await self._teams.join(actor, team, account_id)
        for team in joined - wanted:
            await self._teams.leave(actor, team, account_id)
        return self._pages.redirect(f"/users/{account_id}")

    async def ask_disable(self, request: Request) -> Response:
        """Ask whether somebody shall be kept out."""
        user = await self._users.get(actor_of(request), request.path_params["id"])
        self._users.check_within(request.state.identity, user.role)
        if user.state != "active":
            raise NotFound("This account is disabled already.")
        return self._pages.show(
            request,
            "confirm.html",
            title=f"Disable the account of {user.name}?",
            text=f"{user.name} ({user.email}) is signed out everywhere and cannot sign in, and "
            "their tokens are refused. Their pictures stay. You can enable the account again.",
            action=f"{self._pages.base}/users/{user.id}/disable",
            button="Disable the account",
            back=f"{self._pages.base}/users/{user.id}",
        )

    async def disable(self, request: Request, _: Form) -> Response:
        """Keep somebody out."""
        return await self._set_state(request, "disabled")

    async def enable(self, request: Request, _: Form) -> Response:
        """Let somebody in again."""
        return await self._set_state(request, "active")

    async def _set_state(self, request: Request, state: str) -> Response:
        account_id = request.path_params["id"]
        try:
            await self._users.change(
                request.state.identity,
                actor_of(request),
                account_id,
                checked(UserChange, {"state": state}),
            )
        except Conflict as error:
            return await self._show(request, status=409, errors={"disable": error.detail})
        return self._pages.redirect(f"/users/{account_id}")

    async def reset(self, request: Request, _: Form) -> Response:
        """Let somebody choose a new password."""
        account_id, actor = request.path_params["id"], actor_of(request)
        link = await self._users.reset(request.state.identity, actor, account_id)
        return await self._sent(request, link)

    async def invite_again(self, request: Request, _: Form) -> Response:
        """Send another invitation."""
        account_id, actor = request.path_params["id"], actor_of(request)
        link = await self._users.invite_again(request.state.identity, actor, account_id)
        return await self._sent(request, link)

    async def _sent(self, request: Request, link: str | None) -> Response:
        if link is not None:  # it waits on the page
            return self._pages.redirect(f"/users/{request.path_params['id']}")
        return await self._show(request, notice="A letter with a link is on its way.")

    async def end_sessions(self, request: Request, _: Form) -> Response:
        """Sign somebody out everywhere."""
        account_id = request.path_params["id"]
        await self._users.end_sessions(request.state.identity, actor_of(request), account_id)
        return self._pages.redirect(f"/users/{account_id}")


def history(connection: Connection, account_id: str) -> list[dict[str, Any]]:
    """Return the last sign-ins of somebody, those that failed, too, newest first.

    Args:
        connection: for reading.
        account_id: whose.
    """
    name = f"account:{account_id}"
    found = entries(
        connection, EntryFilters(actor=name, action="session.*"), limit=HISTORY
    ) + entries(connection, EntryFilters(object=name, action="signin.*"), limit=HISTORY)
    newest = sorted(found, key=lambda each: -int(each["seq"]))[:HISTORY]
    return [_event(each) for each in newest]


def _event(entry: dict[str, Any]) -> dict[str, Any]:
    personal = entry["personal"] if isinstance(entry["personal"], dict) else {}
    details = entry["details"] if isinstance(entry["details"], dict) else {}
    words = {
        "session.begin": "signed in",
        "session.end": "session ended",
        "signin.failed": "refused",
    }
    return {
        "seq": entry["seq"],
        "at": moment(entry["at"]),
        "what": words.get(entry["action"], entry["action"]),
        "failed": entry["result"] != "ok",
        "device": device(str(personal.get("device", ""))),
        "address": str(personal.get("address", "")) or "not kept",
        "method": method(str(details.get("method", ""))),
    }
