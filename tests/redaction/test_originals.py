"""Originals that are kept after a redaction: who is handed them, for what reason, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from accounts.crowd import Crowd, gathered
from api.asking import files_in, problem, wait_until
from pictures import encode, photograph
from redaction.pairs import redact
from redaction.remains import SECRET, make_due, telling

BOX = (40, 40, 120, 100)
REGION = {"x": 40, "y": 40, "w": 80, "h": 60}
SCOPES = ("images:read", "images:write", "images:delete", "originals:read")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with gathered(tmp_path_factory.mktemp("originals") / "var") as made:
        yield made


@pytest.fixture
def policies(crowd: Crowd) -> Iterator[httpx2.Client]:
    """A client that may set policies; those are removed at the end."""
    with crowd.admin() as client:
        yield client
        for each in client.get("/api/redaction-policies").json()["policies"]:
            client.delete(f"/api/redaction-policies/{each['subject']}").raise_for_status()


def keep(client: httpx2.Client, subject: str = "default", **original: Any) -> None:
    body = {"action": "none", "original": original}
    client.put(f"/api/redaction-policies/{subject}", json=body).raise_for_status()


def uploaded(client: httpx2.Client, seed: int, **fields: str) -> tuple[str, bytes]:
    image = photograph(240, 180, seed=seed)
    image.paste(SECRET, BOX)
    data = encode(image, "PNG")
    answer = client.post("/api/images", files={"file": ("a.png", data)}, data=fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"]), data


def original(client: httpx2.Client, image: str, reason: str = "ticket 7") -> httpx2.Response:
    return client.get(f"/api/images/{image}/original", params={"reason": reason})


@pytest.mark.parametrize("mode", [{"mode": "keep"}, {"mode": "seal", "days": 3}])
def test_an_original_is_for_a_reason_which_is_on_record_before_it_is_handed_out(
    crowd: Crowd, policies: httpx2.Client, mode: dict[str, Any]
) -> None:
    keep(policies, **mode)
    with crowd.by_token("local", *SCOPES) as client:
        image, data = uploaded(client, 1 + len(mode))
        redact(client, image, REGION)
        before = crowd.entries(action="image.original")
        for reason in ("", "  ", "no", "\0\0\0", "x" * 501):
            assert original(client, image, reason).status_code == 400
        assert client.get(f"/api/images/{image}/original").status_code == 400
        assert client.head(f"/api/images/{image}/original?reason=sly").content == b""
        count = len(crowd.entries(action="image.original")) - len(before)
        assert count == 1  # how long it is is told as well, and on record
        answer = original(client, image, "a court asked for it")
        assert answer.content == data
        assert "no-store" in answer.headers["cache-control"]
        newest, *older = crowd.entries(action="image.original")
        assert len(older) == len(before) + count
        assert newest["object"] == f"image:{image}"
        assert newest["personal"]["personal"]["reason"] == "a court asked for it"
        for part in ("bytes=0-99", "bytes=100-"):
            ranged = client.get(
                f"/api/images/{image}/original?reason=again", headers={"Range": part}
            )
            assert ranged.status_code in (200, 206)
        assert len(crowd.entries(action="image.original")) == len(older) + 3
    with crowd.by_token("local", "images:read", "images:write") as client:
        assert original(client, image).status_code == 403
    with crowd.server.client(None) as nobody:
        assert original(nobody, image).status_code == 401


def test_roles_that_a_policy_names_see_it_and_no_others(
    crowd: Crowd, policies: httpx2.Client
) -> None:
    moderator, agent = crowd.accounts["moderator"], crowd.accounts["agent"]
    team = crowd.add_team("Support", moderator, agent)
    body = {"action": "none", "original": {"mode": "keep"}, "originals": ["moderator"]}
    with crowd.by_token(agent, *SCOPES) as client:
        image, data = uploaded(client, 10, team=team)
        assert original(client, image).content == data
        policies.put(f"/api/redaction-policies/team:{team}", json=body).raise_for_status()
        assert original(client, image).status_code == 403
        redact(client, image, REGION)
        assert original(client, image).status_code == 403
        with crowd.by_token(moderator, *SCOPES) as other:
            assert original(other, image).content == data
        nobody = {**body, "originals": []}
        policies.put(f"/api/redaction-policies/team:{team}", json=nobody).raise_for_status()
        with crowd.by_token(moderator, *SCOPES) as other:
            assert original(other, image).status_code == 403


def test_a_sealed_original_ends_on_its_day_and_not_with_the_next_sweep(
    crowd: Crowd, policies: httpx2.Client
) -> None:
    keep(policies, mode="seal", days=5)
    server = crowd.server
    with crowd.by_token("local", *SCOPES) as client:
        image, data = uploaded(client, 20)
        redact(client, image, REGION)
        assert original(client, image).content == data
        key = server.data_dir / "keys" / image
        (sealed,) = sealed_for(crowd, image)
        assert key.is_file()
        past = "UPDATE revisions SET kept_until = kept_until - :ms WHERE image = :id"
        five_days = {"ms": 5 * 24 * 3600 * 1000, "id": image}
        server.database.write(lambda c: c.execute(text(past), five_days))
        problem(original(client, image), 404)
        listed = client.get(f"/api/images/{image}/revisions").json()["revisions"]
        assert listed[0]["original"] == "destroyed"
        make_due(server, "sweep")
        assert wait_until(lambda: not key.exists() and not sealed_file(crowd, sealed))
        assert wait_until(lambda: not left(crowd, data)), left(crowd, data)


def test_a_sealed_original_without_its_key_is_lost(crowd: Crowd, policies: httpx2.Client) -> None:
    keep(policies, mode="seal", days=5)
    server = crowd.server
    with crowd.by_token("local", *SCOPES) as client:
        images = [uploaded(client, seed) for seed in (30, 31)]
        for image, _ in images:
            redact(client, image, REGION)
        (one, data), (other, _) = images
        assert wait_until(lambda: not left(crowd, data)), left(crowd, data)
        assert original(client, one).content == data
        key, foreign = (server.data_dir / "keys" / image for image in (one, other))
        held = key.read_bytes()
        # The key of another picture, and another's file under this name, open nothing.
        key.write_bytes(foreign.read_bytes())
        problem(original(client, one), 404)
        key.write_bytes(held)
        files = [server.data_dir / "sealed" / sealed_for(crowd, image)[0] for image in (one, other)]
        contents = [path.read_bytes() for path in files]
        files[0].write_bytes(contents[1])
        problem(original(client, one), 404)
        flipped = bytearray(contents[0])
        flipped[len(flipped) // 2] ^= 1
        files[0].write_bytes(flipped)
        problem(original(client, one), 404)
        files[0].write_bytes(contents[0])
        assert original(client, one).content == data
        key.unlink()
        problem(original(client, one), 404)
        assert not key.exists()
        # Redacted once more: a new key opens nothing of the old one's.
        redact(client, one, {"x": 150, "y": 100, "w": 20, "h": 20})
        problem(original(client, one), 404)


@pytest.mark.parametrize("end", ["delete", "destroy"])
def test_what_was_kept_goes_with_its_picture_or_with_a_stricter_policy(
    crowd: Crowd, policies: httpx2.Client, end: str
) -> None:
    with crowd.by_token("local", *SCOPES) as client:
        made = []
        modes: list[dict[str, Any]] = [{"mode": "keep"}, {"mode": "seal", "days": 9}]
        for number, mode in enumerate(modes):
            keep(policies, **mode)
            image, data = uploaded(client, 40 + 10 * number + len(end))
            redact(client, image, REGION)
            assert original(client, image).content == data
            made.append((image, data))
        keep(policies, mode="destroy")
        for image, data in made:
            sealed = sealed_for(crowd, image)
            if end == "delete":
                client.delete(f"/api/images/{image}").raise_for_status()
            else:
                redact(client, image, {"x": 150, "y": 100, "w": 20, "h": 20})
            problem(original(client, image), 404)
            assert wait_until(lambda d=data: not left(crowd, d)), left(crowd, data)  # type: ignore[misc]
            key = crowd.server.data_dir / "keys" / image
            assert wait_until(lambda k=key: not k.exists())  # type: ignore[misc]
            assert wait_until(lambda s=sealed: not any(sealed_file(crowd, each) for each in s))  # type: ignore[misc]


def test_the_policy_of_the_token_that_uploaded_comes_before_others(
    crowd: Crowd, policies: httpx2.Client
) -> None:
    issued = crowd.issue("local", SCOPES)
    keep(policies, mode="keep")
    keep(policies, f"token:{issued.id}", mode="destroy")
    with crowd.server.client(issued.text) as strict, crowd.by_token("local", *SCOPES) as other:
        first, _ = uploaded(strict, 70)
        second, data = uploaded(other, 71)
        # Who redacts does not matter, who uploaded does.
        redact(other, first, REGION)
        redact(strict, second, REGION)
        problem(original(other, first), 404)
        assert original(strict, second).content == data


def sealed_for(crowd: Crowd, image: str) -> list[str]:
    said = text("SELECT sealed FROM revisions WHERE image = :id AND sealed IS NOT NULL")
    found = crowd.server.database.read(lambda c: c.execute(said, {"id": image}).scalars().all())
    return [str(name) for name in found]


def sealed_file(crowd: Crowd, name: str) -> bool:
    return name in {path.name for path in files_in(crowd.server.data_dir / "sealed")}


def left(crowd: Crowd, data: bytes) -> list[Path]:
    """Return the files that tell of one upload."""
    make_due(crowd.server, "scrub")
    return telling(crowd.server, data)
