"""``explain=1``: how a rendition came about, told after it was there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.asking import encodes, metric, problem, wait_until
from api.signing import ask, by_hand, path_of
from pictures import animation, encode, jpeg, png, screenshot
from serving import Server, running_server

PRESETS = json.dumps({"thumb": "w=77&h=77&fit=cover&fmt=webp"})


@pytest.fixture(scope="module")
def image(server: Server) -> str:
    """A photograph with its levels."""
    found: str = server.upload(jpeg(1500, 1100), "photo.jpg")["id"]
    widths = iter(range(10, 200))

    def has_levels() -> bool:
        said = server.get(f"/img/{found}?w={next(widths)}&fmt=gif&explain=1").json()
        return bool(said["made"].get("level", {}).get("factor") == 4)

    assert wait_until(has_levels)
    return found


def explained(reply: httpx2.Response) -> dict[str, Any]:
    """Return an explanation, insisting on the headers each has."""
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "private, no-store"
    assert not {"etag", "vary", "content-disposition"} & set(reply.headers)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-robots-tag"] == "noindex"
    assert int(reply.headers["content-length"]) == len(reply.content)
    found: dict[str, Any] = reply.json()
    return found


def test_it_tells_where_every_parameter_came_from(server: Server, image: str) -> None:
    said = explained(server.get(f"/img/{image}.webp?width=0200&g=north&q=high&explain=1"))
    assert said["url"] == f"/img/{image}?fmt=webp&g=top&q=high&w=200"
    assert said["parameters"] == {
        "w": {"value": "200", "from": "url", "spelling": "width"},
        "g": {"value": "top", "from": "url", "spelling": "g"},
        "q": {"value": "high", "from": "url", "spelling": "q"},
        "fmt": {"value": "webp", "from": "extension"},
        "explain": {"value": "1", "from": "url", "spelling": "explain"},
        **{name: each for name, each in said["parameters"].items() if each["from"] == "default"},
    }
    assert said["parameters"]["dpr"] == {"value": "1", "from": "default"}
    assert said["format"]["why"] == "The extension .webp asks for it."
    assert said["encoding"]["quality"]["from"] == "q=high"
    plain = server.get(f"/img/{image}?{said['url'].partition('?')[2]}")
    assert plain.headers["etag"] == f'W/"{said["key"]}"' == said["headers"]["etag"]
    assert len(plain.content) == said["bytes"]
    unset = explained(server.get(f"/img/{image}?w=201&fmt=jpg&explain=1"))
    assert unset["encoding"]["quality"] == {"value": 80, "from": "setting jpg_quality"}


def test_the_accept_header_decides_auto_and_it_says_why(server: Server, image: str) -> None:
    for accept, name in (("image/avif,image/webp", "avif"), ("image/webp", "webp"), ("*/*", "jpg")):
        said = explained(server.get(f"/img/{image}?w=60&explain=1", Accept=accept))
        assert said["parameters"]["fmt"] == {"value": name, "from": "accept"}
        assert said["format"]["name"] == name
        assert said["format"]["facts"]["accept"] == [
            each for each in ("avif", "webp") if f"image/{each}" in accept
        ]
        assert said["format"]["facts"]["kind"] == "photograph"
        assert "photograph" in said["format"]["why"]
        assert said["headers"]["vary"] == "accept"
    moving = server.upload(animation(), "a.gif")["id"]
    why = explained(server.get(f"/img/{moving}?explain=1&fmt=auto"))["format"]["why"]
    assert "animation of 5 frames" in why
    shot = server.upload(encode(screenshot(200, 120), "PNG"), "s.png")["id"]
    said = explained(server.get(f"/img/{shot}?explain=1"))
    assert said["format"]["lossless"] is True
    assert "every pixel is to be kept" in said["format"]["why"]


def test_it_tells_the_steps_with_sizes_and_owners(server: Server, image: str) -> None:
    said = explained(server.get(f"/img/{image}?rect=100,100,600,300&w=150&pad=5&explain=1"))
    told = [
        (s["operation"], s["plugin"], tuple(s["before"].values()), tuple(s["after"].values()))
        for s in said["steps"]
    ]
    assert told == [
        ("rect", "basics", (1500, 1100), (600, 300)),
        ("resize", "basics", (600, 300), (150, 75)),
        ("pad", "basics", (150, 75), (160, 85)),
    ]
    assert said["steps"][1]["args"] == {"to": [150, 75]}
    assert said["size"] == {"width": 160, "height": 85}
    assert said["pictures"] == []


def test_what_was_drawn_from_which_level_and_how_long_it_took(server: Server, image: str) -> None:
    for query, level in (("w=200", {"factor": 4, "format": "raw"}), ("w=1400", None)):
        before = encodes(server)
        said = explained(server.get(f"/img/{image}?{query}&fmt=jpg&q=71&explain=1"))
        assert encodes(server) == before + 1, "it tells what happened"
        made = said["made"]
        assert (said["tier"], made["when"]) == ("worker", "now")
        assert made["from"] == ("level" if level else "original")
        assert made.get("level") == level
        took = made["timings_ms"]
        assert took["wait"] >= 0
        assert took["open_and_draw"] > 0
        assert took["encode"] > 0
        assert sum(took.values()) <= said["timings_ms"]["rendition"]
        assert said["timings_ms"]["total"] >= said["timings_ms"]["rendition"] > 0
        size = server.get(f"/api/images/{image}").json()["bytes"]
        assert said["original_bytes"] == size
        assert said["saved_bytes"] == size - said["bytes"]
        assert said["saved_percent"] == pytest.approx(100 * (1 - said["bytes"] / size), abs=0.06)


def test_a_second_time_it_comes_from_memory_and_after_a_restart_from_the_disk(
    data_dir: Path,
) -> None:
    with running_server(data_dir) as server:
        image = server.upload(jpeg(900, 700), "p.jpg")["id"]
        path = f"/img/{image}?w=90&fmt=webp"
        cold = explained(server.get(f"{path}&explain=1"))
        again = explained(server.get(f"{path}&explain=1"))
        assert server.get(path).status_code == 200  # into the table, which is not asked
        third = explained(server.get(f"{path}&explain=1"))
        assert [each["tier"] for each in (cold, again, third)] == ["worker", "memory", "memory"]
        assert again["made"] == {**cold["made"], "when": "earlier"}
        assert again["key"] == cold["key"]
    with running_server(data_dir) as server:
        found = [explained(server.get(f"{path}&explain=1")) for _ in range(2)]
        assert [each["tier"] for each in found] == ["disk", "memory"]
        for each in found:
            assert each["made"]["when"] == "earlier"
            assert set(each["made"]) == {"when", "note"}
            assert (each["bytes"], each["key"]) == (cold["bytes"], cold["key"])


def test_an_explanation_is_never_kept_nor_304_and_changes_no_answer(
    server: Server, image: str
) -> None:
    path = f"/img/{image}?w=222&fmt=webp"
    shown = server.get(path)
    before = metric(server, "helpa_requests_total", tier="ready")
    for headers in ({}, {"If-None-Match": shown.headers["etag"]}, {"If-None-Match": "*"}):
        assert explained(server.get(f"{path}&explain=1&dl=1", **headers))["bytes"] == len(
            shown.content
        )
    assert metric(server, "helpa_requests_total", tier="ready") == before
    assert server.get(path).content == shown.content
    plain = server.get(f"{path}&explain=0")
    assert (plain.content, plain.headers["etag"]) == (shown.content, shown.headers["etag"])
    with server.client(None) as client:
        head = client.head(f"{path}&explain=1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["cache-control"] == "private, no-store"
    assert int(head.headers["content-length"]) > 500


@pytest.mark.parametrize("fmt", ["json", "thumbhash", "palette"])
def test_data_is_explained_like_pictures(server: Server, image: str, fmt: str) -> None:
    path = f"/img/{image}?w=111&fmt={fmt}"
    said = explained(server.get(f"{path}&explain=1"))
    assert (said["tier"], said["format"]["name"]) == ("worker", fmt)
    assert said["encoding"] == {}
    plain = server.get(path)
    assert said["format"]["media_type"] == plain.headers["content-type"]
    assert (said["bytes"], said["headers"]["etag"]) == (len(plain.content), plain.headers["etag"])


def test_it_names_no_file_of_the_server(server: Server, image: str) -> None:
    text = server.get(f"/img/{image}?w=99&trim=5&explain=1").text
    assert str(server.data_dir) not in text
    assert "originals" not in text
    assert "levels/" not in text


def test_a_view_link_refuses_it_and_an_exact_one_may_hold_it(server: Server) -> None:
    image = server.upload(png(120, 80), visibility="signed")["id"]
    view = by_hand(server, image, "v")
    members = problem(server.get(view.replace("?", "?w=40&explain=1&")), 403)
    assert members["field"] == "explain"
    assert "explain" not in members["allowed"]
    refused = problem(ask(server, image, grant="view", params={"explain": "1"}), 400)
    assert refused["field"] == "explain"
    said = explained(server.get(by_hand(server, image, explain=1, w=40)))
    assert said["url"] == f"/img/{image}?w=40"
    assert said["headers"]["cache-control"].startswith("private, max-age=")
    problem(server.get(by_hand(server, image, w=40).replace("?", "?explain=1&")), 403)
    problem(server.get(f"/img/{image}?explain=1"), 404)


def test_a_private_picture_is_explained_to_its_owner_and_not_there_for_strangers(
    server: Server,
) -> None:
    image = server.upload(png(121, 80), visibility="private")["id"]
    missing = problem(server.get(f"/img/{'A' * 22}?explain=1"), 404)
    for query in ("explain=1", "w=40&explain=1", "explain=x"):
        reply = server.get(f"/img/{image}?{query}")
        assert problem(reply, 404)["detail"] == missing["detail"]
        assert reply.headers["cache-control"] == "private, no-store"
    with server.client() as client:
        said = explained(client.get(f"/img/{image}?w=40&explain=1"))
    assert said["headers"]["cache-control"] == "private, no-store"


def test_a_refused_query_is_a_problem_with_explain_as_without(server: Server, image: str) -> None:
    for query, field in (("w=0", "w"), ("explain=2", "explain"), ("fmt=jpg&lossless=1", "lossless"),
                         ("explian=1", "explian")):  # fmt: skip
        members = problem(server.get(f"/img/{image}?explain=1&{query}"), 400)
        if query != "explain=2":
            assert members["field"] == field


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that lets strangers ask for few sizes alone, and has a preset and a source."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "a.b.png").write_bytes(png(140, 90))
    table = {"name": "pics", "kind": "folder", "path": str(folder)}
    with running_server(
        tmp_path_factory.mktemp("held"),
        unsigned="steps",
        presets=PRESETS,
        sources=json.dumps([table]),
    ) as running:
        yield running


def test_where_strangers_ask_for_little_only_the_owner_has_it_explained(held: Server) -> None:
    image = held.upload(png(300, 200))["id"]
    for query in ("w=400", "p=thumb"):
        assert held.get(f"/img/{image}?{query}").status_code == 200
        assert problem(held.get(f"/img/{image}?{query}&explain=1"), 403)["field"] == "explain"
    with held.client() as client:
        said = explained(client.get(f"/img/{image}?p=thumb&explain=1"))
        assert said["url"] == f"/img/{image}?p=thumb"
        assert said["headers"]["cache-control"] == "public, max-age=3600", "as strangers are told"
        odd = explained(client.get(f"/img/{image}?w=401&explain=1"))
        assert odd["headers"]["cache-control"] == "private, no-store"
    assert said["parameters"]["w"] == {"value": "77", "from": "preset", "preset": "thumb"}
    assert said["parameters"]["p"] == {"value": "thumb", "from": "url", "spelling": "p"}
    assert said["format"]["why"] == "The preset thumb asks for it."
    link = path_of(ask(held, image, params={"w": "401", "explain": "1"}).json()["url"])
    assert explained(held.get(link))["size"]["width"] == 300


def test_a_picture_of_a_source_is_named_by_its_path(held: Server) -> None:
    with held.client() as client:
        said = explained(client.get("/img/pics/a.b.png?width=40&explain=1"))
    assert said["url"] == "/img/pics/a.b.png?w=40"
    assert held.get("/img/pics/a.b.png?w=400").status_code == 200
