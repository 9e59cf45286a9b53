"""Plugins that cannot be used: each is answered by name, phase and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.asking import problem, wait_until
from pictures import png
from plugins.workshop import Workshop
from serving import running_server

INVERT = """
from typing import Annotated
from helpa import Frame, Operation, Parameter, Stage, Step, hookimpl

def invert(
    frame: Frame, *, NAME: Annotated[bool, Parameter("Turns colours round.")] = False
) -> Step | None:
    return Step({}, frame.size) if NAME else None

@hookimpl
def register_operations():
    return [Operation("OPERATION", stage=Stage.EFFECT, plan=invert, draw="DRAW")]
"""


def operation(name: str, parameter: str, draw: str = "ext_draws:none") -> str:
    text = INVERT.replace("NAME", parameter).replace("OPERATION", name)
    return text.replace("DRAW", draw)


def says(message: str, plugin: str, phase: str, *reasons: str) -> None:
    assert f"plugin '{plugin}' failed to {phase}: " in message, message
    for reason in reasons:
        assert reason in message, message
    assert "Traceback" not in message


def test_a_plugin_that_is_not_installed_is_named_with_the_nearest(workshop: Workshop) -> None:
    workshop.install("colours", "", enable=False)
    workshop.enabled.append("colors")
    says(workshop.refused_at_once(), "colors", "find", "not installed", "Did you mean 'colours'?")


def test_a_plugin_listed_twice_is_refused(workshop: Workshop) -> None:
    workshop.enabled.append("basics")
    says(workshop.refused_at_once(), "basics", "find", "twice")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nothing_of_the_kind", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError"),
        ("def broken(:", "SyntaxError"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_refused(
    workshop: Workshop, code: str, reason: str
) -> None:
    workshop.install("broken", code)
    says(workshop.refused_at_once(), "broken", "import", reason)


def test_a_misspelt_hook_is_refused_and_the_hooks_are_listed(workshop: Workshop) -> None:
    workshop.install(
        "misspelt",
        """
        from helpa import hookimpl
        @hookimpl
        def register_operation():
            return []
        """,
    )
    says(
        workshop.refused_at_once(),
        "misspelt",
        "validate",
        "register_operation",
        "register_operations",
        "authenticate",
    )


def test_a_hook_with_unknown_arguments_is_refused(workshop: Workshop) -> None:
    workshop.install(
        "curious",
        """
        from helpa import hookimpl
        @hookimpl
        def register_operations(database):
            return []
        """,
    )
    says(workshop.refused_at_once(), "curious", "validate", "database")


@pytest.mark.parametrize(
    "hook", ["register_operations", "register_routes", "authenticate", "lifespan"]
)
def test_a_hook_without_its_mark_is_refused(workshop: Workshop, hook: str) -> None:
    workshop.install("unmarked", f"def {hook}(*args, **kwargs):\n    return []\n")
    says(workshop.refused_at_once(), "unmarked", "validate", hook, "hookimpl")


@pytest.mark.parametrize(
    ("hook", "answer", "phase"),
    [
        ("register_settings()", "42", "settings"),
        ("register_settings()", "object", "settings"),
        ("register_operations()", "'invert'", "register operations"),
        ("register_operations()", "['invert']", "register operations"),
        ("register_operations()", "1 / 0", "register operations"),
        ("register_settings()", "1 / 0", "settings"),
    ],
)
def test_a_hook_that_answers_something_else_or_fails_is_refused(
    workshop: Workshop, hook: str, answer: str, phase: str
) -> None:
    code = f"from helpa import hookimpl\n@hookimpl\ndef {hook}:\n    return {answer}\n"
    workshop.install("odd", code)
    says(workshop.refused_at_once(), "odd", phase)


@pytest.mark.parametrize(
    ("hook", "answer", "phase"),
    [
        ("register_routes(services)", "{'/x': 1}", "register routes"),
        ("register_routes(services)", "['/x']", "register routes"),
        ("register_jobs(services)", "['x']", "register jobs"),
        ("register_layers(services)", "['x']", "register layers"),
        ("register_screenings(services)", "1 / 0", "register screenings"),
        ("register_sources(services)", "['x']", "register sources"),
        ("register_sources(services)", "1 / 0", "register sources"),
        ("register_dialects(services)", "['x']", "register dialects"),
        ("lifespan(services)", "7", "start"),
        ("register_routes(services)", "1 / 0", "register routes"),
        ("lifespan(services)", "1 / 0", "start"),
    ],
)
def test_a_hook_of_the_server_that_answers_something_else_or_fails_is_refused(
    workshop: Workshop, hook: str, answer: str, phase: str
) -> None:
    code = f"from helpa import hookimpl\n@hookimpl\ndef {hook}:\n    return {answer}\n"
    workshop.install("odd", code)
    says(workshop.refused(), "odd", phase)


def test_mistakes_in_the_settings_of_a_plugin_are_all_named(workshop: Workshop) -> None:
    workshop.install("set", SETTINGS)
    message = workshop.refused_at_once(plugin='{"set": {"amount": 11, "colour": "red"}}')
    says(message, "set", "read settings", "plugin.set.amount", "11", "plugin.set.colour")


SETTINGS = """
from pydantic import BaseModel, ConfigDict, Field
from helpa import hookimpl

