"""Where a policy holds, effects that only seem to hide are refused: at once, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from databases import KINDS
from helpa.core.database.schema import tokens
from pictures import png
from profiles.people import Person, person, team_of
from serving import Server, running_server

POLICY = {"look_for": ["email"], "action": "suggest"}


@pytest.fixture(params=KINDS)
def admin(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[Person]:
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgresql").new_database()
    with running_server(data_dir, **settings) as running:
        yield person(running, "Root", "admin")


def put(who: Person, subject: str) -> None:
    answer = who.call("PUT", f"/api/redaction-policies/{subject}", POLICY)
    assert answer.status_code == 200, answer.text


def remove(who: Person, subject: str) -> None:
    assert who.call("DELETE", f"/api/redaction-policies/{subject}").status_code == 204


def refused(server: Server, image: str) -> bool:
    """Whether a blur of it is refused; what hides nothing is answered all the same."""
    assert server.get(f"/img/{image}?w=20").status_code == 200
    answer = server.get(f"/img/{image}?blur=8")
    assert answer.status_code in (200, 400)
    return answer.status_code == 400


def test_a_policy_for_everybody_holds_for_pictures_that_were_there(admin: Person) -> None:
    server = admin.server
    before = [admin.upload(png(40 + n, 30), visibility="public")["id"] for n in range(3)]
    gone = admin.upload(png(50, 30), visibility="public")["id"]
    assert admin.call("DELETE", f"/api/images/{gone}").status_code == 204
    assert not any(refused(server, each) for each in before)
    put(admin, "default")
    assert all(refused(server, each) for each in before)
    assert refused(server, admin.upload(png(60, 30), visibility="public")["id"])
    remove(admin, "default")
    assert not any(refused(server, each) for each in before)


def test_policies_of_teams_and_tokens_hold_for_theirs_alone(admin: Person) -> None:
    server = admin.server
    member = person(server, "Ann")
    team, other = team_of(member), team_of(admin, member)
    text = member.token("images:read", "images:write")
    find = select(tokens.c.id).where(tokens.c.name == "their token")
    token = server.database.read(lambda c: c.execute(find).scalar_one())

    def by_token(**fields: str) -> str:
        with server.client(text) as client:
            return stored(client, png(70, 30), visibility="public", **fields)

    ours = member.upload(png(41, 30), visibility="public", team=team)["id"]
    theirs = member.upload(png(42, 30), visibility="public", team=other)["id"]
    alone, brought = member.upload(png(43, 30), visibility="public")["id"], by_token(team=team)
    put(admin, f"team:{team}")
    put(admin, f"token:{token}")
    assert [refused(server, each) for each in (ours, theirs, alone, brought)] == [
        True, False, False, True,
    ]  # fmt: skip
    # Moved out of the team, one is what it was before; what the token brought stays the token's.
    for image in (ours, brought):
        moved = member.call("PATCH", f"/api/images/{image}", {"team": other})
        assert moved.status_code == 200, moved.text
    assert [refused(server, ours), refused(server, brought)] == [False, True]
    remove(admin, f"team:{team}")
    assert refused(server, brought)
    remove(admin, f"token:{token}")
    assert not refused(server, brought)


def stored(client: httpx2.Client, data: bytes, **fields: str) -> str:
    reply = client.post("/api/images", files={"file": ("a.png", data)}, data=fields)
    assert reply.status_code == 201, reply.text
    document: dict[str, Any] = reply.json()
    return str(document["id"])
