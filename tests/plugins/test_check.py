"""``check_plugin`` and ``helpa plugin check``: every promise of a plugin, broken on purpose."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from helpa import Affine, Encoder, Frame, Operation, Parameter, Size, Stage, Step, invalid
from helpa.testing import Problem, check_plugin
from helpa.testing.planning import planning_problems
from plugins.workshop import Workshop
from serving import environment, run_helpa

SOUND = '''
"""Turns colours round."""
from typing import Annotated
from pydantic import BaseModel, ConfigDict, Field
from helpa import Frame, Operation, Parameter, Route, Size, Stage, Step, hookimpl
from starlette.responses import PlainTextResponse

class Settings(BaseModel):
    """How."""
    model_config = ConfigDict(extra="forbid")
    white: int = Field(255, description="What black becomes.")

def invert(
    frame: Frame, *, inv: Annotated[int, Parameter("How much.", ge=0, le=9, example="3")] = 0
) -> Step | None:
    """Turn colours round."""
    if not inv:
        return None
    return Step({"by": inv}, frame.size)

async def answer(request):
    return PlainTextResponse("x")

@hookimpl
def register_settings():
    return Settings

@hookimpl
def register_operations():
    return [Operation("inv", stage=Stage.EFFECT, plan=invert, draw="ext_bad.draw:invert")]

@hookimpl
def register_routes(services):
    return [Route("GET", "/api/bad", answer, "public", "Answer.")]
'''

DRAW = """
def invert(image, args, context):
    return image
