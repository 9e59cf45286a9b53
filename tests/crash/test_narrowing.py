"""What one instance takes away, no other shows once the call has returned."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from api.asking import metric, problem, read_all, status_of, timed, wait_until
from crash.fleet import EDGE, MAX_AGE, Fleet, Hammer, running_fleet
from databases import KINDS
from pictures import png
from plugins.workshop import Workshop
from postgresql import Postgresql
from serving import Server

LEASE_LEFT = MAX_AGE * 0.6
"""A lease is renewed when a third of it has passed: so much is left of it at any moment."""


@pytest.fixture(scope="module", params=KINDS)
def fleet(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Three servers on one database of each kind, and one data directory."""
    url = None
    if request.param == "postgresql":
        database: Postgresql = request.getfixturevalue("postgresql")
        url = database.new_database()
    folder: Path = tmp_path_factory.mktemp("fleet")
    with (
        pytest.MonkeyPatch.context() as patch,
        running_fleet(folder, Workshop(folder / "plugins", patch), url) as running,
    ):
        yield running


def call(server: Server, method: str, path: str, **options: object) -> httpx2.Response:
    with server.client() as client:
        return client.request(method, path, **options)  # type: ignore[arg-type]


def make_link(server: Server, image: str, **params: object) -> tuple[str, str]:
    """Return the path of a new link, and its id."""
    made = call(server, "POST", f"/api/images/{image}/links", json={"params": params})
    assert made.status_code == 201, made.text
    url = urlsplit(made.json()["url"])
    return f"{url.path}?{url.query}", made.json()["id"]


def delete(server: Server, image: str, _: str) -> httpx2.Response:
    return call(server, "DELETE", f"/api/images/{image}")


def hide(server: Server, image: str, _: str) -> httpx2.Response:
    return call(server, "PATCH", f"/api/images/{image}", json={"visibility": "private"})


def revoke(server: Server, image: str, link: str) -> httpx2.Response:
    return call(server, "DELETE", f"/api/images/{image}/links/{link}")


def revoke_all(server: Server, image: str, _: str) -> httpx2.Response:
    return call(server, "POST", f"/api/images/{image}/links/revoke")


Take = Callable[[Server, str, str], httpx2.Response]

WAYS = [
    pytest.param(delete, {404}, id="delete"),
    pytest.param(hide, {404}, id="make private"),
    pytest.param(revoke, {410}, id="revoke a link"),
    pytest.param(revoke_all, {403}, id="revoke all links"),
]


def shown(fleet: Fleet, take: Take, **params: object) -> tuple[str, str, str]:
    """Upload a picture that a way of taking applies to; return its id, a path, and a link's id."""
    if take in (revoke, revoke_all):
        image = fleet.upload(visibility="signed")
        path, link = make_link(fleet.servers[0], image, **{"w": 300, **params})
        return image, path, link
    query = "&".join(f"{name}={value}" for name, value in {"w": 300, **params}.items())
    image = fleet.upload()
    return image, f"/img/{image}?{query}", ""


@pytest.mark.parametrize(("take", "gone"), WAYS)
def test_once_the_call_has_returned_no_instance_shows_it_from_any_tier(
    fleet: Fleet, take: Take, gone: set[int]
) -> None:
    image, path, link = shown(fleet, take)
    first, *_, last = fleet.servers
    etag = first.get(path).headers["etag"]
    for server in fleet.servers[1:-1]:
        assert [server.get(path).status_code for _ in range(3)] == [200] * 3
    # The last one has it on the shared disk alone, or in memory under another URL.
    others = [f"{path}&v=1"] if take in (delete, hide) else []
    for other in others:
        assert last.get(other).status_code == 200
    with Hammer(fleet.servers[:-1], path, etag) as hammer:
        assert wait_until(
            lambda: {200, 304} <= {a.status for a in hammer.asked if a.server == 1}, every=0.01
        )
        reply = take(first, image, link)
        returned = time.monotonic()
        for server in reversed(fleet.servers):
            assert server.get(path).status_code in gone
            assert server.get(path, if_none_match=etag).status_code in gone
            for other in others:
                assert server.get(other, if_none_match=etag).status_code in gone
        assert wait_until(lambda: sum(a.began > returned for a in hammer.asked) > 10)
    assert reply.status_code in (200, 204), reply.text
    after = [each for each in hammer.asked if each.began > returned]
    assert {each.status for each in after} <= gone
    assert {each.status for each in hammer.asked} == {200, 304, *gone}


