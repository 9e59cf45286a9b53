"""What the plugin registers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from helpa import Command, Identity, Route, Services, hookimpl
from helpa.pages import Pages
from helpa_web.home import Home
from helpa_web.picture import PicturePage
from helpa_web.session import Sessions
from helpa_web.signin import LABEL, SignIn


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the pages and the files they load."""
    pages = Pages(services, "helpa_web", styles=("pictures.css",))
    sessions = Sessions(services)
    return [
        *pages.routes(),
        *Home(services, pages, sessions).routes(),
        *SignIn(services, pages, sessions).routes(),
        *PicturePage(services, pages).routes(),
    ]


@hookimpl
async def authenticate(services: Services, headers: Mapping[str, str]) -> Identity | None:
    """Say whose session a cookie is.

    A cookie that has run out counts as no cookie. A browser goes on sending it, so refusing it
    would lock its owner out of what everybody may see, and out of the page that says how to sign
    in. What is private stays so: nobody is nobody.
    """
    return await Sessions(services).identify(headers)


@hookimpl
def lifespan(services: Services) -> AbstractAsyncContextManager[None]:
    """Announce a link that signs a browser in."""
    return _running(services)


@asynccontextmanager
async def _running(services: Services) -> AsyncIterator[None]:
    services.announce(LABEL, await SignIn.link(services))
    yield


@hookimpl
def register_commands() -> list[Command]:
    """Return ``helpa signin``."""
    return [Command("signin", signin)]


async def signin(services: Services) -> str:
    """Print a link that signs a browser in to the page: once, within an hour."""
    return await SignIn.link(services)
