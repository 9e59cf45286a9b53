"""Who may do and see what: scopes, visibility, and rights taken away while answers are hot."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import Connection

from api.asking import metric, originals, problem
from helpa.core import tokens as token_statements
from helpa.core.database import images
from pictures import png
from serving import Server, running_server

UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"

ROUTES: list[tuple[str, str, str, int, dict[str, Any]]] = [
    ("POST", "/api/images", "images:write", 201, {"files": {"file": ("a.png", png(30, 20))}}),
    ("GET", "/api/images", "images:read", 200, {}),
    ("PATCH", "/api/images/{id}", "images:write", 200, {"json": {"title": "x"}}),
    ("GET", "/api/images/{id}/revisions", "images:read", 200, {}),
    ("DELETE", "/api/images/{id}", "images:delete", 204, {}),
    ("GET", "/api/jobs/{job}", "images:read", 404, {}),
]
OTHERS = {
    "images:write": ["images:read", "images:delete", "links:write", "metrics"],
    "images:read": ["images:write", "images:delete", "originals:read", "metrics"],
    "images:delete": ["images:read", "images:write", "links:write"],
}


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    """Tokens by what they allow."""
    made = {scope: server.make_token(scope) for scope in OTHERS}
    made |= {f"not {scope}": server.make_token(*others) for scope, others in OTHERS.items()}
    return made | {"admin": server.make_token("admin")}


def ask(server: Server, token: str | None, route: tuple[Any, ...]) -> httpx2.Response:
    method, path, _, _, body = route
    if "{id}" in path:
        path = path.format(id=server.upload(png(31, 20))["id"])
    with server.client(token) as client:
        return client.request(method, path.format(job=UNKNOWN), **body)


@pytest.mark.parametrize("route", ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])
def test_a_route_answers_its_scope_and_admin_and_nobody_else(
    server: Server, tokens: dict[str, str], route: tuple[Any, ...]
) -> None:
    scope, status = route[2], route[3]
    assert ask(server, tokens[scope], route).status_code == status
    assert ask(server, tokens["admin"], route).status_code == status
    members = problem(ask(server, tokens[f"not {scope}"], route), 403)
    assert members["allowed"] == scope
    nobody = ask(server, None, route)
    problem(nobody, 401)
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    assert nobody.headers["cache-control"] == "private, no-store"


def test_every_route_of_the_api_that_is_not_public_answers_401_to_nobody(server: Server) -> None:
    document = server.get("/api/openapi.json").json()
    public = {
        ("get", "/api/openapi.json"),
        ("get", "/api/annotations/schema"),
        ("get", "/api/images/{id}"),
        ("get", "/api/images/{id}/markup"),
        ("get", "/healthz"),
        ("get", "/readyz"),
        ("get", "/metrics"),
        ("get", "/img/{id}"),
    }
    asked = 0
    with server.client(None) as client:
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                if (method, path) in public:
                    assert "security" not in described
                    continue
                if not path.startswith("/api/"):
                    continue
                filled = path.replace("{id}", UNKNOWN).replace("{link}", UNKNOWN)
                problem(client.request(method, filled), 401)
                assert described["security"] == [{"token": []}]
                asked += 1
    assert asked >= 6


@pytest.mark.parametrize(
    "credential",
    [
        "Bearer nonsense",
        "Bearer",
        "Bearer helpa_" + "A" * 71,
        "Basic dXNlcjpwYXNz",
        "helpa_" + "A" * 71,
        "Bearer helpa_\xff",
    ],
)
def test_a_credential_that_is_not_valid_is_401(server: Server, credential: str) -> None:
    with server.client(None) as client:
        reply = client.get(
            "/api/images", headers=[(b"Authorization", credential.encode("latin-1"))]
        )
    assert credential[-30:] not in problem(reply, 401)["detail"]


def test_a_token_with_one_letter_changed_is_401_and_said_to_be_mistyped(server: Server) -> None:
    token = server.token
    wrong = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    with server.client(wrong) as client:
        assert "not a Helpa token" in problem(client.get("/api/images"), 401)["detail"]


def test_a_private_picture_is_404_to_nobody_and_200_to_its_owner(server: Server) -> None:
    document = server.upload(png(120, 80), visibility="private")
    url = f"/img/{document['id']}?w=60"
    with server.client() as client:
        reply = client.get(url)
        assert reply.status_code == 200
        assert reply.headers["cache-control"] == "private, no-store"
        assert client.get(f"/api/images/{document['id']}").status_code == 200
        assert client.get(f"/img/{document['id']}?fmt=json").status_code == 200
    for _ in range(2):
        problem(server.get(url), 404)
    problem(server.get(f"/img/{document['id']}?fmt=json"), 404)
    problem(server.get(f"/api/images/{document['id']}"), 404)
    with server.client(server.make_token("images:write", "metrics")) as client:
        problem(client.get(url), 404)


def same(one: httpx2.Response, other: httpx2.Response) -> bool:
    varying = ("date", "x-request-id", "ratelimit")
    return (one.status_code, one.content) == (other.status_code, other.content) and all(
        one.headers.get(name) == other.headers.get(name)
        for name in {*one.headers, *other.headers}
        if name not in varying
    )


@pytest.mark.parametrize(
    "query",
    ["", "?w=60", "?fmt=json", "?w=nonsense", "?nosuch=1", "?p=nosuch", "?page=7", "?dl=1"],
)
@pytest.mark.parametrize("credential", [None, "mistyped", "without the scope"])
def test_a_private_picture_answers_strangers_as_one_that_never_was(
    server: Server, tokens: dict[str, str], query: str, credential: str | None
) -> None:
    private = server.upload(png(121, 80), visibility="private")["id"]
    token = {
        None: None,
        "mistyped": server.token[:-1] + ("A" if server.token[-1] != "A" else "B"),
        "without the scope": tokens["images:write"],
    }[credential]
    for tag in ({}, {"If-None-Match": "*"}):
        with server.client(token) as client:
            for method in ("GET", "HEAD", "POST"):
                there = client.request(method, f"/img/{private}{query}", headers=tag)
                never = client.request(method, f"/img/{UNKNOWN}{query}", headers=tag)
                assert same(there, never), (method, there, never)
                there = client.request(method, f"/img/{private}.jpg{query}", headers=tag)
                never = client.request(method, f"/img/{UNKNOWN}.jpg{query}", headers=tag)
                assert same(there, never), (method, there, never)
            there = client.get(f"/api/images/{private}")
            never = client.get(f"/api/images/{UNKNOWN}")
            assert same(there, never)


def hot(server: Server, document: dict[str, Any]) -> tuple[str, str]:
    """Return a URL whose answer stands in the table, and its ETag."""
    url = f"/img/{document['id']}?w=61"
    first = server.get(url)
    before = metric(server, "helpa_requests_total", tier="ready")
    again = server.get(url)
    assert metric(server, "helpa_requests_total", tier="ready") == before + 1
    assert again.content == first.content
    return url, first.headers["etag"]


def gone(server: Server, url: str, tag: str) -> bool:
    replies = [
        server.get(url),
        server.get(url, If_None_Match=tag),
        server.get(url, If_None_Match="*"),
        server.get(url.replace("w=61", "width=61")),
    ]
    statuses = {reply.status_code for reply in replies}
    assert statuses in ({404}, {200, 304}), statuses
    return statuses == {404}


def test_a_hot_rendition_made_private_answers_404_at_once(server: Server) -> None:
    document = server.upload(png(122, 80))
    url, tag = hot(server, document)
    with server.client() as client:
        client.patch(f"/api/images/{document['id']}", json={"visibility": "private"})
        assert gone(server, url, tag)
        assert client.get(url).status_code == 200
        client.patch(f"/api/images/{document['id']}", json={"visibility": "public"})
    assert server.get(url).headers["cache-control"].startswith("public")


def test_a_hot_rendition_of_a_deleted_picture_answers_404_at_once(server: Server) -> None:
    document = server.upload(png(123, 80))
    url, tag = hot(server, document)
    with server.client() as client:
        client.delete(f"/api/images/{document['id']}")
    assert gone(server, url, tag)


def elsewhere(server: Server, work: Callable[[Connection], Any]) -> Any:
    """Change something in the server's database from this process."""
    result = server.database.write(work)
    assert result
    return result


