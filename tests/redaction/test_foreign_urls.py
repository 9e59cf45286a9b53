"""URLs of other servers, watermarks, layers and stale validators lead to nothing redacted."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest

from pictures import encode, photograph
from redaction.pairs import redact
from redaction.remains import SECRET, shows_secret
from serving import Server, running_server

BOX = (200, 120, 360, 240)
REGION = {"x": 200, "y": 120, "w": 160, "h": 120}
DIALECTS = ("imgix", "cloudflare", "weserv", "thumbor", "imgproxy")
URLS = (
    "/img/{}?w=320&fmt=png",
    "/img/{}?p=card",
    "/imgix/{}?w=320&fm=png",
    "/imgix/{}?rect=190,110,200,150&w=400&fm=jpg",
    "/cdn-cgi/image/width=320,format=webp/{}",
    "/weserv/?url={}&w=320&output=png",
    "/thumbor/unsafe/320x0/filters:format(png)/{}",
    "/thumbor/unsafe/190x110:390x260/{}",
    "/imgproxy/_/w:320/{}.png",
    "/imgproxy/unsafe/rs:fill:300:200/plain/{}",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    plugins = ["basics", "filters", "overlays", "hashes", "annotation", "redaction", *DIALECTS]
    with running_server(
        tmp_path_factory.mktemp("foreign") / "var",
        plugins=json.dumps(plugins),
        plugin='{"thumbor": {"unsafe": true}, "imgproxy": {"unsafe": true}}',
        presets='{"card": "w=400"}',
    ) as running:
        yield running


def upload(server: Server, seed: int, *, secret: bool = True) -> str:
    image = photograph(640, 480, seed=seed)
    if secret:
        image.paste(SECRET, BOX)
    return str(server.upload(encode(image, "PNG"))["id"])


def test_no_url_of_another_server_shows_it_with_any_validator(
    server: Server, client: httpx2.Client
) -> None:
    image = upload(server, 1)
    paths = [url.format(image) for url in URLS]
    before = {path: server.get(path) for path in paths}
    for path, answer in before.items():
        assert answer.status_code == 200, (path, answer.text)
        assert shows_secret(answer.content), path
        assert server.get(path, if_none_match=answer.headers["etag"]).status_code == 304
    redact(client, image, REGION)
    for path, answer in before.items():
        old = answer.headers["etag"]
        strong = old.removeprefix("W/")
        asked: list[dict[str, str]] = [
            {},
            {"if_none_match": old},
            {"if_none_match": strong},
            {"if_none_match": f'"other", {old}'},
            {"range": "bytes=0-9999999", "if_range": old},
            {"range": "bytes=0-9999999", "if_range": strong},
            {"range": "bytes=5-", "if_range": answer.headers.get("last-modified", old)},
            {"if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"},
            {"if_match": old},
        ]
        for headers in asked:
            now = server.get(path, **headers)
            assert now.status_code == 200, (path, headers)
            assert not shows_secret(now.content), (path, headers)
            assert now.headers["etag"] != old
        with server.client(None) as nobody:
            head = nobody.head(path, headers={"If-None-Match": old})
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == now.headers["etag"]
        assert head.headers.get("content-length") == now.headers.get("content-length")


def test_nothing_that_a_picture_was_drawn_into_shows_it(
    server: Server, client: httpx2.Client
) -> None:
    image, below = upload(server, 2), upload(server, 3, secret=False)
    linked = client.post(
        f"/api/images/{below}/links", json={"params": {"wm": image, "wm_s": 0.9, "fmt": "png"}}
    )
    assert linked.status_code == 201, linked.text
    shape = {"type": "stamp", "image": image, "x": 20, "y": 20, "w": 400, "h": 300}
    path = f"/api/images/{below}/annotations"
    client.put(path, json={"shapes": [shape]}).raise_for_status()
    paths = [
        linked.json()["url"].removeprefix(server.url),
        f"/img/{below}?wm={image}&wm_s=0.8&fmt=png",
        f"/img/{below}?ann=1&fmt=png",
        f"/imgix/{below}?ann=1&fm=png",
        f"/img/{image}?ann=1&fmt=png",
    ]
    before = {path: server.get(path) for path in paths}
    shown = {path: answer for path, answer in before.items() if answer.status_code == 200}
    assert len(shown) >= 4, before
    for path, answer in shown.items():
        assert shows_secret(answer.content), path
    redact(client, image, REGION)
    for path, answer in shown.items():
        for headers in ({}, {"if_none_match": answer.headers["etag"]}):
            now = server.get(path, **headers)
            assert now.status_code == 200, path
            assert not shows_secret(now.content), path
