"""Commands of plugins on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import click
import pytest

from helpa import Command, Parameter, Services
from helpa.core.cli.main import main
from helpa.core.commands import CORE_COMMANDS
from pictures import png
from plugins.workshop import Workshop
from serving import Server, run_helpa, running_server

TELL = '''
import enum
from typing import Annotated
from pydantic import BaseModel, ConfigDict, Field
from helpa import Colour, Command, Identity, NotFound, Parameter, Services, hookimpl

class Settings(BaseModel):
    """How it is told."""

    model_config = ConfigDict(extra="forbid")
    greeting: str = Field("Hello", description="The first word.")

class Case(enum.StrEnum):
    LOWER = "lower"
    UPPER = "upper"

async def tell(
    services: Services,
    name: Annotated[str, Parameter("Whom to tell.")],
    times: Annotated[int, Parameter("How often.", ge=1, le=9)] = 1,
    *,
    case: Annotated[Case, Parameter("How to write it.")] = Case.LOWER,
    ink_colour: Annotated[Colour | None, Parameter("Its colour.")] = None,
    newest: Annotated[bool, Parameter("Name the newest picture, too.")] = False,
) -> str | None:
    """Tell somebody something.

    More of it here.
    """
    if name == "nobody":
        return None
    if name == "unknown":
        raise NotFound("There is nobody called unknown.")
    text = f"{services.settings.greeting} {name}" * times
    if case is Case.UPPER:
        text = text.upper()
    if newest:
        who = Identity("cli", "cli", frozenset({"images:read"}))
        text += " " + (await services.images.recent(who, 1))[0]["id"]
    return f"{text} {ink_colour!r}"

@hookimpl
def register_settings():
    return Settings

@hookimpl
def register_commands():
    return [Command("tell-it", tell)]
'''


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Workshop, str]]:
    """A server with a plugin that brings a command."""
    with pytest.MonkeyPatch.context() as patch:
        workshop = Workshop(tmp_path_factory.mktemp("tell"), patch)
        workshop.install("tell", TELL)
        with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
            yield server, workshop, server.upload(png(30, 20))["id"]


def tell(
    told: tuple[Server, Workshop, str], *args: str, greeting: str = "Hello"
) -> tuple[int, str, str]:
    server, workshop, _ = told
    done = run_helpa(
        "tell-it",
        *args,
        data_dir=server.data_dir,
        plugins=workshop.plugins,
        plugin__tell__greeting=greeting,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_register_commands_mounts_a_typed_function_with_the_plugin_s_services(
    told: tuple[Server, Workshop, str],
) -> None:
    assert tell(told, "ada") == (0, "Hello ada None\n", "")
    _, text, _ = tell(
        told, "ada", "2", "--case", "upper", "--ink-colour", "red", "--newest",
        greeting="Hi",
    )  # fmt: skip
    assert text == f"HI ADAHI ADA {told[2]} Colour(red=255, green=0, blue=0, alpha=255)\n"
    assert tell(told, "nobody") == (0, "", "")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["ada", "10"], 1, "helpa: times=10: expected a whole number of 1–9."),
        (["ada", "--case", "upp"], 1, "case=upp: expected one of lower, upper."),
        (["ada", "--ink-colour", "reddish"], 1, "ink_colour=reddish: expected hex"),
        (["unknown"], 1, "helpa: There is nobody called unknown."),
        ([], 2, "Missing argument 'NAME'"),
        (["ada", "--inc", "x"], 2, "No such option"),
    ],
)
def test_what_a_command_does_not_take_is_refused_in_a_line(
    told: tuple[Server, Workshop, str], args: list[str], code: int, says: str
) -> None:
    returned, out, errors = tell(told, *args)
    assert (returned, out) == (code, "")
    assert says in errors


def test_help_comes_from_the_signature(told: tuple[Server, Workshop, str]) -> None:
    workshop = told[1]
    text = run_helpa("tell-it", "--help", plugins=workshop.plugins).stdout
    for part in (
        "NAME [TIMES]", "Tell somebody something.", "More of it here.", "Its colour.",
        "one of lower, upper; default: lower", "--newest", "--data-dir",
    ):  # fmt: skip
        assert part in text
    listed = run_helpa("plugins", plugins=workshop.plugins).stdout
    assert "  commands: tell-it\n" in listed
    near = run_helpa("tel-it", plugins=workshop.plugins)
    assert (near.returncode, near.stdout) == (1, "")
    assert "Did you mean 'tell-it'?" in near.stderr


def test_a_command_needs_a_data_folder_and_names_where_it_looked(
    told: tuple[Server, Workshop, str], tmp_path: Path
) -> None:
    done = run_helpa("tell-it", "ada", data_dir=tmp_path / "no", plugins=told[1].plugins)
    assert done.returncode == 1
    assert str(tmp_path / "no") in done.stderr


def test_help_loads_no_plugin(workshop: Workshop) -> None:
    workshop.install("broken", "raise RuntimeError('loaded')")
    for args in (["--help"], ["token", "--help"], ["db", "--help"]):
        done = run_helpa(*args, plugins=workshop.plugins)
        assert done.returncode == 0, done.stderr
    done = run_helpa("tell-it", plugins=workshop.plugins)
    assert "plugin 'broken' failed to import" in done.stderr


def test_a_command_of_the_core_cannot_be_taken(workshop: Workshop) -> None:
    workshop.install("tell", TELL.replace("tell-it", "token"))
    message = workshop.refused()
    assert "plugin 'tell' failed to register commands" in message
    assert "'token' belongs to the core" in message


def test_two_commands_of_one_name_are_refused_naming_both_plugins(workshop: Workshop) -> None:
    workshop.install("first", TELL)
    workshop.install("second", TELL)
    message = workshop.refused_at_once()
    for word in ("'first'", "'second'", "'tell-it'"):
        assert word in message


def test_every_command_of_the_core_is_kept_from_plugins() -> None:
    assert set(main.list_commands(click.Context(main))) <= CORE_COMMANDS


async def no_services() -> None: ...


async def no_help(services: Services, name: str) -> None: ...


async def no_text(services: Services, name: Annotated[bytes, Parameter("x")]) -> None: ...


async def no_default(services: Services, *, name: Annotated[str, Parameter("x")]) -> None: ...


async def flag(services: Services, *, on: Annotated[bool, Parameter("x")] = True) -> None: ...


async def many(services: Services, *names: Annotated[str, Parameter("x")]) -> None: ...


async def fine(services: Services) -> None: ...


def not_async(services: Services) -> None: ...


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (no_services, "no services"),
        (no_help, "not Annotated"),
        (no_text, "no way to be written"),
        (no_default, "has no default"),
        (flag, "whose default is False"),
        (many, "no single argument"),
        (not_async, "no async function"),
    ],
)
def test_a_signature_that_cannot_be_read_is_refused(run: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        Command("x", run)


def test_names_and_surfaces_are_checked() -> None:
    for name in ("", "Tell", "tell_it", "1st", "-x", "a b c", "a ", "a  b"):
        with pytest.raises(ValueError, match="lower case"):
            Command(name, fine)
    for surfaces in ((), ("slack",), ("cli", "moon")):
        with pytest.raises(ValueError, match="expected some of cli"):
            Command("x", fine, surfaces=surfaces)