@pytest.mark.parametrize("how", ["private", "deleted"])
def test_a_change_by_another_process_is_seen_within_a_second(server: Server, how: str) -> None:
    document = server.upload(png(124, 80))
    url, tag = hot(server, document)
    assert not gone(server, url, tag)
    if how == "private":
        elsewhere(server, lambda c: images.change(c, document["id"], {"visibility": "private"}))
    else:
        elsewhere(server, lambda c: images.delete(c, document["id"]))
    time.sleep(1)
    assert gone(server, url, tag)
    with server.client() as client:
        status = client.get(f"/api/images/{document['id']}").status_code
    assert status == (200 if how == "private" else 404)


def test_a_title_changed_by_another_process_is_shown_within_a_second(server: Server) -> None:
    document = server.upload(png(125, 80))
    path = f"/api/images/{document['id']}"
    assert server.get(path).json()["title"] == ""
    elsewhere(server, lambda c: images.change(c, document["id"], {"title": "From elsewhere"}))
    time.sleep(1)
    assert server.get(path).json()["title"] == "From elsewhere"


def test_a_private_answer_never_enters_the_table(server: Server) -> None:
    document = server.upload(png(126, 80), visibility="private")
    before = metric(server, "helpa_requests_total", tier="ready")
    with server.client() as client:
        for _ in range(3):
            assert client.get(f"/img/{document['id']}?w=62").status_code == 200
    assert metric(server, "helpa_requests_total", tier="ready") == before


