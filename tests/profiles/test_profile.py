"""Profiles by the API: one's own, and others'."""

from __future__ import annotations

import io
import json
from typing import Any

import h3
import pytest
from PIL import Image
from sqlalchemy import select

import pictures
from helpa.core.database.schema import entries, events
from profiles.people import Person, person, team_of
from serving import Server

OWN = "/api/account/profile"

LAT, LNG = 47.376888, 8.541694


def change(who: Person, **values: Any) -> dict[str, Any]:
    reply = who.call("PATCH", OWN, values)
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


def logged(server: Server, action: str, target: str) -> list[Any]:
    statement = select(entries).where(entries.c.action == action, entries.c.object == target)
    found: list[Any] = server.database.read(
        lambda c: list(c.execute(statement.order_by(entries.c.seq)))
    )
    return found


def test_what_somebody_says_of_themselves_is_shown_to_them(home: Server) -> None:
    ann = person(home, "Ann Kathrin Muster")
    empty = ann.call("GET", OWN).json()
    assert (empty["name"], empty["initials"]) == ("Ann Kathrin Muster", "AM")
    assert empty["email"] == ann.email
    assert (empty["picture"], empty["place"], empty["quiet_hours"]) == (None, None, None)
    change(
        ann,
        name="Ann",
        language="DE-ch",
        time_zone="Europe/Zurich",
        quiet_hours={"from": "22:30", "to": "06:00"},
        notifications={"picture": ["mail", "mail"]},
    )
    shown = ann.call("GET", OWN).json()
    assert shown["name"] == "Ann"
    assert (shown["language"], shown["time_zone"]) == ("de-CH", "Europe/Zurich")
    assert shown["quiet_hours"] == {"from": "22:30", "to": "06:00"}
    assert shown["notifications"] == {"security": ["mail"], "team": ["mail"], "picture": ["mail"]}
    cleared = change(ann, language=None, time_zone=None, quiet_hours=None)
    assert (cleared["language"], cleared["time_zone"], cleared["quiet_hours"]) == (None,) * 3
    assert cleared["name"] == "Ann"
    (first, second) = logged(home, "profile.change", f"account:{ann.id}")
    assert json.loads(first.details) == {
        "changed": ["language", "time_zone", "quiet_hours", "notifications"]
    }
    assert json.loads(second.details) == {"changed": ["language", "time_zone", "quiet_hours"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "admin"}, "role"),
        ({"id": "local"}, "id"),
        ({"email": "other@example.org"}, "email"),
        ({"state": "active"}, "state"),
        ({"account": "local"}, "account"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "A\nB"}, "name"),
        ({"language": "tlh"}, "language"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"quiet_hours": {"from": "22:00"}}, "quiet_hours.to"),
        ({"quiet_hours": {"from": "24:00", "to": "07:00"}}, "quiet_hours.from"),
        ({"quiet_hours": {"from": "07:00", "to": "07:00"}}, "quiet_hours"),
        ({"notifications": {"everything": ["mail"]}}, "notifications.everything.[key]"),
        ({"notifications": {"team": ["pigeon"]}}, "notifications.team.0"),
        ({"picture": "AAAAAAAAAAAAAAAAAAAAAA"}, "picture"),
        ({"place": {"lat": 91, "lng": 0}}, "place.lat"),
        ({"place": {"lat": "47", "lng": 8}}, "place.lat"),
        ({"place": {"lat": 47}}, "place"),
        ({"place": {}}, "place"),
        ({"place": {"lat": 1, "lng": 2, "cell": h3.latlng_to_cell(1, 2, 8)}}, "place"),
        ({"place": {"cell": h3.latlng_to_cell(LAT, LNG, 7)}}, "place.cell"),
        ({"place": {"lat": 1, "lng": 2, "accuracy": 5}}, "place.accuracy"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(
    admin: Person, body: dict[str, Any], field: str
) -> None:
    reply = admin.call("PATCH", OWN, body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert admin.call("GET", OWN).json()["name"] == "Root"


def test_infinite_and_undefined_coordinates_are_refused(admin: Person) -> None:
    with admin.client() as client:
        for number in ("NaN", "Infinity", "1e400"):
            reply = client.patch(
                OWN,
                content=f'{{"place": {{"lat": {number}, "lng": 8}}}}',
                headers={"Content-Type": "application/json"},
            )
            assert (reply.status_code, reply.json()["field"]) == (400, "place.lat")


def test_coordinates_are_kept_nowhere_but_as_a_cell_of_resolution_8(home: Server) -> None:
    ann = person(home, "Placed")
    shown = change(ann, place={"lat": LAT, "lng": LNG})["place"]
    cell = h3.latlng_to_cell(LAT, LNG, 8)
    assert shown == {"cell": cell, "shown": h3.cell_to_parent(cell, 7)}
    refused = ann.call("PATCH", OWN, {"place": {"lat": LAT, "lng": LNG, "name": "home"}})
    assert refused.status_code == 400
    kept = b"".join(path.read_bytes() for path in home.data_dir.rglob("*.sqlite3*"))
    assert cell.encode() in kept
    said = "\n".join(home.log)
    for number in (LAT, LNG):
        assert str(number).encode() not in kept
        assert str(number) not in said
    for entry in logged(home, "profile.change", f"account:{ann.id}"):
        assert json.loads(entry.details) == {"changed": ["place"]}
        assert cell not in f"{entry.details}{entry.personal}"
    told = home.database.read(
        lambda c: list(c.execute(select(events.c.payload).where(events.c.kind == "profile.change")))
    )
    assert cell not in str(told)
    assert change(ann, place=None)["place"] is None


def test_a_place_may_be_set_five_times_a_day(home: Server) -> None:
    ann = person(home, "Mover")
    for step in range(5):
        change(ann, place={"lat": LAT + step, "lng": LNG})
        change(ann, place={"lat": LAT + step, "lng": LNG})  # the same again moves nobody
    change(ann, place=None)
    refused = ann.call("PATCH", OWN, {"place": {"lat": LAT, "lng": LNG}, "language": "de"})
    assert (refused.status_code, refused.json()["field"]) == (429, "place")
    assert 80_000 < int(refused.headers["retry-after"]) <= 86_401
    assert ann.call("GET", OWN).json()["language"] is None


def test_a_picture_of_ones_own_is_shown_until_it_is_no_longer_for_others(home: Server) -> None:
    ann, bob = person(home, "Pictured"), person(home, "Painter")
    team_of(ann, bob)
    image = ann.upload(pictures.png(300, 200))
    url = change(ann, picture=image["id"])["picture"]["url"]
    seen = bob.call("GET", f"/api/users/{ann.id}/profile").json()["picture"]
    assert seen == {"id": image["id"], "url": url}
    drawn = home.get(url.removeprefix(home.url))
    assert drawn.status_code == 200
    assert pictures_size(drawn.content) == (160, 160)
    for theirs in (bob.upload(pictures.png(90, 90))["id"], "not-an-id"):
        refused = ann.call("PATCH", OWN, {"picture": theirs})
        assert (refused.status_code, refused.json()["field"]) == (400, "picture")
    ann.call("PATCH", f"/api/images/{image['id']}", {"visibility": "private"})
    shown = bob.call("GET", f"/api/users/{ann.id}/profile").json()
    assert (shown["picture"], shown["initials"]) == (None, "P")
    ann.call("PATCH", f"/api/images/{image['id']}", {"visibility": "signed"})
    signed = bob.call("GET", f"/api/users/{ann.id}/profile").json()["picture"]["url"]
    assert home.get(signed.removeprefix(home.url)).status_code == 200
    assert home.get(f"/img/{image['id']}").status_code == 404
    assert ann.call("DELETE", f"/api/images/{image['id']}").status_code == 204
    assert ann.call("GET", OWN).json()["picture"] is None
    assert change(ann, picture=None)["picture"] is None


def pictures_size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def test_a_profile_is_shown_to_the_team_and_to_who_reads_users(admin: Person) -> None:
    home = admin.server
    ann, bob, eve = (person(home, name) for name in ("Shown", "Mate", "Eve"))
    auditor = person(home, "Auditor", "auditor")
    team_of(ann, bob)
    cell = change(ann, place={"lat": LAT, "lng": LNG})["place"]["cell"]
    path = f"/api/users/{ann.id}/profile"
    for reader in (bob, auditor, admin):
        reply = reader.call("GET", path)
        assert reply.json() == {
            "id": ann.id,
            "name": "Shown",
            "initials": "S",
            "picture": None,
            "place": {"cell": h3.cell_to_parent(cell, 7)},
        }
        assert ann.email not in reply.text
        assert cell not in reply.text
    readers = [entry.actor for entry in logged(home, "profile.read", f"account:{ann.id}")]
    assert readers == [f"account:{each.id}" for each in (bob, auditor, admin)]
    assert ann.call("GET", path).status_code == 200
    assert len(logged(home, "profile.read", f"account:{ann.id}")) == 3
    told = home.database.read(
        lambda c: list(c.execute(select(events.c.kind).where(events.c.kind == "profile.read")))
    )
    assert told == []
    # Who is a stranger learns nothing, not even that there is somebody.
    strange, nobody = eve.call("GET", path), eve.call("GET", "/api/users/nobody/profile")
    assert (strange.status_code, nobody.status_code) == (404, 404)
    assert strange.json()["detail"] == nobody.json()["detail"]


def test_nobody_and_tokens_without_the_scope_have_no_profile(home: Server) -> None:
    ann = person(home, "Scoped")
    assert home.get(OWN).status_code == 401
    for scopes, status in ((("images:read",), 403), (("profile:write",), 200)):
        with home.client(ann.token(*scopes)) as client:
            assert client.get(OWN).status_code == status
            assert client.patch(OWN, json={"language": "de"}).status_code == status
