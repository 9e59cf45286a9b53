"""What each mode of ``unsigned`` lets through, and that the ready-made links work in every one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.asking import problem
from api.signing import by_hand, path_of
from pictures import png
from serving import Server, running_server

PRESETS = json.dumps({"thumb": "w=77&h=77&fit=cover", "cut": "rect=0,0,50p,50p&fmt=json"})

ASKED: dict[str, dict[str, int]] = {
    "any": {"": 200, "w=400": 200, "w=401": 200, "rot=90": 200, "p=thumb": 200, "fmt=json": 200},
    "steps": {"": 200, "w=400": 200, "w=401": 403, "rot=90": 403, "p=thumb": 200, "fmt=json": 200},
    "presets": {"": 200, "w=400": 403, "rot=90": 403, "p=thumb": 200, "fmt=json": 403},
    "none": {"": 403, "w=400": 403, "p=thumb": 403, "fmt=json": 403, "v=1": 403},
}


@pytest.fixture(scope="module", params=[*ASKED, "other steps"])
def moded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    settings = {"unsigned": request.param, "presets": PRESETS}
    if request.param == "other steps":
        settings |= {"unsigned": "steps", "unsigned_widths": "[123, 400]"}
    folder: Path = tmp_path_factory.mktemp("modes") / "var"
    with running_server(folder, **settings) as server:
        yield server


def mode_of(server: Server) -> str:
    return server.environment["HELPA_UNSIGNED"]


def test_a_public_picture_answers_what_its_mode_allows(moded: Server) -> None:
    image = moded.upload(png(900, 60))["id"]
    for query, status in ASKED[mode_of(moded)].items():
        path = f"/img/{image}?{query}" if query else f"/img/{image}"
        reply = moded.get(path)
        assert reply.status_code == status, (query, reply.text)
        if status == 403:
            members = problem(reply, 403)
            assert members["allowed"]
            assert reply.headers["cache-control"] == "private, no-store"
            with moded.client() as client:
                own = client.get(path)
            assert own.status_code == 200
            assert own.headers["cache-control"] == "private, no-store"
            problem(moded.get(path, If_None_Match=own.headers["etag"]), 403)


def test_a_signature_gives_what_its_mode_does_not(moded: Server) -> None:
    image = moded.upload(png(901, 60))["id"]
    for texts in ({}, {"w": 401}, {"rot": 90}, {"fmt": "json"}):
        assert moded.get(by_hand(moded, image, **texts)).status_code == 200
    view = by_hand(moded, image, "v")
    for query in ("w=401", "p=thumb", "p=cut"):
        reply = moded.get(view.replace("?", f"?{query}&"))
        assert reply.status_code == 200, reply.text
    assert reply.json()["width"] == 451, "what a preset holds, a view shows"
    problem(moded.get(view.replace("?", "?p=cut&rect=0,0,9,9&")), 403)
    problem(moded.get(view.replace("?", "?p=thumb&fmt=json&")), 403)


def test_the_ready_made_links_of_a_public_picture_work_in_every_mode(moded: Server) -> None:
    document = moded.upload(png(2500, 20))
    links = document["links"]
    urls = [links[name] for name in ("thumb", "small", "medium", "large", "download")]
    urls += [part.split()[0] for part in links["srcset"].split(", ")]
    signed = {"sig=" in url for url in urls}
    plain = mode_of(moded) in ("any", "steps") and "HELPA_UNSIGNED_WIDTHS" not in moded.environment
    assert signed == {not plain}
    for url in urls:
        assert moded.get(path_of(url)).status_code == 200, url