@pytest.mark.parametrize(("take", "gone"), WAYS)
def test_a_render_begun_before_never_appears_after(
    fleet: Fleet, take: Take, gone: set[int]
) -> None:
    image, path, link = shown(fleet, take, held=9)
    with ThreadPoolExecutor() as pool:
        with fleet.holding(9):
            slow = [pool.submit(server.get, path) for server in fleet.servers]
            assert wait_until(lambda: all(map(draws, fleet.servers)))
            assert take(fleet.servers[0], image, link).status_code in (200, 204)
            assert not any(each.done() for each in slow), "the call came too late to tell"
        assert {each.result().status_code for each in slow} <= gone
    for server in fleet.servers:
        assert server.get(path).status_code in gone


def draws(server: Server) -> bool:
    """Whether a worker has something to do."""
    return metric(server, "helpa_workers_busy") > 0


def test_what_was_made_of_a_deleted_picture_is_on_no_disk(fleet: Fleet) -> None:
    image, path, _ = shown(fleet, delete)
    cache = fleet.servers[0].data_dir / "cache"

    def groups() -> set[Path]:
        return set(cache.glob("??/*"))

    before = groups()
    assert {server.get(path).status_code for server in fleet.servers} == {200}
    (group,) = groups() - before
    with ThreadPoolExecutor() as pool:
        with fleet.holding(4), fleet.holding(5):
            more = [pool.submit(s.get, f"{path}&held={n}") for n in (4, 5) for s in fleet.servers]
            assert wait_until(lambda: all(map(draws, fleet.servers)))
            assert delete(fleet.servers[0], image, "").status_code == 204
        assert {each.result().status_code for each in more} == {404}
    assert wait_until(lambda: not group.exists(), 30)


def test_a_server_behind_an_edge_says_that_the_edge_is_pending(fleet: Fleet) -> None:
    behind = fleet.servers[EDGE]
    image, path, _ = shown(fleet, delete)
    reply = hide(behind, image, "")
    assert (reply.status_code, reply.json()["pending"]) == (202, ["edge"])
    assert reply.json()["visibility"] == "private"
    assert fleet.servers[0].get(path).status_code == 404
    reply = delete(behind, image, "")
    assert (reply.status_code, reply.json()) == (202, {"pending": ["edge"]})


