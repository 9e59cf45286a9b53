"""What the plugin registers."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from helpa import Identity, PersonalData, Route, Services, hookimpl
from helpa_oidc.settings import OidcSettings

# Without providers nobody needs the libraries, which take a third of a second to load: what
# imports them is imported where there are some.


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings: identity providers."""
    return OidcSettings


@hookimpl
def register_migrations() -> Path:
    """Return the revisions of the plugin's tables."""
    return Path(__file__).parent / "migrations"


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the way to each provider, and back."""
    if not services.settings.providers:
        return []
    from helpa.pages import Pages
    from helpa_oidc.signin import SignIn

    pages = Pages(services, "helpa_oidc")
    return [*pages.routes(), *SignIn(services, services.settings, pages).routes()]


@hookimpl
def register_personal_data(services: Services) -> list[PersonalData]:  # noqa: ARG001
    """Return what links accounts to people at providers."""
    from helpa_oidc import kept

    return [PersonalData("identities", export=kept.links, erase=kept.forget)]


@hookimpl
async def signed_out(services: Services, session: Identity) -> str | None:
    """Lead a browser to the provider it signed in with, to sign out there, too."""
    from helpa_oidc import farewell

    return await services.database.write(lambda c: farewell.take(c, session.id))
