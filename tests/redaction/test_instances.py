"""A redaction holds on every instance once its call has returned, and through crashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from api.asking import contents, metric, wait_until
from crash.fleet import Fleet, Hammer, running_fleet
from databases import KINDS
from pictures import encode, opened, photograph
from plugins.workshop import Workshop
from postgresql import Postgresql
from redaction.remains import SECRET, let_go
from serving import Server

BOX = (200, 120, 360, 240)
REGION = {"x": 200, "y": 120, "w": 160, "h": 120}
COUNT = 2


@pytest.fixture(scope="module", params=KINDS)
def fleet(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Two servers on one database of each kind, and one data directory."""
    url = None
    if request.param == "postgresql":
        database: Postgresql = request.getfixturevalue("postgresql")
        url = database.new_database()
    folder: Path = tmp_path_factory.mktemp("instances")
    with pytest.MonkeyPatch.context() as patch:
        workshop = Workshop(folder / "plugins", patch)
        workshop.enabled.append("redaction")
        with running_fleet(folder, workshop, url, COUNT) as running:
            yield running


def upload(fleet: Fleet, seed: int) -> tuple[str, bytes]:
    image = photograph(640, 480, seed=seed)
    image.paste(SECRET, BOX)
    data = encode(image, "PNG")
    return str(fleet.servers[0].upload(data)["id"]), data


def redact(server: Server, image: str, **more: object) -> httpx2.Response:
    body = {"regions": [REGION], **more}
    with server.client() as client:
        return client.post(f"/api/images/{image}/redactions", json=body)


def middle(data: bytes) -> tuple[int, ...]:
    """Return the colour in the middle of the box."""
    image: Image.Image = opened(data).convert("RGB")
    x, y = image.width * 280 // 640, image.height * 180 // 480
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def holding_originals(fleet: Fleet, data: bytes) -> list[Path]:
    """Return the files that hold the bytes of an upload."""
    digest = hashlib.sha256(data).digest()
    files = contents(fleet.servers[0].data_dir).items()
    return [path for path, held in files if hashlib.sha256(held).digest() == digest]


def draws(server: Server) -> bool:
    return metric(server, "helpa_workers_busy") > 0


def test_no_instance_shows_what_was_hidden_once_the_call_has_returned(fleet: Fleet) -> None:
    image, data = upload(fleet, 1)
    first, second = fleet.servers
    path = f"/img/{image}?fmt=png&w=320"
    etag = first.get(path).headers["etag"]
    assert middle(second.get(path).content) == SECRET
    with Hammer(fleet.servers, path, etag) as hammer:
        assert wait_until(lambda: {200, 304} <= {a.status for a in hammer.asked}, every=0.01)
        assert redact(first, image).status_code == 201
        for server in (second, first):
            for _ in range(3):
                answer = server.get(path, if_none_match=etag)
                assert (answer.status_code, middle(answer.content)) == (200, (0, 0, 0))
                old = server.get(f"/img/{image}?fmt=png&v=1")
                assert middle(old.content) == (0, 0, 0)
    assert wait_until(lambda: not holding_originals(fleet, data))


def test_a_render_begun_before_is_neither_sent_nor_stored(fleet: Fleet) -> None:
    image, _ = upload(fleet, 2)
    path = f"/img/{image}?fmt=png&held=7"
    with ThreadPoolExecutor() as pool:
        with fleet.holding(7):
            slow = [pool.submit(server.get, path) for server in fleet.servers]
            assert wait_until(lambda: all(map(draws, fleet.servers)))
            assert redact(fleet.servers[1], image).status_code == 201
            assert not any(each.done() for each in slow), "the call came too late to tell"
        answers = [each.result() for each in slow]
    for answer in answers:
        assert answer.status_code in (200, 404, 503)
        assert answer.status_code != 200 or middle(answer.content) == (0, 0, 0)
    for server in fleet.servers:
        assert middle(server.get(path).content) == (0, 0, 0)


def test_redactions_of_one_picture_at_once_are_all_in_it(fleet: Fleet) -> None:
    image, _ = upload(fleet, 3)
    spots = [(20, 20), (500, 20), (20, 400), (500, 400)]

    def hide(number: int) -> bool:
        x, y = spots[number]
        region = {"x": x, "y": y, "w": 60, "h": 40}
        server = fleet.servers[number % COUNT]
        return bool(redact(server, image, regions=[region], colour="00ff00").status_code == 201)

    done: set[int] = set()
    for _ in range(len(spots)):  # one that another came before is told so: 409
        left = [n for n in range(len(spots)) if n not in done]
        with ThreadPoolExecutor() as pool:
            done |= {n for n, good in zip(left, pool.map(hide, left), strict=True) if good}
    assert len(done) == len(spots)
    for server in fleet.servers:
        shown = opened(server.get(f"/img/{image}?fmt=png").content).convert("RGB")
        assert {shown.getpixel((x + 30, y + 20)) for x, y in spots} == {(0, 255, 0)}
    with fleet.servers[0].client() as client:
        listed = client.get(f"/api/images/{image}/revisions").json()["revisions"]
    assert len(listed) == 1 + len(spots)


def test_a_server_killed_right_after_leaves_nothing_of_it_to_the_next(fleet: Fleet) -> None:
    image, data = upload(fleet, 4)
    spare = fleet.start()
    path = f"/img/{image}?fmt=png"
    assert middle(spare.get(path).content) == SECRET
    assert redact(spare, image).status_code == 201
    spare.kill()
    for server in fleet.servers:
        assert middle(server.get(path).content) == (0, 0, 0)
    let_go(fleet.servers[0])
    assert wait_until(lambda: not holding_originals(fleet, data), 40)


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.15, 0.3])
def test_a_server_killed_meanwhile_leaves_the_old_or_the_new_and_no_mixture(
    fleet: Fleet, moment: float
) -> None:
    image, data = upload(fleet, 10 + int(moment * 100))
    spare = fleet.start()
    path = f"/img/{image}?fmt=png"
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(redact, spare, image)
        wait_until(asked.done, moment, every=0.01)
        spare.kill()
        said = asked.exception() is None
    revision = 0

    def agreed() -> bool:
        """What was committed right before the kill is told of by the others soon after."""
        nonlocal revision
        with fleet.servers[0].client() as client:
            revision = client.get(f"/api/images/{image}").json()["revision"]
        colour = SECRET if revision == 1 else (0, 0, 0)
        return all(middle(server.get(path).content) == colour for server in fleet.servers)

    assert wait_until(agreed, 5)
    assert revision == 2 or not said
    if revision == 1:
        assert holding_originals(fleet, data)
        assert redact(fleet.servers[1], image).status_code == 201
        assert middle(fleet.servers[0].get(path).content) == (0, 0, 0)
    let_go(fleet.servers[0])
    assert wait_until(lambda: not holding_originals(fleet, data), 40)
