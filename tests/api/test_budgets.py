"""What renditions may cost: budgets by picture and by address, on real servers."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest

from api.asking import metric, problem, timed, wait_until
from pictures import encode, jpeg, photograph
from serving import NO_TLS, Server, running_server

TRUSTING = '["127.0.0.0/8"]'

SLOW = "fmt=avif&q=95"

distinct = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Little for each picture, nothing said of addresses."""
    with running_server(
        tmp_path_factory.mktemp("pictures"),
        budgets__picture_burst="0.4",
        budgets__picture_refill="0.03",
        budgets__address_burst="0",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def by_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Little for each address, nothing said of pictures, behind a proxy on this machine."""
    with running_server(
        tmp_path_factory.mktemp("addresses"),
        budgets__picture_burst="0",
        budgets__address_burst="0.4",
        budgets__address_refill="0.001",
        trusted_proxies=TRUSTING,
    ) as running:
        yield running


def cold(image: str, more: str = "fmt=webp", least: int = 200) -> str:
    """Return the URL of a rendition nobody has asked for."""
    across, down = divmod(next(distinct), 500)
    return f"/img/{image}?w={least + across}&h={least + down}&fit=fill&{more}"


def burn(server: Server, image: str, **headers: str) -> httpx2.Response:
    """Ask for new renditions until one is refused; the last takes long, and leaves a debt."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        reply = server.get(cold(image, SLOW, 1500), **headers)
        if reply.status_code != 200:
            return reply
    raise AssertionError("nothing was refused")


def big(server: Server, seed: int) -> str:
    """Upload a picture whose renditions take a while."""
    image: str = server.upload(encode(photograph(1600, 1200, seed), "JPEG"), "p.jpg")["id"]
    return image


def test_a_picture_s_budget_is_refused_named_and_honest_about_when(server: Server) -> None:
    image = server.upload(jpeg(900, 700), "p.jpg")["id"]
    stored = f"/img/{image}?w=64&fmt=png"
    first = server.get(stored)
    assert first.status_code == 200
    before = metric(server, "helpa_refused_total", budget="picture")
    with server.client(None) as client:
        while (reply := client.get(cold(image, "fmt=avif", 500))).status_code == 200:
            pass
    members = problem(reply, 429)
    assert members["budget"] == "picture"
    assert "budget" in members["detail"]
    assert reply.headers["cache-control"] == "private, no-store"
    assert metric(server, "helpa_refused_total", budget="picture") == before + 1
    wait = int(reply.headers["retry-after"])
    assert 1 <= wait <= 30
    # What exists is served from wherever it is, and others are not concerned.
    tag = first.headers["etag"]
    for headers in ({}, {"If-None-Match": tag}, {"Accept": "image/avif"}):
        assert server.get(stored, **headers).status_code in (200, 304)
    assert server.get(f"/img/{image}?width=64&format=png").status_code == 200
    assert server.get(f"/img/{image}?w=65&fmt=png", If_None_Match="*").status_code == 304
    # What is told of pixels costs what drawing them costs.
    for query in ("fmt=json", "fmt=blurhash", "explain=1"):
        for width in range(66, 76):
            reply = server.get(f"/img/{image}?{query}&w={width}")
            if reply.status_code != 200:
                break
            burn(server, image)  # on a slow machine, some of it has come back meanwhile
        assert problem(reply, 429)["budget"] == "picture"
    assert server.get(cold(big(server, 2))).status_code == 200
    time.sleep(int(reply.headers["retry-after"]))
    assert server.get(cold(image)).status_code == 200


def test_who_manages_the_picture_is_not_limited_and_costs_others_nothing(server: Server) -> None:
    image = big(server, 3)
    wait = int(burn(server, image).headers["retry-after"])
    with server.client() as client:
        for _ in range(30):
            assert client.get(cold(image)).status_code == 200
    assert int(server.get(cold(image)).headers.get("retry-after", "0")) <= wait
    for token, status in (
        (server.make_token("images:write"), 429),
        (server.make_token("images:read"), 200),
        ("helpa_nonsense", 429),
    ):
        burn(server, image)  # a slow machine gives the budget time to come back
        with server.client(token) as client:
            assert client.get(cold(image)).status_code == status


def test_a_client_that_leaves_is_charged_for_what_it_began(server: Server) -> None:
    image: str = server.upload(encode(photograph(4000, 3000, 4), "JPEG"), "p.jpg")["id"]

    def owes() -> bool:
        return server.get(cold(image, "fmt=png", 20)).status_code == 429

    with (
        contextlib.suppress(httpx2.TimeoutException),
        httpx2.Client(base_url=server.url, timeout=0.25, verify=NO_TLS) as client,
    ):
        client.get(f"/img/{image}?w=3999&fmt=avif&q=90")
        raise AssertionError("that was too quick for this test")
    assert wait_until(owes, every=0.3)


def forwarded(address: str) -> dict[str, str]:
    return {"X_Forwarded_For": address}


def test_an_address_s_budget_leaves_its_neighbours_alone(by_address: Server) -> None:
    image = big(by_address, 5)
    burner = forwarded("203.0.113.1")
    members = problem(burn(by_address, image, **burner), 429)
    assert members["budget"] == "address"
    assert metric_of(by_address, "helpa_refused_total") >= 1
    for written in ("203.0.113.1", "198.51.100.9, 203.0.113.1", "203.0.113.1, 127.0.0.9"):
        assert by_address.get(cold(image), **forwarded(written)).status_code == 429, written
    for written in ("203.0.113.2", "203.0.113.1, 203.0.113.2", "2001:db8::1"):
        assert by_address.get(cold(image), **forwarded(written)).status_code == 200, written


def metric_of(server: Server, name: str) -> float:
    """Return a counter of a server that knows nobody as being here."""
    with server.client(server.make_token("metrics")) as client:
        lines = client.get("/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def test_the_addresses_of_one_ipv6_site_share_a_budget(by_address: Server) -> None:
    image = big(by_address, 6)
    burn(by_address, image, **forwarded("2001:db8:7::1"))
    assert by_address.get(cold(image), **forwarded("2001:db8:7::ffff:2")).status_code == 429
    assert by_address.get(cold(image), **forwarded("2001:db8:7:1::1")).status_code == 200


def test_who_joins_work_under_way_is_neither_charged_nor_refused(by_address: Server) -> None:
    image: str = by_address.upload(encode(photograph(4000, 3000, 7), "JPEG"), "p.jpg")["id"]
    broke, honest = forwarded("203.0.113.3"), forwarded("203.0.113.4")
    burn(by_address, image, **broke)
    path = f"/img/{image}?w=3998&fmt=avif&q=90"
    replies: list[httpx2.Response] = []
    leader = threading.Thread(target=lambda: replies.append(by_address.get(path, **honest)))
    assert wait_until(lambda: not metric_of(by_address, "helpa_workers_busy"))
    leader.start()
    assert wait_until(lambda: metric_of(by_address, "helpa_workers_busy"))
    joined = by_address.get(path, **broke)
    leader.join()
    assert (joined.status_code, replies[0].status_code) == (200, 200)
    assert joined.content == replies[0].content
    assert by_address.get(cold(image), **broke).status_code == 429
    assert by_address.get(cold(image), **honest).status_code == 429  # it paid


def test_a_server_behind_a_proxy_takes_nobody_for_this_machine(by_address: Server) -> None:
    assert by_address.get("/metrics").status_code == 401
    assert by_address.get("/metrics", **forwarded("127.0.0.1")).status_code == 401


def test_while_one_address_burns_others_get_their_new_renditions_at_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running_server(
        tmp_path_factory.mktemp("burning"),
        budgets__picture_burst="2",
        budgets__address_burst="3",
    ) as server:
        public, other = big(server, 8), big(server, 9)
        usual = sorted(timed(lambda: server.get(cold(other))) for _ in range(5))[2]
        stop = threading.Event()
        statuses: list[int] = []

        def attack() -> None:
            transport = httpx2.HTTPTransport(verify=NO_TLS, local_address="127.0.0.2")
            with httpx2.Client(base_url=server.url, transport=transport, timeout=60) as client:
                while not stop.is_set():
                    # A header of its own making hides nobody.
                    headers = {"X-Forwarded-For": f"203.0.113.{next(distinct) % 250}"}
                    url = cold(public, "fmt=avif&q=90", 900)
                    statuses.append(client.get(url, headers=headers).status_code)
                    time.sleep(0.02)

        attackers = [threading.Thread(target=attack) for _ in range(4)]
        for each in attackers:
            each.start()
        try:
            assert wait_until(lambda: statuses.count(429) > 20, 60)
            transport = httpx2.HTTPTransport(verify=NO_TLS, local_address="127.0.0.3")
            with httpx2.Client(base_url=server.url, transport=transport, timeout=60) as client:
                took = []
                for _ in range(10):
                    began = time.monotonic()
                    assert client.get(cold(other)).status_code == 200
                    took.append(time.monotonic() - began)
            assert sorted(took)[5] < 1.0 + 5 * usual, took
        finally:
            stop.set()
            for each in attackers:
                each.join()
        assert set(statuses) == {200, 429}
        assert server.get("/api/openapi.json", X_Forwarded_For="203.0.113.1").status_code == 200
        assert wait_until(lambda: any("proxy.not_trusted" in line for line in server.log))


def test_the_defaults_let_a_busy_minute_through(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("busy")) as server:
        image = server.upload(jpeg(640, 480))["id"]
        with server.client(None) as client:
            replies = [client.get(cold(image)).status_code for _ in range(200)]
        assert set(replies) == {200}
