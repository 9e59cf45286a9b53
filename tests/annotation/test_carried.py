"""Layers on other pictures: copies, templates, stamps; and on what a revision made of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from accounts.crowd import UNLIMITED, Crowd, gathered
from annotation.drawing import BOX, WHITE, encoded, is_red, save, seen, white
from api.asking import contents, wait_until
from plugins.test_revising import DRAWING, VEIL
from plugins.workshop import Workshop
from serving import Server, running_server


def blue(width: int = 40, height: int = 40) -> bytes:
    return encoded(Image.new("RGB", (width, height), (0, 0, 255)))


def stamp(picture: str) -> dict[str, Any]:
    return {"type": "stamp", "image": picture, "x": 20, "y": 20, "w": 40, "h": 40}


def test_a_copy_is_fitted_to_the_size_of_the_other_picture(server: Server) -> None:
    small, large = server.upload(white())["id"], server.upload(white(400, 200))["id"]
    save(server, small, BOX, layer="notes")
    with server.client() as client:
        reply = client.post(
            f"/api/images/{large}/annotations/copy",
            json={"from": small, "layer": "notes", "as": "copied"},
        )
        assert reply.status_code == 200, reply.text
        copied = reply.json()
        assert (copied["name"], copied["version"]) == ("copied", 1)
        (shape,) = copied["shapes"]
        assert [shape[side] for side in "xywh"] == [40, 40, 80, 60]
        missing = client.post(
            f"/api/images/{large}/annotations/copy", json={"from": small, "layer": "other"}
        )
        assert (missing.status_code, missing.json()["field"]) == (404, "layer")
    shown = seen(server.get(f"/img/{large}?fmt=png"))
    assert is_red(shown.getpixel((100, 90)))
    assert shown.getpixel((130, 110)) == WHITE


def test_what_lay_in_a_corner_lies_in_the_corner_of_a_picture_of_other_sides(
    server: Server,
) -> None:
    wide, tall = server.upload(white(200, 100))["id"], server.upload(white(200, 400))["id"]
    save(server, wide, {**BOX, "x": 160, "y": 70, "w": 40, "h": 30})
    with server.client() as client:
        reply = client.post(f"/api/images/{tall}/annotations/copy", json={"from": wide})
    (shape,) = reply.json()["shapes"]
    assert [round(shape[side]) for side in "xywh"] == [160, 370, 40, 30]


def test_a_template_is_kept_and_laid_over_pictures(server: Server) -> None:
    image = server.upload(white(400, 200))["id"]
    source = server.upload(white())["id"]
    save(server, source, BOX)
    with server.client() as client:
        drawn = client.post(
            "/api/annotation-templates",
            json={"name": "Box", "shapes": [BOX], "size": {"width": 200, "height": 100}},
        )
        assert drawn.status_code == 201, drawn.text
        taken = client.post(
            "/api/annotation-templates", json={"name": "Taken", "image": source}
        ).json()
        listed = client.get("/api/annotation-templates?limit=1").json()
        assert [each["name"] for each in listed["templates"]] == ["Taken"]
        rest = client.get(f"/api/annotation-templates?cursor={listed['next_cursor']}").json()
        assert [each["name"] for each in rest["templates"]] == ["Box"]
        assert rest["next_cursor"] is None
        shown = client.get(f"/api/annotation-templates/{taken['id']}").json()
        assert shown["shapes"] == taken["shapes"]
        applied = client.post(
            f"/api/images/{image}/annotations/apply", json={"template": drawn.json()["id"]}
        )
        assert [applied.json()["shapes"][0][side] for side in "xywh"] == [40, 40, 80, 60]
        assert client.delete(f"/api/annotation-templates/{taken['id']}").status_code == 204
        assert client.get(f"/api/annotation-templates/{taken['id']}").status_code == 404
        wrong = client.post("/api/annotation-templates", json={"name": "x", "shapes": [BOX]})
        assert wrong.status_code == 400
    assert is_red(seen(server.get(f"/img/{image}?fmt=png")).getpixel((100, 90)))


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with gathered(tmp_path_factory.mktemp("crowd")) as made:
        yield made


def test_templates_are_their_owners_and_of_the_teams_they_are_given_to(crowd: Crowd) -> None:
    ann, ben, eve = (crowd.add("agent", name) for name in ("ann", "ben", "eve"))
    team = crowd.add_team("support", ann, ben)
    made = {"shapes": [BOX], "size": {"width": 200, "height": 100}}
    scopes = ("images:read", "images:write")
    path = "/api/annotation-templates"
    with (
        crowd.by_token(ann, *scopes) as hers,
        crowd.by_token(ben, *scopes) as his,
        crowd.by_token(eve, *scopes) as others,
    ):
        own = hers.post(path, json={"name": "own", **made}).json()["id"]
        shared = hers.post(path, json={"name": "shared", "team": team, **made}).json()["id"]
        assert his.get(f"{path}/{own}").status_code == 404
        assert his.get(f"{path}/{shared}").status_code == 200
        assert his.delete(f"{path}/{shared}").status_code == 403
        assert [t["id"] for t in his.get(path).json()["templates"]] == [shared]
        for template in (own, shared):
            assert others.get(f"{path}/{template}").status_code == 404
            assert others.delete(f"{path}/{template}").status_code == 404
        refused = others.post(path, json={"name": "x", "team": team, **made})
        assert (refused.status_code, refused.json()["field"]) == (400, "team")
        files = {"file": ("a.png", white())}
        image = others.post("/api/images", files=files).json()["id"]
        reply = others.post(f"/api/images/{image}/annotations/apply", json={"template": shared})
        assert (reply.status_code, reply.json()["field"]) == (404, "template")
        private = hers.post(
            "/api/images", files={"file": ("b.png", white())}, data={"visibility": "private"}
        ).json()["id"]
        copy = others.post(f"/api/images/{image}/annotations/copy", json={"from": private})
        assert copy.status_code == 404
        stamped = others.put(f"/api/images/{image}/annotations", json={"shapes": [stamp(private)]})
        assert (stamped.status_code, stamped.json()["field"]) == (404, "shapes[0].image")


def test_a_stamp_is_shown_to_those_who_may_see_its_picture(server: Server) -> None:
    sign = server.upload(blue(), visibility="private")["id"]
    image = server.upload(white())["id"]
    saved = save(server, image, stamp(sign))
    assert [each["why"] for each in saved["warnings"]] == ["stamp"]
    url = f"/img/{image}?fmt=png"
    assert server.get(url).status_code == 404
    with server.client() as client:
        assert seen(client.get(url)).getpixel((40, 40)) == (0, 0, 255)
        assert client.put(
            f"/api/images/{image}/annotations", json={"shapes": [stamp(image)]}
        ).json()["field"] == "shapes[0].image"  # fmt: skip
        client.patch(f"/api/images/{sign}", json={"visibility": "public"}).raise_for_status()
        assert seen(server.get(url)).getpixel((40, 40)) == (0, 0, 255)
        client.patch(f"/api/images/{sign}", json={"visibility": "private"}).raise_for_status()
        assert server.get(url).status_code == 404
        client.delete(f"/api/images/{sign}").raise_for_status()
        assert server.get(url).status_code == 404
        assert client.get(f"{url}&ann=0").status_code == 200
    save(server, image)
    assert seen(server.get(url)).getpixel((40, 40)) == WHITE


def test_a_stamp_is_sharp_at_every_size(server: Server) -> None:
    half = Image.new("RGB", (400, 400), (0, 0, 255))
    half.paste(WHITE, (200, 0, 400, 400))
    sign = server.upload(encoded(half))["id"]
    image = server.upload(white(800, 400))["id"]
    save(server, image, {**stamp(sign), "x": 100, "y": 100, "w": 200, "h": 200})
    for query, at in {"": 200, "w=400": 100, "w=1600&enlarge=1": 400}.items():
        shown = seen(server.get(f"/img/{image}?fmt=png&{query}"))
        assert shown.getpixel((at - 5, at)) == (0, 0, 255), query
        assert shown.getpixel((at + 5, at)) == WHITE, query


@pytest.fixture
def revising(workshop: Workshop, tmp_path: Path) -> Iterator[Server]:
    code = VEIL.replace("held=HELD", "held=False").replace("SAYS", "return None")
    code = code.replace("if each.current)", 'if each.name == "dots")')
    workshop.install("veil", code, drawing=DRAWING)
    workshop.enabled += ["annotation"]
    with running_server(tmp_path / "var", plugins=workshop.plugins, **UNLIMITED) as running:
        yield running


def test_shapes_stay_where_they_belong_when_their_picture_is_cut(revising: Server) -> None:
    image = revising.upload(white())["id"]
    save(revising, image, BOX, {"type": "step", "x": 100, "y": 50})
    with revising.client() as client:
        client.post(f"/api/veil/{image}?crop=10").raise_for_status()
        path = f"/api/images/{image}/annotations"
        (layer,) = client.get(path).json()["layers"]
        assert layer["size"] == {"width": 190, "height": 100}
        assert [each["x"] for each in layer["shapes"]] == [10, 90]
        assert layer["version"] == 2
        shown = seen(revising.get(f"/img/{image}?fmt=png"))
        assert shown.size == (190, 100)
        assert is_red(shown.getpixel((30, 35)))
        assert shown.getpixel((55, 35)) == WHITE
        again = client.put(path, json={"shapes": layer["shapes"], "version": 2})
        assert again.json()["shapes"] == layer["shapes"]


def test_a_composite_goes_when_the_picture_of_its_stamp_is_revised(revising: Server) -> None:
    sign = revising.upload(blue())["id"]
    image = revising.upload(white())["id"]
    save(revising, image, stamp(sign))
    url = f"/img/{image}?fmt=png"
    first = revising.get(url)
    assert seen(first).getpixel((34, 34)) == (0, 0, 255)
    with revising.client() as client:
        client.post(f"/api/veil/{sign}").raise_for_status()
    second = revising.get(url)
    assert seen(second).getpixel((34, 34)) == (1, 2, 3)
    assert second.headers["etag"] != first.headers["etag"]
    assert wait_until(lambda: first.content not in contents(revising.data_dir).values())