def test_a_stopped_instance_holds_the_call_up_for_its_lease_and_answers_rightly_then(
    fleet: Fleet,
) -> None:
    usual = timed(lambda: delete(fleet.servers[0], shown(fleet, delete)[0], ""))
    image, path, _ = shown(fleet, delete)
    *_, last = fleet.servers
    etag = last.get(path).headers["etag"]
    where = urlsplit(last.url)
    connections = [socket.create_connection((where.hostname or "", where.port or 0), 10)
                   for _ in range(3)]  # fmt: skip
    time.sleep(0.2)
    os.kill(last.process.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert delete(fleet.servers[0], image, "").status_code == 204
        took = time.monotonic() - began
        assert fleet.ran_out()
        for number, each in enumerate(connections):
            match = f"If-None-Match: {etag}\r\n" if number else ""
            head = f"GET {path} HTTP/1.1\r\nHost: x\r\n{match}Connection: close\r\n\r\n"
            each.sendall(head.encode())
    finally:
        os.kill(last.process.pid, signal.SIGCONT)
    assert took < MAX_AGE + 1.5 + 3 * usual
    for each in connections:
        assert status_of(read_all(each)) == 404
        each.close()


def test_a_killed_instance_holds_nothing_up_and_its_lease_vanishes(fleet: Fleet) -> None:
    usual = timed(lambda: delete(fleet.servers[0], shown(fleet, delete)[0], ""))
    image, path, _ = shown(fleet, delete)
    spare = fleet.start()
    assert spare.get(path).status_code == 200
    assert fleet.instances() == 4
    spare.kill()
    began = time.monotonic()
    assert delete(fleet.servers[0], image, "").status_code == 204
    assert time.monotonic() - began < LEASE_LEFT + 3 * usual
    assert fleet.instances() == 3
    locks = list((fleet.servers[0].data_dir / "instances").iterdir())
    assert len(locks) == 3


def test_an_instance_that_is_cut_off_from_the_database_shows_nothing_that_was_taken(
    fleet: Fleet,
) -> None:
    if fleet.wire is None:
        return  # a file cannot be cut off
    usual = timed(lambda: delete(fleet.servers[0], shown(fleet, delete)[0], ""))
    image, path, _ = shown(fleet, delete)
    *_, last = fleet.servers
    etag = last.get(path).headers["etag"]
    time.sleep(0.5)  # its lease was renewed a while ago, and it has looked since
    with Hammer([last], path, etag) as hammer:
        fleet.wire.cut()
        try:
            began = time.monotonic()
            assert delete(fleet.servers[0], image, "").status_code == 204
            returned = time.monotonic()
            assert fleet.ran_out()
            assert returned - began < MAX_AGE + 1.5 + 3 * usual
            time.sleep(1)
        finally:
            fleet.wire.mend()
        assert wait_until(lambda: last.get(path).status_code == 404, 15)
    assert {a.status for a in hammer.asked if a.began < began} <= {200, 304}
    assert {a.status for a in hammer.asked if a.began > returned} <= {503, 404}


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Postgresql:
    found: Postgresql = request.getfixturevalue("postgresql")
    return found


class Looker(threading.Thread):
    """Asks again and again until stopped; keeps when each was asked, and the answer."""

    def __init__(self, server: Server, path: str) -> None:
        super().__init__()
        self.answers: list[tuple[float, httpx2.Response]] = []
        self._server, self._path = server, path
        self._told = threading.Event()

    def run(self) -> None:
        with self._server.client(None) as client:
            while not self._told.wait(0.02):
                self.answers.append((time.monotonic(), client.get(self._path)))

    def __enter__(self) -> Looker:
        self.start()
        assert wait_until(lambda: self.answers)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._told.set()
        self.join()


@contextmanager
def away(database: Postgresql, url: str, how: str) -> Iterator[None]:
    """Let a database refuse everybody, or its whole server hang."""
    if how == "hangs":
        with database.stopped():
            yield
        return
    database.refuse(url)
    try:
        yield
    finally:
        database.accept(url)


def shows(server: Server, path: str) -> bool:
    return server.get(path).status_code == 200


def refused_clearly(server: Server, image: str) -> None:
    """Insist that nothing but what needs no database goes on."""
    with server.client() as client:
        for reply in (
            client.patch(f"/api/images/{image}", json={"title": "lost?"}),
            client.delete(f"/api/images/{image}"),
            client.get("/api/images"),
        ):
            document = problem(reply, 503)
            assert int(reply.headers["retry-after"]) > 0
            assert "database" in document["detail"]
        for probe in ("/healthz", "/readyz"):
            assert client.get(probe).status_code == 200


@pytest.mark.parametrize("fleet", ["postgresql"], indirect=True)  # a file does not go away
@pytest.mark.parametrize("how", ["refuses", "hangs"])
def test_hits_are_served_while_the_database_is_away_until_they_may_be_wrong(
    fleet: Fleet, database: Postgresql, how: str
) -> None:
    image, path, _ = shown(fleet, delete)
    server = fleet.servers[1]
    assert server.get(path).status_code == 200
    url = server.environment["HELPA_DATABASE_URL"]
    with Looker(server, path) as looking:
        before = time.monotonic()
        with away(database, url, how):
            after = time.monotonic()
            time.sleep(MAX_AGE + 1)
            looking.stop()
            began = time.monotonic()
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda _: refused_clearly(server, image), range(2)))
            assert time.monotonic() - began < 45
    answers = looking.answers
    assert {reply.status_code for _, reply in answers} == {200, 503}
    early = [reply for when, reply in answers if when < before + LEASE_LEFT - 0.5]
    assert {reply.status_code for reply in early} == {200}
    served = max(when for when, reply in answers if reply.status_code == 200)
    assert served <= after + MAX_AGE + 0.2
    for _, reply in answers:
        if reply.status_code == 503:
            assert int(reply.headers["retry-after"]) > 0
    # Without a restart everything is as before.
    for each in fleet.servers:
        assert wait_until(partial(shows, each, path), 15)
    renamed = call(server, "PATCH", f"/api/images/{image}", json={"title": "found"})
    assert renamed.json()["title"] == "found", renamed.text
    assert fleet.servers[0].upload(png(64, 40))["id"]
    assert call(server, "DELETE", f"/api/images/{image}").status_code == 204
    assert {each.get(path).status_code for each in fleet.servers} == {404}


def test_instances_that_stop_take_their_leases_along(fleet: Fleet) -> None:
    before = fleet.instances()
    spare = fleet.start()
    assert fleet.instances() == before + 1
    spare.process.send_signal(signal.SIGTERM)
    assert spare.process.wait(60) == 0
    assert fleet.instances() == before
