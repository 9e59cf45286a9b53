"""After a redaction nothing that was handed out before leads to what was there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from PIL import ImageOps
from sqlalchemy import text

from api.asking import contents, wait_until
from pictures import encode, photograph
from redaction.remains import SECRET, make_due, shows_secret
from serving import Server, running_server

SIZE = (600, 480)
BOX = (304, 208, 464, 304)
REGION = {"x": 304, "y": 208, "w": 160, "h": 96}
VIEWS = (
    "fmt=png", "fmt=png&v=1", "w=450&fmt=png", "w=225&fmt=png&v=1", "fmt=jpg&w=300", "fmt=webp",
    "fmt=avif&w=200", "fmt=gif&w=200", "rect=300,200,170,110&fmt=png", "p=card&fmt=png",
    "rect=310,220,40,40&w=400&enlarge=1&fmt=png", "w=100&h=100&fit=cover&g=smart&fmt=png",
    "fmt=png&invert=0", "w=300&rot=180&fmt=png", "w=300&blur=0.5&fmt=png", "trim=5&fmt=png",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("urls") / "var"
    with running_server(folder, presets='{"card": "w=400"}') as running:
        yield running


def picture(seed: int, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture with the secret colour in the box, and nowhere else."""
    image = photograph(*SIZE, seed=seed)
    image.paste(SECRET, BOX)
    return encode(image, kind, **options)


def redact(client: httpx2.Client, image: str) -> None:
    answer = client.post(f"/api/images/{image}/redactions", json={"regions": [REGION]})
    assert answer.status_code == 201, answer.text


def settled(server: Server) -> bool:
    """Whether no job waits or runs that erases."""
    said = "SELECT count(*) FROM jobs WHERE kind IN ('erase', 'levels') AND state <> 'done'"
    return bool(server.database.read(lambda c: c.execute(text(said)).scalar_one()) == 0)


@pytest.mark.parametrize("visibility", ["public", "signed"])
def test_urls_that_showed_it_do_not_and_their_etags_match_nothing(
    server: Server, client: httpx2.Client, visibility: str
) -> None:
    image = client.post(
        "/api/images",
        files={"file": ("a.png", picture(1 + len(visibility)))},
        data={"visibility": visibility},
    ).json()["id"]
    paths = []
    for number, query in enumerate(VIEWS):
        if visibility == "public":
            paths.append(f"/img/{image}?{query}")
            continue
        params = dict(part.split("=", 1) for part in query.split("&"))
        asked = {"params": params, "grant": ("view", "exact")[number % 2]}
        made = client.post(f"/api/images/{image}/links", json=asked)
        if made.status_code == 201:
            url = urlsplit(made.json()["url"])
            paths.append(f"{url.path}?{url.query}")
    assert len(paths) > len(VIEWS) // 2
    before = {path: server.get(path) for path in paths}
    usable = {path: reply for path, reply in before.items() if reply.status_code == 200}
    assert sum(shows_secret(reply.content) for reply in usable.values()) > len(VIEWS) // 3
    redact(client, image)
    for path, earlier in usable.items():
        for headers in ({}, {"if_none_match": earlier.headers["etag"]}):
            now = server.get(path, **headers)
            assert now.status_code == 200, path
            assert now.headers["etag"] != earlier.headers["etag"]
            assert not shows_secret(now.content), path
    assert wait_until(lambda: settled(server))
    for path in usable:  # levels are there by now
        assert not shows_secret(server.get(f"{path}&utm_source=later").content), path


def test_tricks_show_nothing_of_it(server: Server, client: httpx2.Client) -> None:
    data = picture(20)
    image = server.upload(data)["id"]
    hashed = server.get(f"/img/{image}?fmt=thumbhash").content
    redact(client, image)
    assert server.get(f"/img/{image}?fmt=thumbhash").content != hashed
    asks = ["explain=1&w=300", "redact=0,0,1,1", "ann=0", "ann=1", "fmt=json", "fmt=png&v=1"]
    with server.client(None) as nobody:
        for asker in (client, nobody):
            for ask in asks:
                reply = asker.get(f"/img/{image}?{ask}")
                assert hashlib.sha256(data).hexdigest().encode() not in reply.content
                if reply.headers["content-type"].startswith("image/"):
                    assert not shows_secret(reply.content), ask
    assert client.get(f"/api/images/{image}/original?reason=test").status_code == 404


def test_a_picture_that_was_drawn_into_another_is_taken_out_of_that(
    server: Server, client: httpx2.Client
) -> None:
    stamp = server.upload(picture(30))["id"]
    below = server.upload(encode(photograph(600, 400, seed=31), "PNG"))["id"]
    path = f"/img/{below}?wm={stamp}&wm_s=0.8&fmt=png"
    before = server.get(path)
    assert shows_secret(before.content)
    redact(client, stamp)
    for headers in ({}, {"if_none_match": before.headers["etag"]}):
        now = server.get(path, **headers)
        assert now.status_code == 200
        assert not shows_secret(now.content)


