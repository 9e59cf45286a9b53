"""What the plugin registers."""

from __future__ import annotations

from helpa import Route, Services, hookimpl
from helpa.pages import Pages
from helpa_web.home import Home
from helpa_web.picture import PicturePage


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the pages and the files they load."""
    pages = Pages(services, "helpa_web", styles=("pictures.css",))
    return [
        *pages.routes(),
        *Home(services, pages).routes(),
        *PicturePage(services, pages).routes(),
    ]
