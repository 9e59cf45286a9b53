"""Links that were signed before a redaction show what is left of the picture, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest

from api.signing import by_hand, make
from helpa_imgix.translate import signature as imgix
from helpa_imgproxy.signature import signature as imgproxy
from helpa_thumbor.signature import signature as thumbor
from pictures import encode, photograph
from redaction.pairs import redact
from redaction.remains import SECRET, shows_secret
from serving import Server, running_server

BOX = (200, 120, 360, 240)
REGION = {"x": 200, "y": 120, "w": 160, "h": 120}
KEY, SALT = "943b421c9eb07c83", "520f986b998530b4"
LENS = {"type": "magnifier", "x": 220, "y": 140, "w": 100, "h": 80, "to_x": 500, "to_y": 400}
STRIPE = {"type": "rectangle", "x": 10, "y": 10, "w": 60, "h": 20, "fill": "ff0000"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    dialects = {
        "thumbor": {"keys": [KEY], "unsafe": False},
        "imgproxy": {"keys": [{"key": KEY, "salt": SALT}], "unsafe": False},
        "imgix": {"token": KEY},
    }
    plugins = ["basics", "filters", "overlays", "hashes", "annotation", "redaction", *dialects]
    with running_server(
        tmp_path_factory.mktemp("signed") / "var",
        plugins=json.dumps(plugins),
        plugin=json.dumps(dialects),
    ) as running:
        yield running


def upload(server: Server, seed: int, visibility: str) -> str:
    image = photograph(640, 480, seed=seed)
    image.paste(SECRET, BOX)
    return str(server.upload(encode(image, "PNG"), visibility=visibility)["id"])


def annotate(client: httpx2.Client, image: str) -> None:
    """Give a picture a layer with a lens on the secret, and one that is not shown by itself."""
    path = f"/api/images/{image}/annotations"
    client.put(path, json={"shapes": [LENS]}).raise_for_status()
    layer = {"shapes": [STRIPE], "layer": "notes", "show": False}
    client.put(path, json=layer).raise_for_status()


def signed(server: Server, image: str, visibility: str) -> list[str]:
    """Return links of the API and by hand, for what an exact grant opens and what a view does."""
    exact: list[dict[str, str | int]] = [
        {}, {"ann": "0"}, {"ann": "notes"}, {"ann": "1", "w": 400}, {"ann": "0", "px": 2},
        {"rect": "190,110,200,150", "ann": "0"},
    ]  # fmt: skip
    if visibility != "public":
        exact.append({"redact": "0,0,9,9", "ann": "0"})
    links = [make(server, image, params={**params, "fmt": "png"})[0] for params in exact]
    view = make(server, image, params={}, grant="view")[0]
    by_key = [by_hand(server, image, ann=value, fmt="png") for value in ("0", "1", "notes")]
    cuts = ("&fmt=png", "&w=300&h=300&fit=cover&fmt=png", "&w=640&fmt=webp", "&v=1&fmt=png")
    return [*links, *by_key, *(view + cut for cut in cuts)]


def foreign(image: str, visibility: str) -> list[str]:
    """Return links as other servers' clients sign them; those of imgix open nothing by that."""
    paths = [f"190x110:390x260/{image}", f"640x480/filters:format(png)/{image}"]
    links = [f"/thumbor/{thumbor(KEY.encode(), path.encode())}/{path}" for path in paths]
    for path in (f"/w:640/{image}.png", f"/rs:fit:600:400/plain/{image}"):
        made = imgproxy(bytes.fromhex(KEY), bytes.fromhex(SALT), path.encode())
        links.append(f"/imgproxy/{made}{path}")
    for query in ("w=640&fm=png", "rect=190,110,200,150&fm=png") if visibility == "public" else ():
        made = imgix(image.encode(), query.encode(), KEY)
        links.append(f"/imgix/{image}?{query}&s={made}")
    return links


@pytest.mark.parametrize("visibility", ["public", "signed"])
def test_no_link_signed_before_shows_it_after(
    server: Server, client: httpx2.Client, visibility: str
) -> None:
    image = upload(server, 1, visibility)
    annotate(client, image)
    links = signed(server, image, visibility) + foreign(image, visibility)
    before = {link: server.get(link) for link in links}
    for link, answer in before.items():
        assert answer.status_code == 200, (link, answer.text)
        assert shows_secret(answer.content), link
    redact(client, image, REGION)
    for link, answer in before.items():
        tag = answer.headers["etag"]
        for headers in ({}, {"if_none_match": tag}, {"range": "bytes=0-", "if_range": tag}):
            now = server.get(link, **headers)
            assert now.status_code == 200, (link, headers, now.text)
            assert not shows_secret(now.content), (link, headers)
    for link in signed(server, image, visibility):
        assert not shows_secret(server.get(link).content), link


def test_a_link_for_what_is_not_shown_cannot_be_made_of_another(
    server: Server, client: httpx2.Client
) -> None:
    image, other = upload(server, 2, "signed"), upload(server, 3, "signed")
    annotate(client, image)
    exact, _ = make(server, image, params={"ann": "1", "fmt": "png"})
    view, _ = make(server, image, params={}, grant="view")
    forged = [
        exact.replace("ann=1", "ann=0"),
        exact.replace("ann=1", "ann=notes"),
        exact.replace("ann=1&", ""),
        f"{exact}&ann=0",
        exact.replace("fmt=png", "fmt=jpg"),
        exact.replace(image, other),
        f"{view}&ann=0",
        f"{view}&ann=notes",
        f"{view}&explain=1",
        f"{view}&fmt=json",
        f"{view}&wm={other}",
        f"{view}&redact=0,0,1,1",
        view.replace(image, other),
    ]
    assert server.get(exact).status_code == server.get(view).status_code == 200
    for link in forged:
        answer = server.get(link)
        assert answer.status_code in (400, 403, 404), (link, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json", link
