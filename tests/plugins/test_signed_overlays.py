"""Signed links and pictures that draw others in, or take long to draw."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from api.asking import metric, problem, wait_until
from api.signing import by_hand, make
from helpa.core import tokens
from pictures import png
from plugins.test_plugins_out_of_tree import STAMP, STAMP_DRAW
from plugins.workshop import Workshop
from serving import Server, running_server

SLOW = """
from typing import Annotated
from helpa import Frame, Operation, Parameter, Stage, Step, hookimpl

def slow(
    frame: Frame, *, slow: Annotated[int, Parameter("By which file.", ge=0, le=90)] = 0
) -> Step | None:
    '''Take as long as there is a file.'''
    return Step({"by": slow}, frame.size) if slow else None

@hookimpl
def register_operations():
    return [Operation("slow", stage=Stage.EFFECT, plan=slow, draw="ext_slow.draw:slow")]
"""

SLOW_DRAW = """
import os, time

def slow(image, args, context):
    while os.path.exists("{folder}/" + str(args["by"])):
        time.sleep(0.02)
    return image
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("overlays")
    with pytest.MonkeyPatch.context() as patch:
        workshop = Workshop(folder / "site", patch)
        workshop.install("stamp", STAMP, draw=STAMP_DRAW)
        workshop.install("slow", SLOW, draw=SLOW_DRAW.format(folder=folder))
        with running_server(
            folder / "var", plugins=workshop.plugins, limits__render_seconds="60"
        ) as server:
            yield server


def test_an_exact_link_draws_in_its_owners_pictures_that_need_a_signature(served: Server) -> None:
    below, stamp = (served.upload(png(n, 80), visibility="signed")["id"] for n in (100, 50))
    path, _ = make(served, below, params={"st": stamp, "fmt": "png"})
    for _ in range(2):
        reply = served.get(path)
        assert reply.status_code == 200
        assert reply.headers["cache-control"].startswith("private, max-age=")
    with served.client() as client:
        client.patch(f"/api/images/{stamp}", json={"visibility": "private"})
        problem(served.get(path), 404)
        problem(served.get(path, If_None_Match=reply.headers["etag"]), 404)
        mine = client.get(path)
        assert (mine.status_code, mine.headers["cache-control"]) == (200, "private, no-store")
        problem(served.get(path), 404)
        client.patch(f"/api/images/{stamp}", json={"visibility": "signed"})
        assert served.get(path).status_code == 200
        client.delete(f"/api/images/{stamp}")
    problem(served.get(path), 404)


def test_what_a_private_picture_draws_in_opens_it_to_nobody(served: Server) -> None:
    below, stamp = (served.upload(png(n, 60), visibility="signed")["id"] for n in (90, 40))
    path, _ = make(served, below, params={"st": stamp, "fmt": "png"})
    with served.client() as client:
        client.patch(f"/api/images/{below}", json={"visibility": "private"})
        for _ in range(2):
            mine = client.get(path)
            assert (mine.status_code, mine.headers["cache-control"]) == (200, "private, no-store")
            problem(served.get(path), 404)


def test_a_link_draws_in_no_picture_of_another_owner_that_is_not_public(served: Server) -> None:
    other = served.database.write(lambda c: tokens.create(c, "x", owner="somebody else").text)
    with served.client(other) as client:
        reply = client.post(
            "/api/images", files={"file": png(51, 50)}, data={"visibility": "signed"}
        )
    theirs = reply.json()["id"]
    for visibility in ("public", "signed"):
        below = served.upload(png(101, 80), visibility=visibility)["id"]
        problem(served.get(by_hand(served, below, st=theirs)), 404)
        with served.client() as client:
            problem(client.get(by_hand(served, below, st=theirs)), 404)


def test_a_view_link_draws_nothing_in(served: Server) -> None:
    below, stamp = (served.upload(png(n, 80))["id"] for n in (102, 52))
    path = by_hand(served, below, "v").replace("?", f"?st={stamp}&")
    assert problem(served.get(path), 403)["field"] == "st"


@pytest.mark.parametrize("how", ["revoked", "all revoked", "expired"])
def test_what_was_begun_before_a_link_ended_is_neither_sent_nor_kept(
    served: Server, how: str
) -> None:
    image = served.upload(png(103, 80), visibility="signed")["id"]
    assert wait_until(lambda: not metric(served, "helpa_workers_busy"))
    lives = {"expires_in": 4} if how == "expired" else {}
    path, link = make(served, image, params={"slow": 36, "w": 50}, **lives)
    held = served.data_dir.parent / "36"
    held.touch()
    began = metric(served, "helpa_requests_total", tier="worker")
    replies: list[httpx2.Response] = []
    asking = threading.Thread(target=lambda: replies.append(served.get(path)))
    asking.start()
    try:
        assert wait_until(lambda: metric(served, "helpa_workers_busy"))
        with served.client() as client:
            if how == "revoked":
                assert client.delete(f"/api/images/{image}/links/{link}").status_code == 204
            elif how == "all revoked":
                assert client.post(f"/api/images/{image}/links/revoke").status_code == 204
        if how == "expired":
            expires = int(re.findall(r"exp=(\d+)", path)[0])
            time.sleep(max(0.0, expires + 0.05 - time.time()))
        assert asking.is_alive(), "it was drawn before the link ended, so nothing was tried"
    finally:
        held.unlink()
    asking.join()
    status = 403 if how == "all revoked" else 410
    problem(replies[0], status)
    for _ in range(2):
        problem(served.get(path), status)
    assert metric(served, "helpa_requests_total", tier="worker") == began


def test_an_explanation_names_the_pictures_drawn_in_where_they_may_be_seen(served: Server) -> None:
    below, stamp = (served.upload(png(n, 80))["id"] for n in (104, 53))
    hidden = served.upload(png(54, 80), visibility="private")["id"]
    said = served.get(f"/img/{below}?st={stamp}&explain=1").json()
    assert (said["pictures"], said["tier"]) == ([stamp], "worker")
    assert said["parameters"]["st"]["value"] == stamp
    problem(served.get(f"/img/{below}?st={hidden}&explain=1"), 404)
