"""A layer is drawn in every answer, and ``ann`` says which, to those who may."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from annotation.drawing import BOX, animated, is_red, save, seen, white
from serving import Server


def test_a_layer_is_drawn_at_every_size_cut_and_format(server: Server) -> None:
    image = server.upload(white())["id"]
    before = server.get(f"/img/{image}?fmt=png")
    save(server, image, BOX)
    shown = server.get(f"/img/{image}?fmt=png")
    assert shown.headers["etag"] != before.headers["etag"]
    assert is_red(seen(shown).getpixel((40, 35)))
    assert seen(shown).getpixel((70, 35)) == (255, 255, 255)
    for query, place in {
        "w=100": (20, 17),
        "w=400&enlarge=1": (80, 70),
        "rect=20,20,100,50": (10, 10),
        "rot=90": (65, 40),
        "flip=h": (160, 35),
        "w=100&dpr=2": (40, 35),
    }.items():
        drawn = seen(server.get(f"/img/{image}?fmt=png&{query}"))
        assert is_red(drawn.getpixel(place)), query
    for fmt in ("jpg", "webp", "avif", "gif"):
        assert is_red(seen(server.get(f"/img/{image}?fmt={fmt}")).getpixel((40, 35))), fmt


def test_every_frame_of_an_animation_bears_the_layer(server: Server) -> None:
    image = server.upload(animated(), "picture.gif")["id"]
    save(server, image, BOX)
    answer = server.get(f"/img/{image}?fmt=gif")
    frames = Image.open(io.BytesIO(answer.content))
    assert getattr(frames, "n_frames", 1) == 3
    for number in range(3):
        frames.seek(number)
        assert is_red(frames.convert("RGB").getpixel((40, 35)))


def test_without_the_layer_needs_a_right_or_a_link_signed_for_exactly_that(server: Server) -> None:
    image = server.upload(white())["id"]
    save(server, image, BOX)
    url = f"/img/{image}?fmt=png&ann=0"
    refused = server.get(url)
    assert (refused.status_code, refused.json()["field"]) == (403, "ann")
    with server.client() as client:
        own = client.get(url)
        assert seen(own).getpixel((40, 35)) == (255, 255, 255)
        assert own.headers["cache-control"] == "private, no-store"
        links = client.post(
            f"/api/images/{image}/links", json={"params": {"ann": "0", "fmt": "png"}}
        )
        exact = links.json()["url"].removeprefix(server.url)
        view = client.post(f"/api/images/{image}/links", json={"params": {}, "grant": "view"})
    signed = server.get(exact)
    assert seen(signed).getpixel((40, 35)) == (255, 255, 255)
    assert signed.headers["cache-control"].startswith("private")
    with_view = server.get(view.json()["url"].removeprefix(server.url) + "&ann=0")
    assert with_view.status_code == 403
    assert is_red(seen(server.get(f"/img/{image}?fmt=png&ann=1")).getpixel((40, 35)))
    assert (
        server.get(f"/img/{image}?fmt=png&ann=1").headers["etag"]
        == (server.get(f"/img/{image}?fmt=png").headers["etag"])
    )


def test_other_layers_are_shown_by_name_to_those_who_may(server: Server) -> None:
    image = server.upload(white())["id"]
    save(server, image, BOX)
    save(server, image, {**BOX, "x": 120}, layer="notes", show=False)
    assert seen(server.get(f"/img/{image}?fmt=png")).getpixel((140, 35)) == (255, 255, 255)
    url = f"/img/{image}?fmt=png&ann=notes"
    assert server.get(url).status_code == 403
    unknown = server.get(f"/img/{image}?fmt=png&ann=nothing")
    assert unknown.status_code == 403
    assert "notes" not in unknown.text
    with server.client() as client:
        notes = seen(client.get(url))
        assert is_red(notes.getpixel((140, 35)))
        assert not is_red(notes.getpixel((40, 35)))
        wrong = client.get(f"/img/{image}?fmt=png&ann=note")
        assert (wrong.status_code, wrong.json()["field"]) == (400, "ann")
        assert "default, notes" in wrong.json()["allowed"]
    save(server, image, layer="notes", shapes=None)
    assert is_red(seen(server.get(f"/img/{image}?fmt=png")).getpixel((140, 35)))


@pytest.mark.parametrize("value", ["A", "-a", "a_b", "x" * 33, "%0A", "a%0A", ""])
def test_what_is_no_name_is_refused(server: Server, value: str) -> None:
    image = server.upload(white())["id"]
    answer = server.get(f"/img/{image}?ann={value}")
    assert (answer.status_code, answer.json()["field"]) == (400, "ann")
    with server.client() as client:
        reply = client.put(
            f"/api/images/{image}/annotations", json={"shapes": [], "layer": value or "é"}
        )
    assert (reply.status_code, reply.json()["field"]) == (400, "layer")


def test_a_layer_that_is_taken_away_is_shown_no_more(server: Server) -> None:
    image = server.upload(white())["id"]
    save(server, image, BOX)
    with server.client() as client:
        gone = client.delete(f"/api/images/{image}/annotations/default")
        assert gone.status_code == 204
        assert client.delete(f"/api/images/{image}/annotations/default").status_code == 404
        left = client.get(f"/api/images/{image}/annotations").json()
        assert left == {"layers": [], "layer": 2}
        first = client.get(f"/api/images/{image}/annotations?layer=default&version=1").json()
        assert first["layers"][0]["shapes"][0]["type"] == "rectangle"
    assert seen(server.get(f"/img/{image}?fmt=png")).getpixel((40, 35)) == (255, 255, 255)
