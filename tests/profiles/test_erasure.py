"""Erasing somebody: nothing of them is left, and the log still proves itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, select

import pictures
from api.asking import contents
from databases import KINDS, Place
from helpa.core import tokens
from helpa.core.accounts import ERASED_AT_ONCE
from helpa.core.actor import COMMAND_LINE
from helpa.core.database.blobs import Blob, share
from helpa.core.database.images import add as add_image
from helpa.core.database.images import owned as owned_images
from helpa.core.database.schema import accounts, images, jobs
from helpa.core.errors import Conflict
from profiles.people import ACCOUNTS, BROWSER, Person, person, team_of
from serving import Server, helpa, running_server

ERASE = "/api/account/erase"
NAME = "Ottilie Zweifel-Ammann"
EMAIL = "ottilie.zweifel@example.net"
FILE = "Krankenakte Seite 3.png"
TITLE = "Befund vom Dienstag"
ALT = "Ein Knie von vorne"
TAG = "orthopädie"
TEXT = "vertraulich"
TOKEN = "Ottilies Telefon"
ADDRESS = "198.51.100."
WORDS = (NAME, EMAIL, "ottilie", FILE, TITLE, ALT, TAG, TEXT, TOKEN, ADDRESS, BROWSER)

WAIT_SECONDS = 60.0


@pytest.fixture(params=KINDS)
def ours(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[Server]:
    """A server on a database of each kind, behind a proxy that says where people are."""
    settings = {"trusted_proxies": '["127.0.0.1"]'}
    if request.param == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgresql").new_database()
    with running_server(data_dir, **settings) as running:
        person(running, "Root", "admin")
        yield running


def everything(server: Server) -> str:
    """Return all that is in the data folder and in the database."""
    files = contents(server.data_dir).items()
    texts = [f"{path.name}\n{data.decode('utf-8', 'replace')}" for path, data in files]

    def rows(connection: Connection) -> list[str]:
        tables = MetaData()
        tables.reflect(connection)
        return [
            f"{table.name} {tuple(row)}"
            for table in tables.sorted_tables
            for row in connection.execute(select(table))
        ]

    return "\n".join([*texts, *server.database.read(rows)])


def wait_for_jobs(server: Server) -> None:
    """Wait until every job that erases has been done, but for those an hour after any file."""

    def open_ones(connection: Connection) -> list[Any]:
        wanted = jobs.c.kind.in_(("erase", "scrub", "levels"))
        soon = jobs.c.unique_key.is_(None) | jobs.c.unique_key.not_like("scrub:blobs:%")
        statement = select(jobs.c.kind, jobs.c.error).where(wanted, soon, jobs.c.state != "done")
        return list(connection.execute(statement))

    wait_until(lambda: not server.database.read(open_ones))


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.2)


def live(server: Server) -> tuple[Person, dict[str, Any]]:
    """Somebody who leaves traces everywhere, and a picture of theirs."""
    who = person(server, NAME, email=EMAIL)
    team_of(who)
    headers = {"X-Forwarded-For": f"{ADDRESS}23", "Idempotency-Key": "once"}
    said = {"title": TITLE, "alt": ALT, "tags": TAG}
    with who.client() as client:
        file = {"file": (FILE, pictures.png(900, 700))}
        image = client.post("/api/images", files=file, data=said, headers=headers).json()
        del headers["Idempotency-Key"]
        rows = (
            ("PATCH", f"/api/images/{image['id']}", {"visibility": "signed"}),
            ("POST", f"/api/images/{image['id']}/links", {"params": {"txt": TEXT}}),
            ("PATCH", "/api/account/profile", {"picture": image["id"], "name": NAME}),
            ("PATCH", "/api/account/profile", {"place": {"lat": 47.3, "lng": 8.5}}),
        )
        for method, path, body in rows:
            reply = client.request(method, path, json=body, headers=headers)
            assert reply.status_code in (200, 201), reply.text
        client.get(f"/img/{image['id']}?w=200", headers=headers)
        client.post("/forgot", data={"email": EMAIL}, headers=headers)
        client.post("/signin", data={"email": EMAIL, "password": "wrong"}, headers=headers)
    server.database.write(lambda c: tokens.create(c, TOKEN, ("images:read",), owner=who.id))
    return who, image


def test_nothing_of_an_erased_person_is_found_anywhere(ours: Server) -> None:
    who, image = live(ours)
    letters = ours.data_dir / "plugins" / "accounts" / "letters"
    wait_until(lambda: bool(list(letters.glob("*.eml"))))
    before = everything(ours)
    assert [word for word in WORDS if word not in before] == []
    reply = who.call("POST", ERASE, {"email": EMAIL.upper()})
    assert reply.status_code == 204, reply.text
    assert 'helpa_session=""' in reply.headers["set-cookie"]
    # At once for everybody, before any job has run.
    assert who.call("GET", "/api/account/profile").status_code == 401
    assert ours.get(f"/img/{image['id']}").status_code in (404, 410)
    wait_for_jobs(ours)
    wait_until(lambda: not list(letters.glob("*.eml")))
    after = everything(ours)
    assert [word for word in WORDS if word in after] == []
    folders = ("originals", "levels", "cache")
    files = [p for name in folders for p in (ours.data_dir / name).rglob("*") if p.is_file()]
    assert files == []
    verified = helpa("audit", "verify", data_dir=ours.data_dir, **database_of(ours))
    assert "account.erase" in everything(ours)
    assert "erased" in verified.lower(), verified


def database_of(server: Server) -> dict[str, str]:
    url = server.environment.get("HELPA_DATABASE_URL")
    return {"database_url": url} if url else {}


@pytest.fixture(scope="module")
def kept_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """The administrator of a server where others are erased."""
    with running_server(tmp_path_factory.mktemp("erasure")) as running:
        yield person(running, "Root", "admin")


def state_of(who: Person) -> str:
    statement = select(accounts.c.state).where(accounts.c.id == who.id)
    return str(who.server.database.read(lambda c: c.execute(statement).scalar_one()))


def test_an_administrator_erases_somebody_and_nobody_else_can(kept_home: Person) -> None:
    server = kept_home.server
    ann, bob = person(server, "Ann"), person(server, "Bob", "moderator")
    image = ann.upload(pictures.png(50, 50))
    path = f"/api/users/{ann.id}/erase"
    assert bob.call("POST", path).status_code == 403
    assert ann.call("POST", path).status_code == 403
    assert state_of(ann) == "active"
    assert kept_home.call("POST", path).status_code == 204
    assert state_of(ann) == "erased"
    assert server.get(f"/img/{image['id']}").status_code in (404, 410)
    assert kept_home.call("POST", path).status_code == 404
    assert kept_home.call("GET", f"/api/users/{ann.id}/profile").status_code == 404
    # The address is free again, and whoever takes it has nothing of the one before.
    again = person(server, "Ann", email=ann.email)
    assert again.call("GET", "/api/images").json()["images"] == []


def test_the_last_administrator_cannot_be_erased(kept_home: Person) -> None:
    kept_home.call("PATCH", "/api/account/profile", {"language": "de"})
    for reply in (
        kept_home.call("POST", ERASE, {"email": kept_home.email}),
        kept_home.call("POST", f"/api/users/{kept_home.id}/erase"),
    ):
        assert reply.status_code == 409
        assert "last administrator" in reply.json()["detail"]
    # What plugins keep was not erased either.
    assert kept_home.call("GET", "/api/account/profile").json()["language"] == "de"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"email": "somebody.else@example.org"}, 400, "email"),
        ({"email": "root@example.org"}, 400, "email"),
        ({"email": ""}, 400, "email"),
        ({}, 400, "email"),
        ({"email": "keeps@example.org", "id": "local"}, 400, "id"),
    ],
)
def test_who_does_not_type_their_own_address_keeps_their_account(
    kept_home: Person, body: dict[str, str], status: int, field: str
) -> None:
    server = kept_home.server
    found = server.database.read(lambda c: ACCOUNTS.by_email(c, "keeps@example.org"))
    if found is not None:
        server.database.write(lambda c: ACCOUNTS.erase(c, COMMAND_LINE, found.id))
    ann = person(server, "Keeps")
    reply = ann.call("POST", ERASE, body)
    assert (reply.status_code, reply.json()["field"]) == (status, field)
    assert state_of(ann) == "active"


def test_a_stale_session_and_a_token_erase_nobody(kept_home: Person) -> None:
    ann = person(kept_home.server, "Stale")
    with kept_home.server.client(ann.token("profile:write")) as client:
        assert client.post(ERASE, json={"email": ann.email}).status_code == 403
    ann.age()
    assert ann.call("POST", ERASE, {"email": ann.email}).status_code == 403
    assert state_of(ann) == "active"


def test_another_site_erases_nobody(kept_home: Person) -> None:
    ann = person(kept_home.server, "Lured")
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    reply = ann.call("POST", ERASE, {"email": ann.email}, **headers)
    assert reply.status_code == 403
    assert state_of(ann) == "active"


def test_a_picture_that_arrives_after_its_owner_was_erased_is_not_kept(kept_home: Person) -> None:
    server, ann = kept_home.server, person(kept_home.server, "Slow")
    data = pictures.png(400, 300)

    def body() -> Iterator[bytes]:
        yield data[:1000]
        assert kept_home.call("POST", f"/api/users/{ann.id}/erase").status_code == 204
        yield data[1000:]

    with ann.client() as client:
        headers = {"Content-Type": "image/png"}
        reply = client.post("/api/images?title=Late", content=body(), headers=headers)
    assert reply.status_code == 401
    owned = select(images.c.id).where(images.c.owner == ann.id)
    assert server.database.read(lambda c: list(c.execute(owned))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_more_pictures_than_one_transaction_takes_are_erased_with_their_owner(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgresql").new_database() if kind == "postgresql" else None
    place = Place(tmp_path / "helpa.sqlite3", url)
    place.migrate()

    def fill(connection: Connection) -> tuple[str, str]:
        root, ann = (
            ACCOUNTS.create(connection, COMMAND_LINE, email=f"{n}@example.org", name=n, role=role)
            for n, role in (("root", "admin"), ("ann", "member"))
        )
        for owner, count in ((root.id, ERASED_AT_ONCE + 1), (ann.id, 2 * ERASED_AT_ONCE + 5)):
            for number in range(count):
                name = f"{owner}{number}".rjust(22, "0")[-22:]
                facts = {"width": 8, "height": 8, "frames": 1, "animated": False}
                blob = share(connection, Blob(name, owner, name, "png", 9, facts))
                add_image(connection, owner=owner, team=None, blob=blob, visibility="private",
                          filename="f", title="t", alt="", tags=())  # fmt: skip
        return root.id, ann.id

    root, ann = place.write(fill)

    def count(owner: str) -> int:
        return len(place.read(lambda c: owned_images(c, owner)))

    calls = 0
    while place.write(lambda c: ACCOUNTS.erase_pictures(c, COMMAND_LINE, ann)):
        calls += 1
    assert (calls, count(ann)) == (2, 5)
    place.write(lambda c: ACCOUNTS.erase(c, COMMAND_LINE, ann))
    assert count(ann) == 0
    with pytest.raises(Conflict, match="last administrator"):
        place.write(lambda c: ACCOUNTS.erase_pictures(c, COMMAND_LINE, root))
    assert count(root) == ERASED_AT_ONCE + 1
