"""Pages by the kit, as a plugin of somebody else has them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from helpa import Route, Services, hookimpl
from helpa.pages import Form, Pages

PEOPLE = (
    ("Ada Lovelace", "ada@example.com", "admin", "today"),
    ("Grace Hopper", "grace@example.com", "moderator", "yesterday"),
    (
        "Someone with a very long name indeed",
        "someone.with.a.long.address@example.com",
        "guest",
        "",
    ),
)


class Samples:
    """A list, a form, a page for few, and pages that fail."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        page, form = self._pages.page, self._pages.form
        return [
            page("/samples", self.show_list, "images:write", menu="Samples"),
            page("/samples/new", self.ask, "images:write"),
            form("/samples/new", self.add, "images:write", max_bytes=5000),
            page("/secrets", self.show_list, "admin", menu="Secrets"),
            page("/leave", self.leave, "public"),
            page("/broken", self.fail, "public"),
        ]

    async def show_list(self, request: Request) -> Response:
        people = PEOPLE if "empty" not in request.query_params else ()
        return self._pages.show(request, "samples.html", people=people)

    async def ask(self, request: Request) -> Response:
        return self._pages.show(request, "sample.html", given={})

    async def add(self, request: Request, form: Form) -> Response:
        errors = {}
        if not form.get("name"):
            errors["name"] = "Enter a name."
        if "@" not in form.get("email", ""):
            errors["email"] = "Enter an address like ada@example.com."
        if errors:
            return self._pages.show(request, "sample.html", status=422, errors=errors, given=form)
        return self._pages.redirect("/samples")

    async def leave(self, request: Request) -> Response:
        wanted = request.query_params.get("to", "https://id.example.com")
        return self._pages.show(request, "sample.html", form_action=[wanted], given={})

    async def fail(self, request: Request) -> Response:
        raise RuntimeError("a secret of the log")


@hookimpl
def register_routes(services: Services) -> list[Route]:
    pages = Pages(services, "helpa_sample", styles=("sample.css",))
    return [*pages.routes(), *Samples(pages).routes()]
