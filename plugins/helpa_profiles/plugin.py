"""What the plugin registers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from helpa import PersonalData, Route, Services, hookimpl
from helpa_profiles.settings import ProfileSettings


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the model of ``[plugin.profiles]``."""
    return ProfileSettings


@hookimpl
def register_migrations() -> Path:
    """Return the folder of the revisions of its table."""
    return Path(__file__).parent / "migrations"


@hookimpl
def register_personal_data(services: Services) -> Sequence[PersonalData]:  # noqa: ARG001
    """Return what it keeps of people."""
    from helpa_profiles import kept

    return (PersonalData("profile", export=kept.exported, erase=kept.erase),)


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the pages and the API."""
    # The command line, which serves nobody, does not wait for templates and zones.
    from helpa.pages import Pages
    from helpa_profiles.api import ProfilesApi
    from helpa_profiles.erasure import Erasure
    from helpa_profiles.export import Export
    from helpa_profiles.pages import AccountPages
    from helpa_profiles.profiles import Profiles

    pages = Pages(services, "helpa_profiles", styles=("profile.css",))
    profiles = Profiles(services, services.settings)
    export, erasure = Export(services), Erasure(services)
    return [
        *pages.routes(),
        *ProfilesApi(profiles, export, erasure, services.sessions.forget).routes(),
        *AccountPages(services, pages, profiles, export, erasure).routes(),
    ]