class Own(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: int = Field(3, le=10, description="How much.")

@hookimpl
def register_settings():
    return Own
"""


def test_settings_of_a_plugin_that_is_not_enabled_are_refused(workshop: Workshop) -> None:
    workshop.install("set", SETTINGS)
    message = workshop.refused_at_once(plugin='{"sett": {"amount": 1}}')
    says(message, "sett", "read settings", "[plugin.set]")


def test_settings_for_a_plugin_that_has_none_are_refused(workshop: Workshop) -> None:
    workshop.install("plain", "")
    says(workshop.refused_at_once(plugin='{"plain": {"a": 1}}'), "plain", "read settings")


def both(message: str, what: str, *plugins: str) -> None:
    assert what in message, message
    for plugin in plugins:
        assert plugin in message, message
    assert "Traceback" not in message


def test_two_operations_of_one_name_are_refused_naming_both_plugins(workshop: Workshop) -> None:
    workshop.install("first", operation("invert", "inv1"))
    workshop.install("second", operation("invert", "inv2"))
    both(workshop.refused(), "'invert'", "'first'", "'second'")


def test_two_parameters_of_one_name_are_refused_naming_both_plugins(workshop: Workshop) -> None:
    workshop.install("first", operation("one", "inv"))
    workshop.install("second", operation("two", "inv").replace("Turns", "Twists"))
    both(workshop.refused(), "'inv'", "first", "second")


def test_a_parameter_with_the_name_of_another_s_alias_is_refused(workshop: Workshop) -> None:
    workshop.install("first", operation("one", "width"))
    both(workshop.refused(), "'width'", "first", "basics")


def test_a_parameter_of_the_core_cannot_be_taken(workshop: Workshop) -> None:
    workshop.install("first", operation("one", "fmt"))
    both(workshop.refused(), "'fmt'", "first", "the core")


@pytest.mark.parametrize("word", ["webp", "jpeg", "auto"])
def test_two_formats_of_one_name_are_refused_naming_both_plugins(
    workshop: Workshop, word: str
) -> None:
    workshop.install(
        "formats",
        f"""
        from helpa import Encoder, hookimpl
        @hookimpl
        def register_operations():
            return [Encoder("{word}", "image/x", ("x",), "ext_formats.x:encode")]
        """,
    )
    owner = "the core" if word == "auto" else "'basics'"
    both(workshop.refused(), f"'{word}'", "'formats'", owner)


ROUTE = """
from starlette.responses import PlainTextResponse
from helpa import Route, hookimpl

async def answer(request):
    return PlainTextResponse("x")

@hookimpl
def register_routes(services):
    return [Route("GET", "PATH", answer, "public", "Answer.")]
"""


def test_two_routes_of_one_path_are_refused_naming_both_plugins(workshop: Workshop) -> None:
    workshop.install("first", ROUTE.replace("PATH", "/api/extra"))
    workshop.install("second", ROUTE.replace("PATH", "/api/extra"))
    message = workshop.refused()
    says(message, "second", "register routes", "/api/extra", "'first'")


def test_two_kinds_of_source_of_one_name_are_refused_naming_both_plugins(
    workshop: Workshop,
) -> None:
    code = """
    from pydantic import BaseModel
    from helpa import SourceKind, hookimpl

    @hookimpl
    def register_sources(services):
        return [SourceKind("shelf", BaseModel, object)]
    """
    workshop.install("first", code)
    workshop.install("second", code)
    says(workshop.refused(), "second", "register sources", "'shelf'", "'first'")


@pytest.mark.parametrize("path", ["/api/images", "/healthz"])
def test_a_route_of_the_core_cannot_be_taken(workshop: Workshop, path: str) -> None:
    workshop.install("first", ROUTE.replace("PATH", path))
    says(workshop.refused(), "first", "register routes", path, "core")


def test_a_route_under_img_is_refused_for_it_would_never_be_asked(workshop: Workshop) -> None:
    workshop.install("first", ROUTE.replace("PATH", "/img/extra"))
    says(workshop.refused(), "first", "register routes", "/img/extra")


@pytest.mark.parametrize(
    "draw", ["ext_first.nothing:draw", "ext_first:nothing", "ext_first.broken:draw"]
)
def test_drawing_code_that_cannot_be_loaded_stops_the_start(workshop: Workshop, draw: str) -> None:
    workshop.install("first", operation("one", "inv", draw), broken="1 / 0")
    says(workshop.refused(), "first", "load", draw)


def test_an_optional_plugin_that_is_broken_is_left_out_and_said_so(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.install("gone", "import nothing_of_the_kind", optional=True)
    workshop.enabled.append({"name": "missing", "optional": True})
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(png())["id"]
        assert server.get(f"/img/{image}?w=50").status_code == 200
        for name, phase in (("gone", "import"), ("missing", "find")):
            assert wait_until(
                lambda n=name, p=phase: any(  # type: ignore[misc]
                    f'"{n}"' in line and f'"{p}"' in line for line in server.log
                )
            ), server.log


HOOKS_THAT_FAIL = {
    "operations": "@hookimpl\ndef register_operations():\n    return 1 / 0\n",
    "routes": "@hookimpl\ndef register_routes(services):\n    return 1 / 0\n",
    "sources": "@hookimpl\ndef register_sources(services):\n    return 1 / 0\n",
    "lifespan": "@hookimpl\ndef lifespan(services):\n    return 1 / 0\n",
}


@pytest.mark.parametrize("kind", HOOKS_THAT_FAIL)
def test_an_optional_plugin_that_fails_in_any_phase_is_left_out(
    workshop: Workshop, tmp_path: Path, kind: str
) -> None:
    code = "from helpa import hookimpl\n" + HOOKS_THAT_FAIL[kind]
    workshop.install("shaky", code, optional=True)
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        assert server.get("/readyz").status_code == 200
        assert wait_until(lambda: any("shaky" in line for line in server.log))


def test_an_optional_plugin_that_claims_a_name_twice_is_left_out(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.install("greedy", operation("one", "width"), optional=True)
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(png())["id"]
        assert server.get(f"/img/{image}?width=50").status_code == 200
        assert wait_until(lambda: any("greedy" in line for line in server.log))


def test_a_url_that_names_an_operation_of_a_broken_optional_plugin_fails(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.install("first", operation("one", "inv", "ext_first.broken:draw"), optional=True)
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(png())["id"]
        assert server.get(f"/img/{image}?w=50").status_code == 200
        for _ in range(2):
            reply = server.get(f"/img/{image}?w=50&inv=1")
            assert reply.status_code in (400, 500, 503)
            problem(reply, reply.status_code)
            assert "max-age=60" not in reply.headers["cache-control"] or reply.status_code == 400


GUARD = """
from helpa import hookimpl
@hookimpl
async def authenticate(services, headers):
    return None
"""


def test_a_plugin_that_guards_access_cannot_be_optional(workshop: Workshop) -> None:
    workshop.install("guard", GUARD, optional=True)
    says(workshop.refused_at_once(), "guard", "validate", "optional")


def test_a_step_that_fails_while_drawing_is_a_500_and_the_worker_goes_on(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.install(
        "first",
        operation("one", "inv", "ext_first.draw:draw"),
        draw="def draw(image, args, context):\n    raise RuntimeError('secret detail')\n",
    )
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(png())["id"]
        members = problem(server.get(f"/img/{image}?inv=1"), 500)
        assert "secret detail" not in str(members)
        assert wait_until(lambda: any("secret detail" in line for line in server.log))
        assert server.get(f"/img/{image}?w=50").status_code == 200


def test_a_step_that_draws_another_size_than_planned_is_a_500(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.install(
        "first",
        operation("one", "inv", "ext_first.draw:draw"),
        draw="def draw(image, args, context):\n    return image.crop(0, 0, 5, 5)\n",
    )
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(png())["id"]
        problem(server.get(f"/img/{image}?inv=1"), 500)
