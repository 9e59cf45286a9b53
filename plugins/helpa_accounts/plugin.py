"""What the plugin registers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from pydantic import BaseModel

from helpa import Command, Permission, PersonalData, Route, Services, hookimpl
from helpa.pages import Pages
from helpa_accounts import people
from helpa_accounts.change import ChangePassword
from helpa_accounts.commands import COMMANDS
from helpa_accounts.joining import Joining
from helpa_accounts.letters import Letters
from helpa_accounts.links import Links
from helpa_accounts.passwords import Passwords
from helpa_accounts.permissions import PERMISSIONS
from helpa_accounts.personal import PERSONAL_DATA
from helpa_accounts.settings import AccountSettings
from helpa_accounts.signin import SignIn

SETUP_LABEL = "Open this link to make the first administrator (it works once)"


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the model of ``[plugin.accounts]``."""
    return AccountSettings


@hookimpl
def register_migrations() -> Path:
    """Return the folder of the revisions of its tables."""
    return Path(__file__).parent / "migrations"


@hookimpl
def register_permissions() -> Sequence[Permission]:
    """Return what its routes ask for."""
    return PERMISSIONS


@hookimpl
def register_personal_data(services: Services) -> Sequence[PersonalData]:  # noqa: ARG001
    """Return what it keeps of people."""
    return (PERSONAL_DATA,)


@hookimpl
def register_commands() -> Sequence[Command]:
    """Return ``helpa user …``."""
    return COMMANDS


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the pages and the API."""
    settings: AccountSettings = services.settings
    pages = Pages(services, "helpa_accounts", styles=("people.css",))
    hashes = Passwords(settings)
    letters = Letters(services, settings)
    links = Links(services, settings, letters)
    return [
        *pages.routes(),
        *SignIn(services, pages, hashes).routes(),
        *Joining(services, settings, pages, hashes, links).routes(),
        *ChangePassword(services, settings, pages, hashes).routes(),
        *people.routes(services, pages, links, letters),
    ]


@hookimpl
def lifespan(services: Services) -> AbstractAsyncContextManager[None]:
    """Send letters, and announce the set-up link while there is no account."""
    return _running(services)


@asynccontextmanager
async def _running(services: Services) -> AsyncIterator[None]:
    letters = Letters(services, services.settings)
    links = Links(services, services.settings, letters)
    link = await services.database.write(links.setup)
    if link is not None:
        services.announce(SETUP_LABEL, link)
    async with letters.sending():
        yield
