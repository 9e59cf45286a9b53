"""What the plugin registers."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

from helpa import Permission, PersonalData, Route, Services, hookimpl
from helpa_passkeys import passkeys
from helpa_passkeys.party import party_of


@hookimpl
def register_migrations() -> Path:
    """Return the revisions of the plugin's tables."""
    return Path(__file__).parent / "migrations"


@hookimpl
def register_permissions() -> list[Permission]:
    """Return the permission to have passkeys, which everybody has."""
    return [Permission("passkeys:write", "have passkeys of one's own", ("guest", "auditor"))]


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the pages, what their scripts send, and their static files."""
    from helpa.pages import Pages
    from helpa_passkeys.managing import Managing
    from helpa_passkeys.signin import SignIn

    pages = Pages(services, "helpa_passkeys")
    party = party_of(services.public_url)
    parts = (SignIn(services, pages, party), Managing(services, pages, party))
    return [*pages.routes(), *(route for part in parts for route in part.routes())]


@hookimpl
def register_personal_data(services: Services) -> list[PersonalData]:  # noqa: ARG001
    """Return what is exported and erased: the passkeys of an account."""
    return [PersonalData("passkeys", passkeys.export, passkeys.erase)]


@hookimpl
def lifespan(services: Services) -> AbstractAsyncContextManager[None]:
    """Load the library, which takes some tenths of a second, before somebody waits for it."""
    return _running(party_of(services.public_url).usable)


@asynccontextmanager
async def _running(usable: bool) -> AsyncIterator[None]:
    if usable:
        await asyncio.to_thread(partial(importlib.import_module, "webauthn"))
    yield