def test_a_twin_keeps_its_own_pixels_and_a_later_upload_is_no_way_back(
    server: Server, client: httpx2.Client
) -> None:
    data = picture(40)
    one, twin = server.upload(data)["id"], server.upload(data)["id"]
    redact(client, one)
    assert wait_until(lambda: settled(server))
    assert shows_secret(server.get(f"/img/{twin}?fmt=png").content)
    assert not shows_secret(server.get(f"/img/{one}?fmt=png").content)
    redact(client, twin)
    assert wait_until(lambda: settled(server))
    third = server.upload(data)["id"]
    assert shows_secret(server.get(f"/img/{third}?fmt=png&w=450").content)
    for image in (one, twin):
        assert not shows_secret(server.get(f"/img/{image}?fmt=png&w=450").content)
        assert client.get(f"/api/images/{image}/original?reason=test").status_code == 404


def test_cropped_pixels_are_gone(server: Server, client: httpx2.Client) -> None:
    image = server.upload(picture(50))["id"]
    path = f"/img/{image}?fmt=png&rect=300,200,170,110"
    assert shows_secret(server.get(path).content)
    body = {"crop": {"x": 0, "y": 0, "w": 600, "h": 200}}
    assert client.post(f"/api/images/{image}/edits", json=body).status_code == 201
    for query in ("fmt=png", "fmt=png&w=450", "fmt=png&v=1", "rect=0,100,600,100&fmt=png"):
        reply = server.get(f"/img/{image}?{query}")
        assert reply.status_code == 200
        assert not shows_secret(reply.content)
    assert server.get(path).status_code == 400  # there is nothing
    assert client.get(f"/api/images/{image}/original?reason=test").status_code == 404


def test_the_database_forgets_what_was_told_of_the_old_pixels(
    server: Server, client: httpx2.Client
) -> None:
    # No other upload here looks like it: what is left of those is not of this one.
    data = encode(ImageOps.invert(photograph(*SIZE, seed=60)), "PNG")
    key = {"Idempotency-Key": "one-upload-of-a-secret"}
    files = {"file": ("a.png", data)}
    document = client.post("/api/images", headers=key, files=files).json()
    image = document["id"]
    digest = hashlib.sha256(data)
    needles = [
        data[2000:2064],
        digest.hexdigest().encode(),
        digest.digest(),
        base64.b64encode(digest.digest()),
        document["thumbhash"].encode(),
    ]
    said = text("SELECT fingerprint FROM idempotency WHERE key = :key")
    kept = {"key": key["Idempotency-Key"]}
    needles.append(server.database.read(lambda c: c.execute(said, kept).scalar_one()).encode())

    def left() -> list[bytes]:
        held = b"".join(contents(server.data_dir).values())
        return [needle for needle in needles if needle in held]

    assert left()
    redact(client, image)
    assert wait_until(lambda: settled(server))
    make_due(server, "scrub")
    assert wait_until(lambda: not left()), left()
    again = client.post("/api/images", headers=key, files=files)
    assert (again.status_code, again.json()["id"]) == (201, image)
    assert document["thumbhash"] not in again.text
    # Whoever repeats the request with a guess at the file is not told whether it was that one.
    guess = {"file": ("a.png", picture(61))}
    assert client.post("/api/images", headers=key, files=guess).text == again.text


def test_nothing_is_left_of_a_revision_between_once_the_next_one_hid_more(
    server: Server, client: httpx2.Client
) -> None:
    image = server.upload(encode(photograph(*SIZE, seed=70), "PNG"))["id"]

    def hide(x: int) -> None:
        body = {"regions": [{"x": x, "y": 20, "w": 100, "h": 80}], "style": "decoy"}
        client.post(f"/api/images/{image}/redactions", json=body).raise_for_status()

    def forgotten() -> bool:
        make_due(server, "scrub")
        return not left()

    def left() -> list[Path]:
        """Return the files that tell of the revision between."""
        files = contents(server.data_dir).items()
        return [path for path, data in files if any(each in data for each in needles)]

    hide(20)
    document = client.get(f"/api/images/{image}").json()
    named = "SELECT sha256 FROM blobs JOIN images ON blobs.id = blob WHERE images.id = :id"
    digest = server.database.read(lambda c: c.execute(text(named), {"id": image}).scalar_one())
    needles = [digest.encode(), bytes.fromhex(digest), document["thumbhash"].encode()]
    assert left()
    hide(220)
    hide(400)
    assert client.get(f"/api/images/{image}").json()["thumbhash"] != document["thumbhash"]
    assert wait_until(forgotten), left()