"""


def problems(code: str = SOUND, draw: str = DRAW) -> list[Problem]:
    """Check a plugin made of some code, in a process that knows it."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        workshop = Workshop(Path(folder), patch)
        workshop.install("bad", code, draw=draw)
        done = subprocess.run(
            [sys.executable, "-c", ASK],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return [Problem(*line.split("\t")) for line in done.stdout.splitlines() if "\t" in line]


ASK = """
from helpa.core import logs
from helpa.testing import check_plugin
logs.configure("error")
for each in check_plugin("bad"):
    print(each.where, each.what, each.advice.replace("\\n", " "), sep="\\t")
"""


def test_a_sound_plugin_has_no_problem() -> None:
    assert problems() == []


FAULTS = (
    # what stands there, what is put there, where, what is said
    ('"""Turns colours round."""\n', "import pyvips\n", "the module", "no docstring"),
    ("ext_bad.draw:invert", "ext_bad.draw:invert", "the module", "loads pyvips"),
    ('    """Turn colours round."""\n', "", "operation inv", "no docstring"),
    (', description="What black becomes."', "", "setting white", "no description"),
    ('extra="forbid"', 'extra="ignore"', "the settings", "misspelt"),
    ("ge=0, ", "", "operation inv, parameter inv", "no smallest value"),
    ("le=9, ", "", "operation inv, parameter inv", "no largest value"),
    (', example="3"', ', example="x"', "operation inv, parameter inv", "example is refused"),
    ('"Answer."', '""', "route GET /api/bad", "no summary"),
    ("async def answer", "def answer", "route GET /api/bad", "not async"),
)


def test_every_fault_of_a_declaration_is_named_with_advice() -> None:
    code = SOUND
    for old, new, _, _ in FAULTS:
        assert old in code, old
        code = code.replace(old, new, 1)
    found = problems(code)
    for _, _, where, what in FAULTS:
        assert any(each.where == where and what in each.what for each in found), (where, what)
    assert all(len(each.advice) > 5 for each in found)


def test_a_permission_that_nobody_registered_is_named() -> None:
    (found,) = problems(SOUND.replace('"public", ', '"peek", ', 1))
    assert (found.where, found.what) == ("plugin bad", "failed to register routes:")
    assert "nobody registered the permission 'peek'" in found.advice


def test_drawing_code_that_does_not_load_is_named() -> None:
    (found,) = problems(SOUND.replace("ext_bad.draw:invert", "ext_bad.draw:revert"))
    assert (found.where, found.what) == ("plugin bad", "failed to load:")
    assert "revert" in found.advice


@pytest.mark.parametrize(
    ("draw", "on", "what"),
    [
        ("image.crop(0, 0, 2, 2)", "large", "drew 2×2 px"),
        ("image.bandjoin(image[2])", "grey", "fails"),
    ],
)
def test_what_fails_while_it_draws_is_named_with_the_picture(draw: str, on: str, what: str) -> None:
    found = problems(draw=DRAW.replace("return image", f"return {draw}"))
    assert any(f"on the {on} picture" in each.where and what in each.what for each in found), found


COUNT = itertools.count()
Inv = Annotated[int, Parameter("How much.", ge=0, le=9)]


def chancy(frame: Frame, *, inv: Inv = 0) -> Step | None:
    return Step({"by": next(COUNT)}, frame.size)


def no_json(frame: Frame, *, inv: Inv = 0) -> Step | None:
    return Step({"by": {inv}}, frame.size)


def no_number(frame: Frame, *, inv: Inv = 0) -> Step | None:
    return Step({"by": float("nan")}, frame.size)


def raising(frame: Frame, *, inv: Inv = 0) -> Step | None:
    return Step({"by": 1 // (9 - inv)}, frame.size)


def vanishing(frame: Frame, *, inv: Inv = 0) -> Step | None:
    return Step({}, Size(frame.size.width // 2, frame.size.height))


def flattening(frame: Frame, *, inv: Inv = 0) -> Step | None:
    return Step({}, frame.size, Affine(a=0.0))


def odd(frame: Frame, *, inv: Inv = 0) -> Any:
    return {"by": inv}


def refusing(frame: Frame, *, inv: Inv = 0) -> Step | None:
    if inv > frame.size.width:
        raise invalid("inv", str(inv), "no more than the picture is wide")
    return Step({"by": inv}, frame.size)


ENCODER = Encoder("png", "image/png", ("png",), "x:y")


@pytest.mark.parametrize(
    ("plan", "what"),
    [
        (chancy, "asked again"),
        (no_json, "args that are no JSON"),
        (no_number, "args that are no JSON"),
        (raising, "with inv=9 on 1×1 px its plan raises ZeroDivisionError"),
        (vanishing, "it plans a size of 0×1."),
        (flattening, "has no way back"),
        (odd, "its plan answers {'by': 0}"),
    ],
)
def test_a_plan_that_is_not_pure_or_not_sound_is_named_by_the_least_example(
    plan: Callable[..., Any], what: str
) -> None:
    operation = Operation("inv", stage=Stage.EFFECT, plan=plan)
    (found,) = planning_problems(operation, [ENCODER], None)
    assert found.where == "operation inv"
    assert what in found.what
    assert len(found.advice) > 5


def test_a_plan_may_refuse() -> None:
    operation = Operation("inv", stage=Stage.EFFECT, plan=refusing)
    assert list(planning_problems(operation, [ENCODER], None)) == []


def test_a_module_may_be_checked_by_itself() -> None:
    import helpa_basics

    assert check_plugin(helpa_basics) == []


def test_the_command_line_says_the_same_and_fails(workshop: Workshop) -> None:
    workshop.install("bad", SOUND, draw=DRAW)
    done = run_helpa("plugin", "check", "bad")
    assert (done.returncode, done.stdout) == (0, "bad: nothing to complain about.\n"), done.stderr
    package = workshop.folder / "ext_bad" / "__init__.py"
    package.write_text(package.read_text().replace("ge=0, ", ""))
    done = run_helpa("plugin", "check", "bad")
    assert done.returncode == 1
    assert done.stdout == (
        "operation inv, parameter inv: has no smallest value: whoever makes links may ask for "
        "anything. Bound it with Parameter(…, ge=…).\n"
    )
    done = run_helpa("plugin", "check", "nonesuch")
    assert done.returncode == 1
    assert "not installed" in done.stdout
