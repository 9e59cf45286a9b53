"""Saving layers: versions, what is refused, and what is warned of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from annotation.drawing import BOX, is_red, save, seen, white, written
from helpa.testing import encode, picture
from serving import Server


def test_versions_stay_and_can_be_edited_again(server: Server) -> None:
    image = server.upload(white())["id"]
    first = save(server, image, BOX)
    assert (first["name"], first["version"], first["current"]) == ("default", 1, True)
    second = save(server, image, {**BOX, "x": 120}, version=1)
    assert (second["version"], second["versions"], second["layer"]) == (2, [1, 2], 2)
    path = f"/api/images/{image}/annotations"
    with server.client() as client:
        shown = client.get(path).json()
        assert [(e["name"], e["version"]) for e in shown["layers"]] == [("default", 2)]
        assert shown["layers"][0]["size"] == {"width": 200, "height": 100}
        earlier = client.get(f"{path}?layer=default&version=1").json()["layers"][0]
        assert earlier["shapes"][0]["x"] == 20
        again = client.put(path, json={"shapes": earlier["shapes"]})
        assert (again.status_code, again.json()["version"]) == (200, 3)
        assert client.get(f"{path}?layer=default&version=9").status_code == 404
        assert client.get(f"{path}?version=1").json()["field"] == "version"
        assert client.get(f"{path}?layer=other").status_code == 404
        assert client.get(f"/api/images/{image}").json()["layer"] == 3
    assert is_red(seen(server.get(f"/img/{image}?fmt=png")).getpixel((40, 35)))


def test_a_version_that_is_not_the_last_is_a_conflict(server: Server) -> None:
    image = server.upload(white())["id"]
    path = f"/api/images/{image}/annotations"
    save(server, image, BOX, version=0)
    with server.client() as client:
        for version in (0, 2):
            reply = client.put(path, json={"shapes": [], "version": version})
            assert (reply.status_code, reply.json()["field"]) == (409, "version")
            assert reply.json()["allowed"] == "1"


def test_one_key_saves_once(server: Server) -> None:
    image = server.upload(white())["id"]
    path = f"/api/images/{image}/annotations"
    with server.client() as client:
        for _ in range(2):
            reply = client.put(
                path, json={"shapes": [BOX]}, headers={"Idempotency-Key": f"save {image}"}
            )
            assert (reply.status_code, reply.json()["version"]) == (200, 1)
        assert reply.headers["idempotency-replayed"] == "true"
        other = client.put(path, json={"shapes": []}, headers={"Idempotency-Key": f"save {image}"})
        assert other.status_code == 422


@pytest.mark.parametrize(
    ("shape", "field"),
    [
        ({"type": "blob"}, "shapes[1]"),
        ({"type": "ellipse", "x": 1, "y": 1, "w": 1}, "shapes[1].h"),
        ({**BOX, "w": -1}, "shapes[1].w"),
        ({**BOX, "fill": "redd"}, "shapes[1].fill"),
        ({**BOX, "onclick": "x"}, "shapes[1].onclick"),
        ({"type": "text", "x": 1, "y": 1, "text": ""}, "shapes[1].text"),
        ({"type": "stamp", "x": 1, "y": 1, "w": 9, "h": 9, "image": "../etc"}, "shapes[1].image"),
    ],
)
def test_what_is_wrong_is_said_with_its_shape_and_field(
    server: Server, shape: dict[str, Any], field: str
) -> None:
    image = server.upload(white())["id"]
    with server.client() as client:
        reply = client.put(f"/api/images/{image}/annotations", json={"shapes": [BOX, shape]})
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert {"given", "allowed"} <= set(reply.json())


def test_too_much_is_refused(server: Server) -> None:
    image = server.upload(white())["id"]
    line = {"type": "pen", "points": [[1, 1]] * 2000}
    with server.client() as client:
        path = f"/api/images/{image}/annotations"
        assert client.put(path, json={"shapes": [BOX] * 201}).json()["field"] == "shapes"
        assert client.put(path, json={"shapes": [line] * 11}).status_code == 400
        for number in range(20):
            save(server, image, layer=f"layer-{number}")
        assert client.put(path, json={"shapes": [], "layer": "more"}).json()["field"] == "layer"


def test_others_may_neither_look_nor_save(server: Server) -> None:
    image = server.upload(white())["id"]
    save(server, image, BOX)
    path = f"/api/images/{image}/annotations"
    with server.client(None) as stranger, server.client(server.make_token("images:read")) as reader:
        assert stranger.get(path).status_code == 401
        assert stranger.put(path, json={"shapes": []}).status_code == 401
        assert reader.get(path).status_code == 200
        assert reader.put(path, json={"shapes": []}).status_code == 403
        assert reader.delete(f"{path}/default").status_code == 403


def test_the_schema_is_published_and_every_saved_layer_keeps_to_it(server: Server) -> None:
    schema = server.get("/api/annotations/schema").json()
    Draft202012Validator.check_schema(schema)
    image = server.upload(white())["id"]
    saved = save(server, image, BOX, {"type": "step", "x": 9, "y": 9})
    Draft202012Validator(schema).validate({"version": 1, "shapes": saved["shapes"]})
    assert len(json.dumps(schema)) < 100_000


@pytest.mark.parametrize(
    "shape",
    [
        {**BOX, "x": 10, "y": 10, "w": 200, "h": 40, "fill": "000"},
        {
            "type": "pen", "stroke": "000000", "stroke_width": 6.0,
            "points": [[15, 24], [190, 24], [15, 32], [190, 32]],
        },
    ],
)  # fmt: skip
def test_what_hides_words_is_warned_of_with_the_redaction_instead(
    server: Server, shape: dict[str, Any]
) -> None:
    image = server.upload(written())["id"]
    (warning,) = save(server, image, {**BOX, "x": 300, "y": 150}, shape)["warnings"]
    assert (warning["shape"], warning["why"]) == (1, "covers")
    assert warning["instead"] == f"/api/images/{image}/redactions"
    (region,) = warning["regions"]
    assert region["x"] <= 20
    assert region["y"] <= 20
    assert region["x"] + region["w"] >= 140


@pytest.mark.parametrize(
    "shape",
    [
        {**BOX, "x": 10, "y": 10, "w": 200, "h": 40, "fill": None, "stroke": "ff0000"},
        {**BOX, "x": 10, "y": 10, "w": 200, "h": 40, "opacity": 0.4},
        {"type": "line", "x1": 10, "y1": 40, "x2": 200, "y2": 40},
        {"type": "highlighter", "points": [[10, 28], [200, 28]]},
        {**BOX, "x": 220, "y": 100, "w": 100, "h": 50},
    ],
)
def test_what_hides_nothing_is_not_warned_of(server: Server, shape: dict[str, Any]) -> None:
    image = server.upload(written())["id"]
    assert save(server, image, shape)["warnings"] == []


@pytest.mark.parametrize("kind", ["gradient", "photograph", "grey", "alpha"])
def test_pictures_without_words_are_not_warned_of(server: Server, kind: Any) -> None:
    image = server.upload(encode(picture(400, 300, kind)))["id"]
    saved = save(server, image, {**BOX, "x": 0, "y": 0, "w": 400, "h": 300})
    assert saved["warnings"] == []


def test_the_log_says_what_was_done_and_not_what_was_written(server: Server) -> None:
    image = server.upload(white())["id"]
    save(server, image, {"type": "text", "x": 5, "y": 5, "text": "Kaboom"})
    with server.client(server.make_token("audit:read")) as client:
        told = client.get("/api/audit", params={"object": f"image:{image}"})
        exported = client.get("/api/audit").text
    entry = next(e for e in told.json()["entries"] if e["action"] == "image.annotate")
    assert entry["details"] == {"layer": "default", "version": 1, "shapes": 1}
    assert "Kaboom" not in exported
