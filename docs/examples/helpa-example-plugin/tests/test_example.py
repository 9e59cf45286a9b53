from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from helpa.testing import App, assert_similar, check_plugin, picture


@pytest.fixture(scope="module")
def server(helpa_app: Callable[..., App]) -> App:
    return helpa_app("example")


def test_the_check_finds_nothing_to_complain_about() -> None:
    assert check_plugin("example") == []


def test_black_and_white_become_the_two_colours(server: App) -> None:
    image = picture(256, 64, "grey")
    document = server.upload(image)
    grey = np.asarray(image)[..., None] / 255
    expected = np.array([200, 0, 0]) * (1 - grey) + np.array([255, 250, 0]) * grey
    reply = server.get(f"/img/{document['id']}?duo=c80000,fffa00&fmt=png")
    assert_similar(reply.content, np.round(expected).astype(np.uint8))


def test_transparency_stays(server: App) -> None:
    image = picture(200, 50, "alpha")
    document = server.upload(image)
    reply = server.get(f"/img/{document['id']}?duo=000,000&fmt=png")
    expected = np.zeros((50, 200, 4), np.uint8)
    expected[..., 3] = np.asarray(image)[..., 3]
    assert_similar(reply.content, expected)


def test_the_strength_is_a_setting(helpa_app: Callable[..., App]) -> None:
    mild = helpa_app("example", plugin={"example": {"strength": 1}})
    image = picture(100, 60)
    url = f"/img/{mild.upload(image)['id']}?duo=000,fff&fmt=png"
    assert_similar(mild.get(url).content, image)


def test_the_sheet_lists_pictures_to_those_who_may_read(server: App) -> None:
    assert server.get("/api/example/sheet").status_code == 401
    newest = server.upload(picture())["id"]
    with server.client() as client:
        tiles = client.get("/api/example/sheet").json()["tiles"]
        assert tiles[0]["id"] == newest
        assert client.get(tiles[0]["url"]).status_code == 200
