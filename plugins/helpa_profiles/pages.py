"""The page behind one's name: profile, export, erasure."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from helpa import Conflict, Forbidden, Identity, InvalidValue, RequestError, Route, Services
from helpa.api import actor_of, checked
from helpa.pages import Form, Pages
from helpa_profiles.bodies import ProfileChange
from helpa_profiles.documents import ProfileDocument
from helpa_profiles.erasure import Erasure
from helpa_profiles.export import Export
from helpa_profiles.languages import LANGUAGES
from helpa_profiles.notices import CHANNELS, NOTICES
from helpa_profiles.profiles import Profiles
from helpa_profiles.quiet import offered_zones

OWN = "profile:write"
PICTURES = 12
"""So many of one's newest pictures are offered."""

WORDS = {
    "name": "Enter a name of up to 100 characters.",
    "picture": "Choose one of your pictures that is not private.",
    "language": "Choose one of the languages.",
    "time_zone": "Choose one of the time zones.",
    "quiet_from": "Enter two different times, or neither.",
}


class AccountPages:
    """``/account`` and ``/account/erase``.

    Args:
        services: what the server offers.
        pages: renders.
        profiles: shows and changes them.
        export: makes exports.
        erasure: erases accounts.
    """

    def __init__(
        self,
        services: Services,
        pages: Pages,
        profiles: Profiles,
        export: Export,
        erasure: Erasure,
    ) -> None:
        self._services = services
        self._pages = pages
        self._profiles = profiles
        self._export = export
        self._erasure = erasure

    def routes(self) -> list[Route]:
        """Return the routes."""
        page, form = self._pages.page, self._pages.form
        return [
            page("/account", self.show, OWN, menu="Profile"),
            form("/account", self.change, OWN),
            form("/account/place/remove", self.remove_place, OWN),
            form("/account/export", self.export, OWN),
            page("/account/erase", self.ask, OWN),
            form("/account/erase", self.erase, OWN),
        ]

    async def show(self, request: Request) -> Response:
        """Answer with the profile."""
        return await self._show(request)

    async def _show(
        self, request: Request, given: Form | None = None, errors: dict[str, str] | None = None
    ) -> Response:
        profile = await self._profiles.own(_who(request))
        return self._pages.show(
            request,
            "profile.html",
            status=422 if errors else 200,
            profile=profile,
            fields=_fields(profile) if given is None else _typed(given),
            pictures=await self._pictures(_who(request), profile),
            languages=[("", "Not chosen"), *LANGUAGES.items()],
            zones=_zones(profile),
            notices=NOTICES,
            channels=CHANNELS,
            saved="saved" in request.query_params and not errors,
            errors=errors or {},
        )

    async def _pictures(
        self, viewer: Identity, profile: ProfileDocument
    ) -> list[tuple[str, str, str]]:
        """Return (id, URL, text) of the pictures that may be chosen."""
        recent = await self._services.images.recent(viewer, PICTURES)
        choice = [
            (each["id"], each["links"]["thumb"], each["title"] or each["filename"] or each["id"])
            for each in recent
            if each["visibility"] != "private"
        ]
        chosen = profile.picture
        if chosen is not None and chosen.id not in {each[0] for each in choice}:
            choice.insert(0, (chosen.id, chosen.url, "The present one"))
        return choice

    async def change(self, request: Request, form: Form) -> Response:
        """Change the profile."""
        try:
            wanted = checked(ProfileChange, _wanted(form))
            await self._profiles.change(_who(request), actor_of(request), wanted)
        except InvalidValue as error:
            return await self._show(request, form, _errors(error))
        return self._pages.redirect("/account?saved=1")

    async def remove_place(self, request: Request, _: Form) -> Response:
        """Forget the place."""
        wanted = ProfileChange.model_validate({"place": None})
        await self._profiles.change(_who(request), actor_of(request), wanted)
        return self._pages.redirect("/account?saved=1#place")

    async def export(self, request: Request, _: Form) -> Response:
        """Answer with a zip."""
        return await self._export.reply(_who(request), actor_of(request))

    async def ask(self, request: Request) -> Response:
        """Ask whether they mean it."""
        return self._pages.show(request, "erase.html", given="", refusal="")

    async def erase(self, request: Request, form: Form) -> Response:
        """Erase the account, and say so."""
        typed = form.get("email", "")
        try:
            await self._erasure.own(_who(request), actor_of(request), typed)
        except InvalidValue:
            errors = {"email": "Type the e-mail address of your account."}
            return self._refused(request, 422, typed, errors=errors)
        except (Conflict, Forbidden) as error:
            return self._refused(request, error.status, typed, refusal=error.detail)
        request.state.identity = None
        response = self._pages.show(request, "erased.html")
        self._services.sessions.forget(response)
        return response

    def _refused(
        self,
        request: Request,
        status: int,
        typed: str,
        *,
        refusal: str = "",
        errors: dict[str, str] | None = None,
    ) -> Response:
        return self._pages.show(
            request,
            "erase.html",
            status=status,
            given=typed,
            refusal=refusal,
            errors=errors or {},
        )


def _who(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


def _fields(profile: ProfileDocument) -> dict[str, Any]:
    """Return what the form shows of a profile."""
    hours = profile.quiet_hours
    return {
        "name": profile.name,
        "picture": profile.picture.id if profile.picture is not None else "",
        "language": profile.language or "",
        "time_zone": profile.time_zone or "",
        "quiet_from": hours.start if hours is not None else "",
        "quiet_to": hours.end if hours is not None else "",
        "notify": {
            f"{notice}.{by}" for notice, ways in profile.notifications.items() for by in ways
        },
    }


def _typed(form: Form) -> dict[str, Any]:
    names = ("name", "picture", "language", "time_zone", "quiet_from", "quiet_to")
    return {**{name: form.get(name, "") for name in names}, "notify": set(form.all("notify"))}


def _wanted(form: Form) -> dict[str, Any]:
    """Return what a form asks for, as the API takes it."""
    start, end = form.get("quiet_from", ""), form.get("quiet_to", "")
    ticked = set(form.all("notify"))
    return {
        "name": form.get("name", ""),
        "picture": form.get("picture") or None,
        "language": form.get("language") or None,
        "time_zone": form.get("time_zone") or None,
        "quiet_hours": {"from": start, "to": end} if start or end else None,
        "notifications": {
            notice: [by for by in CHANNELS if f"{notice}.{by}" in ticked] for notice in NOTICES
        },
    }


def _errors(error: RequestError) -> dict[str, str]:
    listed = error.extra.get("errors") or [{"field": error.field}]
    fields = dict.fromkeys(str(each["field"]).partition(".")[0] for each in listed)
    names = {"quiet_hours": "quiet_from"}
    return {
        names.get(field, field): WORDS.get(names.get(field, field), error.detail)
        for field in fields
    }


def _zones(profile: ProfileDocument) -> list[tuple[str, str]]:
    zones = [("", "Not chosen: UTC"), *((zone, zone.replace("_", " ")) for zone in offered_zones())]
    if profile.time_zone is not None and profile.time_zone not in offered_zones():
        zones.insert(1, (profile.time_zone, profile.time_zone))
    return zones
