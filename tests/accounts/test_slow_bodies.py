"""Requests whose body is still on its way when their sender loses a right."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx2

from accounts.crowd import Crowd
from pictures import png
from web.visitors import form_token


def held_up(body: bytes, meanwhile: Callable[[], object]) -> Iterator[bytes]:
    """Send the half of a body, do something, and send the rest."""
    yield body[:10]
    meanwhile()
    yield body[10:]


def send(
    client: httpx2.Client, method: str, path: str, body: bytes, meanwhile: Callable[[], object]
) -> httpx2.Response:
    """Send JSON, held up in the middle."""
    return client.request(
        method,
        path,
        content=held_up(body, meanwhile),
        headers={"Content-Type": "application/json"},
    )


def test_a_session_that_is_ended_meanwhile_leaves_no_token_behind(crowd: Crowd) -> None:
    account = crowd.add("member", "held-up")
    thief, owner = crowd.session(account), crowd.session(account)
    with thief.client() as stolen, owner.client() as client:
        reply = send(
            stolen,
            "POST",
            "/api/tokens",
            b'{"name": "kept for later", "scopes": ["images:read"]}',
            lambda: client.delete("/api/account/sessions").raise_for_status(),
        )
        assert reply.status_code == 401
        assert client.get("/api/tokens").json()["tokens"] == []


def test_an_administrator_who_is_none_any_more_does_not_make_themselves_one(crowd: Crowd) -> None:
    account = crowd.add("admin", "dethroned")
    with crowd.session(account).client() as client, crowd.admin() as other:

        def dethrone() -> None:
            changed = other.patch(f"/api/users/{account}", json={"role": "member"})
            assert changed.status_code == 200

        reply = send(client, "PATCH", f"/api/users/{account}", b'{"role":    "admin"}', dethrone)
        assert reply.status_code == 409
        assert "has changed" in reply.json()["detail"]
        assert other.get(f"/api/users/{account}").json()["role"] == "member"


def test_a_form_that_is_held_up_is_asked_again_too(crowd: Crowd) -> None:
    account = crowd.add("admin", "former")
    with crowd.session(account).client() as client, crowd.admin() as other:
        token = form_token(client.get("/account/sessions").text)

        def dethrone() -> None:
            changed = other.patch(f"/api/users/{account}", json={"role": "member"})
            assert changed.status_code == 200

        reply = client.post(
            f"/users/{account}",
            content=held_up(f"name=former&role=admin&_csrf={token}".encode(), dethrone),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert reply.status_code == 409
        assert other.get(f"/api/users/{account}").json()["role"] == "member"


def test_a_picture_that_arrives_after_its_token_was_revoked_is_not_kept(crowd: Crowd) -> None:
    account = crowd.add("member", "uploads-slowly")
    made = crowd.issue(account, ["images:read", "images:write"])
    with crowd.server.client(made.text) as stolen, crowd.session(account).client() as client:
        reply = stolen.post(
            "/api/images",
            content=held_up(
                png(60, 40),
                lambda: client.delete(f"/api/tokens/{made.id}").raise_for_status(),
            ),
            headers={"Content-Type": "image/png"},
        )
        assert reply.status_code == 401
        assert client.get("/api/images").json()["images"] == []


def test_a_body_that_takes_its_time_is_taken_where_nothing_has_changed(crowd: Crowd) -> None:
    account = crowd.add("member", "patient")
    with crowd.session(account).client() as client:
        body = b'{"name": "slow", "scopes": ["images:read"]}'
        assert send(client, "POST", "/api/tokens", body, lambda: None).status_code == 201
