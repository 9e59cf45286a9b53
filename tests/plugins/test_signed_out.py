"""Where a browser goes on to from signing out, as plugins say."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.workshop import Workshop
from serving import running_server

HOOK = """
from helpa import hookimpl

@hookimpl
async def signed_out(services, session):
    BODY
"""

PAGE = """
from starlette.responses import PlainTextResponse
from helpa import Identity, Route, hookimpl

@hookimpl
def register_routes(services):
    async def out(request):
        said = await services.farewell(Identity("ada", "Ada", kind="session"))
        return PlainTextResponse(str(said))

    return [Route("GET", "/out", out, "public")]
"""


def test_signed_out_that_is_not_async_is_refused_at_the_start(workshop: Workshop) -> None:
    workshop.install("hasty", HOOK.replace("async ", "").replace("BODY", "return None"))
    said = workshop.refused_at_once()
    assert said == "helpa: plugin 'hasty' failed to validate: signed_out is no async function\n"


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        (["return None"], "None"),
        (
            [
                "return None",
                "raise ValueError('secret')",
                "return 'javascript:alert(1)'",
                "return 'https://a.example/out?of=' + session.id",
                "return 'https://b.example'",
            ],
            "https://a.example/out?of=ada",
        ),
    ],
    ids=["nowhere", "somewhere"],
)
def test_signed_out_is_asked_of_each_until_one_knows_a_place(
    workshop: Workshop, tmp_path: Path, bodies: list[str], expected: str
) -> None:
    workshop.install("page", PAGE)
    for number, body in enumerate(bodies):
        workshop.install(f"p{number}", HOOK.replace("BODY", body))
    with running_server(tmp_path, plugins=workshop.plugins) as server:
        reply = server.get("/out")
        assert (reply.status_code, reply.text) == (200, expected)
