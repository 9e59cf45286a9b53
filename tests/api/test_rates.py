"""How often the API may be asked, on a real server: by token, by address, and for wrong tokens."""

from __future__ import annotations

import itertools
import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from api.asking import problem, wait_until
from helpa.core import tokens
from pictures import png
from serving import Server, run_helpa, running_server
from web.visitors import setup_link

hosts = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a proxy on this machine, with small rates."""
    with running_server(
        tmp_path_factory.mktemp("rates"),
        rates__token="8",
        rates__address="6",
        rates__failures="4",
        trusted_proxies='["127.0.0.0/8"]',
    ) as running:
        yield running


def somebody(server: Server, token: str | None = None, address: str = "") -> httpx2.Client:
    """Return a client at an address of its own."""
    address = address or f"198.51.100.{next(hosts)}"
    client = server.client(token)
    client.headers["X-Forwarded-For"] = address
    return client


def fields(reply: httpx2.Response) -> tuple[str, int, int]:
    """Return policy, quota and what is left, as the structured fields say it."""
    policy = re.fullmatch(r'"(\w+)";q=(\d+);w=60', reply.headers["ratelimit-policy"])
    left = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', reply.headers["ratelimit"])
    assert policy is not None
    assert left is not None
    assert policy[1] == left[1]
    assert 1 <= int(left[3]) <= 60
    return policy[1], int(policy[2]), int(left[2])


def test_every_answer_of_the_api_says_what_is_left(server: Server) -> None:
    with somebody(server) as client:
        assert fields(client.get("/api/openapi.json")) == ("address", 6, 5)
        assert fields(client.get("/api/nothing")) == ("address", 6, 4)
        assert fields(client.get("/api/images")) == ("address", 6, 3)
        assert fields(client.put("/api/images")) == ("address", 6, 2)
        assert fields(client.get(f"/api/images/{'A' * 22}")) == ("address", 6, 1)
    with somebody(server, server.make_token()) as client:
        assert fields(client.get("/api/images")) == ("token", 8, 7)
        assert fields(client.post("/api/images", content=png(20, 20))) == ("token", 8, 6)
        assert fields(client.post("/api/images", content=b"no")) == ("token", 8, 5)


def test_a_token_over_its_rate_is_429_and_no_other_token_is(server: Server) -> None:
    token = server.make_token()
    with somebody(server, token) as client:
        replies = [client.get("/api/images") for _ in range(8)]
        assert {each.status_code for each in replies} == {200}
        assert [fields(each)[2] for each in replies] == [7, 6, 5, 4, 3, 2, 1, 0]
        over = client.get("/api/images")
        members = problem(over, 429)
        assert members["rate"] == "token"
        assert members["field"] == "rates.token"
        assert fields(over) == ("token", 8, 0)
        left = re.search(r"t=(\d+)", over.headers["ratelimit"])
        assert left is not None
        assert over.headers["retry-after"] == left[1]
        assert problem(client.post("/api/images", content=png(20, 20)), 429)
    with somebody(server, token) as client:  # from wherever
        assert client.get("/api/images").status_code == 429
    with somebody(server, server.make_token()) as client:
        assert client.get("/api/images").status_code == 200


def test_an_address_over_its_rate_is_429_and_no_neighbour_and_no_token_is(server: Server) -> None:
    with somebody(server) as client:
        address = client.headers["X-Forwarded-For"]
        for _ in range(6):
            assert client.get("/api/openapi.json").status_code == 200
        assert problem(client.get("/api/openapi.json"), 429)["rate"] == "address"
        assert problem(client.get("/api/nothing"), 429)
        assert problem(client.put("/api/images"), 429)
        assert client.post("/signout").status_code == 429
    with somebody(server) as client:
        assert client.get("/api/openapi.json").status_code == 200
    with somebody(server, server.make_token(), address) as client:
        assert client.get("/api/images").status_code == 200


def test_pages_pictures_and_health_have_no_rate(server: Server) -> None:
    with somebody(server, server.make_token()) as client:
        image = client.post("/api/images", content=png(40, 30)).json()["id"]
    with somebody(server) as client:
        page = client.get("/").text
        static = re.search(r'href="(/static/[^"]+)"', page)
        assert static is not None
        for path in ("/", static[1], f"/img/{image}?w=20", "/healthz", "/readyz", "/docs/urls"):
            for _ in range(12):
                reply = client.get(path)
                assert reply.status_code == 200, path
                assert "ratelimit" not in reply.headers, path


def guess() -> str:
    """Return a text of a token's form that is none."""
    body = tokens.PREFIX + secrets.token_urlsafe(49)[:65]
    return body + tokens._checksum(body)


