"""Tables of plugins: made with the core's, kept while the plugin is away, and never in its way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from databases import KINDS
from plugins.workshop import Workshop
from serving import run_helpa, running_server

NOTES = """
from importlib.resources import files
from pathlib import Path

from sqlalchemy import text
from starlette.responses import JSONResponse

from helpa import Actor, Route, hookimpl

@hookimpl
def register_migrations():
    return Path(str(files("ext_notes"))) / "migrations"

@hookimpl
def register_routes(services):
    async def add(request):
        said = (await request.body()).decode()

        def work(connection):
            connection.execute(
                text("INSERT INTO notes (account, said) VALUES ('local', :said)"), {"said": said}
            )
            services.journal.record(
                connection, Actor("account:local"), "note.add", "note:1"
            )

        await services.database.write(work)
        return JSONResponse({}, 201)

    async def show(request):
        def work(connection):
            told = "SELECT count(*) FROM events WHERE kind = 'note.add'"
            return (
                list(connection.execute(text("SELECT said FROM notes ORDER BY id")).scalars()),
                connection.execute(text(told)).scalar_one(),
            )

        return JSONResponse(await services.database.read(work))

    return [
        Route("POST", "/api/notes", add, "images:write", "Add a note."),
        Route("GET", "/api/notes", show, "images:read", "Show the notes."),
    ]
"""

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

def upgrade():
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account", sa.String(64), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.execute(
        "INSERT INTO accounts (id, name, role, state, created_at) "
        "SELECT 'local', '', 'admin', 'active', 0 "
        "WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = 'local')"
    )
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    op.add_column("notes", sa.Column("loud", sa.Boolean, nullable=True))
    {more}
"""


class Notes:
    """The plugin, and the settings of servers that have it.

    Args:
        workshop: where it is installed.
        settings: what names the database.
    """

    def __init__(self, workshop: Workshop, settings: dict[str, str]) -> None:
        self.workshop = workshop
        self.data_dir = workshop.folder / "var"
        self.given = settings
        workshop.install("notes", NOTES)
        self.folder = workshop.folder / "ext_notes" / "migrations"
        self.revise("0001_notes", FIRST)

    def revise(self, name: str, code: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{name}.py").write_text(code, encoding="utf-8")

    @property
    def settings(self) -> dict[str, str]:
        return {**self.given, "plugins": self.workshop.plugins}

    @property
    def without(self) -> dict[str, str]:
        return {**self.given, "plugins": '["basics"]'}

    def optional(self) -> None:
        self.workshop.enabled[-1] = {"name": "notes", "optional": True}

    def run(self, *args: str, code: int = 0) -> str:
        done = run_helpa(*args, data_dir=self.data_dir, cwd=None, **self.settings)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def say(self, said: str) -> None:
        with running_server(self.data_dir, **self.settings) as server, server.client() as client:
            assert client.post("/api/notes", content=said).status_code == 201

    def said(self) -> list[str]:
        with running_server(self.data_dir, **self.settings) as server, server.client() as client:
            said, told = client.get("/api/notes").json()
        assert len(said) == told
        return list(said)


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """What names a new database."""
    if request.param == "sqlite":
        return {}
    return {"database_url": request.getfixturevalue("postgresql").new_database()}


@pytest.fixture
def notes(workshop: Workshop, settings: dict[str, str]) -> Notes:
    """The plugin, installed and enabled."""
    return Notes(workshop, settings)


def test_register_migrations_makes_tables_that_outlast_being_disabled_and_upgraded(
    notes: Notes,
) -> None:
    notes.say("first")
    with running_server(notes.data_dir, **notes.without) as server:
        assert server.get("/readyz").status_code == 200
    done = run_helpa("db", "upgrade", data_dir=notes.data_dir, cwd=None, **notes.without)
    assert done.returncode == 0, done.stderr
    notes.revise("0002_loud", SECOND.format(more=""))
    assert "the plugin 'notes'" in notes.run("doctor", code=1)
    assert "helpa db upgrade" in notes.run("jobs", "run", "--once", code=1)
    assert "up to date" in notes.run("db", "upgrade")
    assert "up to date" in notes.run("db", "upgrade")
    assert "the plugin 'notes'" not in notes.run("doctor")
    notes.run("jobs", "run", "--once")
    assert notes.said() == ["first"]


def test_a_revision_that_fails_is_named_and_nothing_of_it_is_left(notes: Notes) -> None:
    notes.say("first")
    notes.revise("0002_loud", SECOND.format(more="op.drop_table('no_such_table')"))
    for command in (("db", "upgrade"), ("serve", "--port", "0")):
        said = notes.run(*command, code=1)
        assert "plugin 'notes' failed to migrate: 0002_loud.py, line 10: " in said
        assert "no_such_table" in said
    notes.revise("0002_loud", SECOND.format(more=""))
    assert notes.said() == ["first"]


def test_an_optional_plugin_whose_revision_fails_is_left_out(notes: Notes) -> None:
    notes.revise("0001_notes", "raise RuntimeError('unfinished')")
    notes.optional()
    with running_server(notes.data_dir, **notes.settings) as server, server.client() as client:
        assert client.get("/api/notes").status_code == 404
        (line,) = [json.loads(each) for each in server.log if "plugin.left_out" in each]
    assert (line["plugin"], line["phase"]) == ("notes", "migrate")
    assert line["reason"] == "0001_notes.py, line 1: RuntimeError: unfinished"
    notes.run("jobs", "run", "--once")


def test_an_older_version_of_a_plugin_does_not_touch_what_a_newer_one_made(notes: Notes) -> None:
    notes.revise("0002_loud", SECOND.format(more=""))
    notes.say("first")
    (notes.folder / "0002_loud.py").unlink()
    said = notes.run("db", "upgrade", code=1)
    assert "plugin 'notes' failed to migrate: the database was made by a newer version" in said


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("'migrations'", "'migrations' is no Path"),
        ("Path('/nowhere')", "/nowhere holds no revisions"),
    ],
)
def test_what_is_no_folder_of_revisions_is_refused_at_the_start(
    workshop: Workshop, answer: str, reason: str
) -> None:
    code = f"""
    from pathlib import Path
    from helpa import hookimpl

    @hookimpl
    def register_migrations():
        return {answer}
    """
    workshop.install("lost", code)
    said = workshop.refused_at_once()
    assert said == f"helpa: plugin 'lost' failed to register migrations: {reason}\n"
    assert not Path(workshop.folder / "var").exists()
