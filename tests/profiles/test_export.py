"""Taking everything along."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy import select

import pictures
from helpa.core.actor import Actor
from helpa.core.database.schema import entries, tokens
from profiles.people import ACCOUNTS, BROWSER, Person, person, team_of
from serving import Server
from web.visitors import browser_headers, form_token

EXPORT = "/api/account/export"


def noise() -> bytes:
    """Return a picture of more bytes than are read at a time."""
    pixels = np.random.default_rng(7).integers(0, 255, (900, 700, 3)).astype(np.uint8)
    return pictures.encode(Image.fromarray(pixels, "RGB"), "PNG")


def exported(who: Person) -> zipfile.ZipFile:
    reply = who.call("POST", EXPORT)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/zip"
    assert reply.headers["cache-control"] == "private, no-store"
    assert reply.headers["content-disposition"].startswith("attachment;")
    return zipfile.ZipFile(io.BytesIO(reply.content))


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def lines(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read("audit.jsonl").splitlines()]


def test_an_export_holds_everything_that_is_kept_of_somebody(admin: Person) -> None:
    home = admin.server
    ann, bob = person(home, "Ann Export"), person(home, "Bob Other")
    team = team_of(ann, bob)
    original = noise()
    image = ann.upload(original, "../../Steuer 2026.png", title="Bescheid", tags="amt")
    private = ann.upload(pictures.png(60, 40), visibility="private")
    others = bob.upload(pictures.png(61, 41))
    ann.call("PATCH", "/api/account/profile", {"language": "rm", "place": {"lat": 1, "lng": 2}})
    ann.token("images:read")
    admin.call("GET", f"/api/users/{ann.id}/profile")
    archive = exported(ann)
    assert archive.testzip() is None

    account = read(archive, "account.json")
    assert (account["id"], account["email"], account["role"]) == (ann.id, ann.email, "member")
    assert [each["id"] for each in read(archive, "teams.json")] == [team]
    (token,) = read(archive, "tokens.json")
    assert (token["name"], token["scopes"]) == ("their token", ["images:read"])
    assert [each["id"] for each in read(archive, "sessions.json")] == [ann.session_id]
    profile = read(archive, "kept/profile.json")
    assert (profile["language"], len(profile["cell"])) == ("rm", 15)

    names = set(archive.namelist())
    assert {f"images/{image['id']}.png", f"images/{private['id']}.json"} <= names
    assert not any(others["id"] in name or name.startswith(("/", "..")) for name in names)
    assert archive.read(f"images/{image['id']}.png") == original
    document = read(archive, f"images/{image['id']}.json")
    assert (document["title"], document["filename"]) == ("Bescheid", "Steuer 2026.png")
    assert "sig=" not in json.dumps(document)

    said = lines(archive)
    (upload,) = (each for each in said if each["object"] == f"image:{image['id']}")
    assert (upload["action"], upload["personal"]["device"]) == ("image.upload", BROWSER)
    (seen,) = (each for each in said if each["action"] == "profile.read")
    assert seen["actor"] == f"account:{admin.id}"
    assert "device" not in (seen["personal"] or {})
    assert all(f"account:{ann.id}" in (e["actor"], e["on_behalf"], e["object"]) for e in said)
    assert said[0]["action"] in {"account.create", "image.upload"}
    assert {each["action"] for each in said} >= {"account.create", "team.join", "account.export"}


def test_an_export_holds_no_secret_and_nobody_else(admin: Person) -> None:
    home = admin.server
    ann = person(home, "Ann Secretless")
    text = ann.token("images:read")
    archive = exported(ann)
    whole = b"".join(archive.read(name) for name in archive.namelist())
    hashes = home.database.read(lambda c: list(c.execute(select(tokens.c.hash)).scalars()))
    for secret in (text, ann.session, *hashes, admin.email):
        assert secret.encode() not in whole


def test_what_an_administrator_did_to_others_says_not_who_they_are(admin: Person) -> None:
    whole = json.dumps(lines(exported(admin)))
    assert "account.export" in whole
    emails = [person(admin.server, f"Somebody{n}").email for n in range(3)]
    # As the route that invites people does: the entry holds whom it is about.
    actor = Actor(f"account:{admin.id}", "", "r", "203.0.113.9", BROWSER)
    made = admin.server.database.write(
        lambda c: ACCOUNTS.create(
            c, actor, email="invited@example.org", name="Invited", role="guest"
        )
    )
    said = lines(exported(admin))
    (entry,) = (each for each in said if each["object"] == f"account:{made.id}")
    assert "personal" not in entry["personal"]
    assert entry["personal"]["device"] == BROWSER
    for email in (*emails, "invited@example.org"):
        assert email not in json.dumps(said)


def test_only_a_browser_that_has_just_signed_in_takes_everything_along(home: Server) -> None:
    ann = person(home, "Ann Stale")
    with home.client(ann.token("profile:write")) as client:
        assert client.post(EXPORT).status_code == 403
    with home.client(None) as nobody:
        assert nobody.post(EXPORT).status_code == 401
    ann.age()
    refused = ann.call("POST", EXPORT)
    assert refused.status_code == 403
    assert "Sign out and in again" in refused.json()["detail"]
    recorded = home.database.read(
        lambda c: list(
            c.execute(select(entries.c.seq).where(
                entries.c.action == "account.export", entries.c.actor == f"account:{ann.id}"
            ))
        )
    )  # fmt: skip
    assert recorded == []


def test_the_page_downloads_the_same_and_to_nobody_from_elsewhere(home: Server) -> None:
    ann = person(home, "Ann Button")
    with ann.client() as client:
        page = client.get("/account")
        assert page.status_code == 200
        token = form_token(page.text)
        reply = client.post("/account/export", data={"_csrf": token})
        assert zipfile.ZipFile(io.BytesIO(reply.content)).testzip() is None
        for data, headers in (
            ({"_csrf": ""}, {}),
            ({"_csrf": token}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}),
        ):
            sent = {**browser_headers(home), **headers}
            refused = client.post("/account/export", data=data, headers=sent)
            assert refused.status_code == 403
            assert refused.headers["content-type"].startswith("text/html")
