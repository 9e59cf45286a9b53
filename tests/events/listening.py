"""A stranger's plugin that writes down what it is told, and does as the test bids it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from databases import Place
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from plugins.workshop import Workshop
from serving import Server, running_server

LISTENER = """
import asyncio
import json
from pathlib import Path

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from helpa import Actor, Event, Route, Services, hookimpl

class ListenerSettings(BaseModel):
    '''Where it writes.'''

    folder: Path = Field(Path("."), description="A folder.")

@hookimpl
def register_settings():
    return ListenerSettings

@hookimpl
async def on_event(services: Services, event: Event) -> None:
    folder = services.settings.folder
    number = event.payload.get("n")
    (folder / f"{services.plugin}-began-{number}").touch()
    if (folder / f"{services.plugin}-fails-{number}").exists():
        raise RuntimeError("as bidden")
    while (folder / f"{services.plugin}-hangs-{number}").exists():
        await asyncio.sleep(0.02)
    line = [event.seq, event.kind, event.object, event.actor, dict(event.payload)]
    with (folder / services.plugin).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\\n")

@hookimpl
def register_routes(services: Services):
    async def say(request):
        def work(connection):
            services.journal.record(
                connection, Actor("account:local"), "note.add", "note:7", details={"n": 7}
            )

        await services.database.write(work)
        return JSONResponse({}, 201)

    return [Route("POST", f"/api/{services.plugin}", say, "images:write", "Say something.")]
"""


class Ear:
    """The plugin ``hear``, in servers on one database.

    Args:
        workshop: where it is installed.
        url: of PostgreSQL, or None for SQLite.
    """

    def __init__(self, workshop: Workshop, url: str | None) -> None:
        self.workshop = workshop
        self.data_dir = workshop.folder / "var"
        self.url = url
        workshop.install("hear", LISTENER)

    def another(self, name: str) -> None:
        """Install a second plugin of the kind."""
        self.workshop.install(name, LISTENER)

    def settings(self, **more: str) -> dict[str, str]:
        given = {"plugins": self.workshop.plugins, "jobs__poll_seconds": "0.1"}
        if self.url is not None:
            given["database_url"] = self.url
        for name in ("hear", "also"):
            if name in given["plugins"]:
                given[f"plugin__{name}__folder"] = str(self.workshop.folder)
        return given | more

    @contextmanager
    def server(self, **more: str) -> Iterator[Server]:
        with running_server(self.data_dir, **self.settings(**more)) as server:
            yield server

    @contextmanager
    def deaf_server(self) -> Iterator[Server]:
        """A server in which the plugin is not enabled."""
        settings = self.settings(plugins='["basics"]')
        del settings["plugin__hear__folder"]
        with running_server(self.data_dir, **settings) as server:
            yield server

    def bid(self, what: str, number: int, name: str = "hear") -> Path:
        """Have it fail or hang at an event, until the file is removed."""
        path = self.workshop.folder / f"{name}-{what}-{number}"
        path.touch()
        return path

    def began(self, number: int, name: str = "hear") -> bool:
        return (self.workshop.folder / f"{name}-began-{number}").exists()

    def heard(self, name: str = "hear") -> list[int]:
        """Return the numbers of the events it was told of to the end, in order."""
        return [line[4]["n"] for line in self.lines(name)]

    def lines(self, name: str = "hear") -> list[Any]:
        path = self.workshop.folder / name
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def record(place: Place, *numbers: int) -> None:
    """Commit an event for each number, each in a transaction of its own."""
    journal = Journal()
    for number in numbers:
        place.write(
            lambda c, n=number: journal.record(  # type: ignore[misc]
                c, COMMAND_LINE, "note.add", f"note:{n}", details={"n": n, "text": "ä"}
            )
        )