def test_visibility_can_be_private_unless_an_upload_says_otherwise(tmp_path: Path) -> None:
    with running_server(tmp_path / "var", visibility="private") as own:
        private, public = own.upload(png(20, 20)), own.upload(png(21, 20), visibility="public")
        assert (private["visibility"], public["visibility"]) == ("private", "public")
        assert own.get(f"/img/{private['id']}").status_code == 404
        assert own.get(f"/img/{public['id']}").status_code == 200


def test_a_token_of_another_owner_neither_sees_nor_changes_what_is_private(
    server: Server,
) -> None:
    token = elsewhere(server, lambda c: token_statements.create(c, "other", owner="other").text)
    private = server.upload(png(127, 80), visibility="private")["id"]
    public = server.upload(png(128, 80))["id"]
    with server.client(token) as client:
        problem(client.get(f"/img/{private}"), 404)
        problem(client.get(f"/api/images/{private}"), 404)
        problem(client.patch(f"/api/images/{private}", json={"title": "x"}), 404)
        problem(client.delete(f"/api/images/{private}"), 404)
        assert client.get(f"/api/images/{public}").status_code == 200
        problem(client.patch(f"/api/images/{public}", json={"title": "x"}), 403)
        problem(client.delete(f"/api/images/{public}"), 403)
        assert client.get("/api/images").json()["images"] == []
        mine = client.post("/api/images", files={"file": png(128, 80)}).json()
        assert [i["id"] for i in client.get("/api/images").json()["images"]] == [mine["id"]]


def test_equal_bytes_of_two_owners_are_stored_twice(server: Server) -> None:
    token = elsewhere(server, lambda c: token_statements.create(c, "third", owner="third").text)
    before = len(originals(server))
    server.upload(png(129, 80))
    with server.client(token) as client:
        assert client.post("/api/images", files={"file": png(129, 80)}).status_code == 201
    assert len(originals(server)) == before + 2