def test_after_some_wrong_tokens_none_is_looked_at_not_even_the_right_one(server: Server) -> None:
    right = server.make_token()
    wrong = guess()
    with somebody(server) as client:
        address = client.headers["X-Forwarded-For"]
        # What has not the form of a token is a slip, and counts for nothing.
        for token in (wrong, wrong[:-1], guess(), guess(), wrong):
            reply = client.get("/api/images", headers={"Authorization": f"Bearer {token}"})
            assert reply.status_code == 401
        for token in (wrong, right):
            reply = client.get("/api/images", headers={"Authorization": f"Bearer {token}"})
            members = problem(reply, 429)
            assert members["rate"] == "failures"
            assert fields(reply) == ("failures", 4, 0)
            assert 1 <= int(reply.headers["retry-after"]) <= 60
        # Who shows no credential guesses nothing.
        assert client.get("/api/openapi.json").status_code == 200
    with somebody(server, right) as client:
        assert client.get("/api/images").status_code == 200
    with somebody(server, right, address) as client:
        assert client.get("/api/images").status_code == 429


def test_guessing_at_a_private_picture_is_guessing(server: Server) -> None:
    with somebody(server, server.make_token()) as client:
        form = {"visibility": "private"}
        made = client.post("/api/images", files={"file": ("a.png", png(40, 30))}, data=form)
        path = f"/img/{made.json()['id']}?w=20"
        assert client.get(path).status_code == 200
    with somebody(server, guess()) as client:
        assert [client.get(path).status_code for _ in range(5)] == [401] * 4 + [429]
        reply = client.get(path)
        assert reply.headers["cache-control"] == "private, no-store"
        assert "retry-after" in reply.headers


def test_wrong_codes_of_links_are_counted_and_cross_site_forms_are_not(server: Server) -> None:
    right = {"email": "ann@example.org", "name": "Ann", "password": "seven unrelated lanterns hum"}
    right["code"] = urlsplit(setup_link(server)).fragment
    with somebody(server) as client:
        for _ in range(4):
            reply = client.post(
                "/setup", data={"code": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
            )
            assert reply.status_code == 403
        here = {"Sec-Fetch-Site": "same-origin"}
        assert client.post("/setup", data={"code": "x"}, headers=here).status_code == 422
    with somebody(server) as client:
        for _ in range(4):
            wrong = {**right, "code": "helpa_guess"}
            assert client.post("/setup", data=wrong, headers=here).status_code == 410
        assert client.post("/setup", data=right, headers=here).status_code == 429
    with somebody(server) as client:
        assert client.post("/setup", data=right, headers=here).status_code == 303


def test_the_log_names_the_client_and_metrics_count_what_was_refused(server: Server) -> None:
    with somebody(server, address="192.0.2.77, 127.0.0.5") as client:
        for _ in range(7):
            last = client.get("/api/openapi.json")
        assert last.status_code == 429

    def logged() -> list[int]:
        lines = [json.loads(line) for line in server.log if '"request"' in line]
        return [line["status"] for line in lines if line.get("client") == "192.0.2.77"]

    assert wait_until(lambda: logged() == [200] * 6 + [429]), logged()
    with somebody(server, server.make_token("metrics")) as client:
        text = client.get("/metrics").text
    count = re.search(r'helpa_limited_total\{rate="address"\} (\S+)', text)
    assert count is not None
    assert float(count[1]) >= 1


def test_the_openapi_document_names_429(server: Server) -> None:
    with somebody(server) as client:
        paths = client.get("/api/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            limited = path.startswith(("/api/", "/img/"))
            assert ("429" in operation["responses"]) == limited, (method, path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"trusted_proxies": '["10.0.0.1/8"]'},
            ["trusted_proxies.0", "10.0.0.1/8", "did you mean 10.0.0.0/8"],
        ),
        ({"trusted_proxies": '["nginx"]'}, ["trusted_proxies.0", "nginx", "IPv4 or IPv6 network"]),
        ({"trusted_proxies": "10.0.0.0/8"}, ["HELPA_TRUSTED_PROXIES", "expected JSON"]),
        ({"forwarded_header": "x-real-ip"}, ["forwarded_header", "x-forwarded-for", "forwarded"]),
        ({"unsigned": "some"}, ["unsigned", "steps", "presets"]),
        ({"unsigned_widths": "[0]"}, ["unsigned_widths.0", "greater than or equal to 1"]),
        ({"rates__token": "-1"}, ["rates.token", "greater than or equal to 0"]),
        ({"budgets__picture_refill": "0"}, ["budgets.picture_refill", "greater than 0"]),
        ({"budgets__picture_burst": "inf"}, ["budgets.picture_burst", "finite"]),
    ],
)
def test_settings_that_are_wrong_are_named(
    tmp_path: Path, settings: dict[str, str], said: list[str]
) -> None:
    folder = tmp_path / "var"
    done = run_helpa("serve", "--port", "0", data_dir=folder, cwd=tmp_path, **settings)
    assert done.returncode != 0
    for word in said:
        assert word in done.stderr, done.stderr
