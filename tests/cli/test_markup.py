"""Markup: what shows a picture on pages, in Markdown and in mail, by the API and the command."""

from __future__ import annotations

import html
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from pictures import animation, jpeg, png
from serving import Server, helpa, running_server


class Elements(HTMLParser):
    """Every element of a text, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


def markup(server: Server, image: str, **asked: str) -> dict[str, Any]:
    with server.client() as client:
        reply = client.get(f"/api/images/{image}/markup", params=asked)
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


def candidates(srcset: str) -> dict[int, str]:
    return {
        int(width.removesuffix("w")): url
        for url, width in (each.rsplit(" ", 1) for each in srcset.split(", "))
    }


def size_of(url: str) -> tuple[int, int, str]:
    reply = httpx2.get(url, timeout=60)
    assert reply.status_code == 200, reply.text
    with Image.open(io.BytesIO(reply.content)) as opened:
        return *opened.size, reply.headers["content-type"]


@pytest.fixture(scope="module")
def photo(server: Server) -> dict[str, Any]:
    return server.upload(jpeg(2000, 1000), alt='A "quoted" <alt> & more', title="x")


def test_each_candidate_is_as_wide_as_srcset_says(server: Server, photo: dict[str, Any]) -> None:
    document = markup(server, photo["id"])
    assert (document["width"], document["height"]) == (800, 400)
    listed = candidates(document["srcset"])
    assert {400, 800, 1600, 2000} <= set(listed)
    assert max(listed) == 2000
    for width, url in listed.items():
        assert size_of(url)[:2] == (width, round(width / 2)), url


def test_the_elements_hold_size_alt_and_placeholder(server: Server, photo: dict[str, Any]) -> None:
    document = markup(server, photo["id"], width="500", sizes="50vw")
    [img] = Elements(document["img"]).of("img")
    assert (img["width"], img["height"], img["sizes"]) == ("500", "250", "50vw")
    assert img["alt"] == 'A "quoted" <alt> & more'
    assert img["data-thumbhash"] == document["placeholder"]["thumbhash"] == photo["thumbhash"]
    assert img["style"] == f"background-color:#{photo['dominant_color']}"
    assert img["srcset"] == document["srcset"]
    picture = Elements(document["picture"])
    assert [each["type"] for each in picture.of("source")] == ["image/avif", "image/webp"]
    for source in picture.of("source"):
        url = candidates(source["srcset"])[500]
        assert size_of(url) == (500, 250, source["type"])
    assert Elements(document["picture"]).of("img") == [img]


def test_mail_gets_one_source_twice_as_wide_that_every_client_shows(
    server: Server, photo: dict[str, Any]
) -> None:
    document = markup(server, photo["id"], width="300", alt="")
    [img] = Elements(document["mail"]).of("img")
    assert (img["width"], img["height"], img["alt"]) == ("300", "150", "")
    assert size_of(img["src"]) == (600, 300, "image/jpeg")
    assert "srcset" not in img
    narrow = server.upload(png(120, 60))["id"]
    [img] = Elements(markup(server, narrow)["mail"]).of("img")
    assert img["width"] == "120"
    assert size_of(img["src"]) == (120, 60, "image/png")


def test_markdown_survives_its_alternative_text(server: Server, photo: dict[str, Any]) -> None:
    document = markup(server, photo["id"], alt="a ]( b\n![x")
    assert document["markdown"].startswith(r"![a \]( b \!\[x](http")


def test_further_parameters_are_in_every_link(server: Server, photo: dict[str, Any]) -> None:
    document = markup(server, photo["id"], width="400", params="ar=1:1&q=high&g=top")
    assert (document["width"], document["height"]) == (400, 400)
    for width, url in candidates(document["srcset"]).items():
        assert size_of(url)[:2] == (width, width)
        assert "q=high" in url
    assert max(candidates(document["srcset"])) == 1000  # no wider than it is high
    for params, field in (("w=3", "params"), ("fmt=png", "params"), ("colour=1", "colour")):
        with server.client() as client:
            problem = client.get(
                f"/api/images/{photo['id']}/markup", params={"params": params}
            ).json()
        assert (problem["status"], problem["field"]) == (400, field), problem


def test_animations_stay_animations(server: Server) -> None:
    image = server.upload(animation("GIF", width=300, height=200), "a.gif")["id"]
    document = markup(server, image)
    assert [e["type"] for e in Elements(document["picture"]).of("source")] == ["image/webp"]
    [img] = Elements(document["mail"]).of("img")
    assert size_of(img["src"]) == (300, 200, "image/gif")


def test_links_to_signed_pictures_are_signed_for_those_who_may(server: Server) -> None:
    image = server.upload(png(900, 600), visibility="signed")["id"]
    document = markup(server, image)
    assert "sig=" in document["src"]
    for url in candidates(document["srcset"]).values():
        assert httpx2.get(url, timeout=60).status_code == 200
    # What a view does not allow is signed URL by URL.
    cut = markup(server, image, params="rect=0,0,300,300")
    assert cut["width"] == 300
    assert httpx2.get(cut["src"], timeout=60).status_code == 200
    reader = server.make_token("images:read")
    with server.client(reader) as client:
        plain = client.get(f"/api/images/{image}/markup").json()
    assert "sig=" not in plain["src"]
    assert server.get(f"/api/images/{image}/markup").status_code == 404


def test_unsigned_steps_get_widths_that_strangers_may_ask_for(tmp_path: Path) -> None:
    with running_server(tmp_path / "var", unsigned="steps") as own:
        image = own.upload(png(1300, 650))["id"]
        document = markup(own, image, width="500")
        for text in (document["img"], document["picture"], document["mail"]):
            for url in re.findall(r"http[^ ,\"]+", text):
                assert httpx2.get(html.unescape(url), timeout=60).status_code == 200, url


def test_the_command_prints_what_the_api_answers(server: Server, photo: dict[str, Any]) -> None:
    url = {"public_url": server.url}
    asked = markup(server, photo["id"], width="400", params="ar=1:1")
    for form in ("picture", "mail"):
        said = helpa(
            "markup", photo["id"], "ar=1:1", "--width", "400", "--as", form,
            data_dir=server.data_dir, **url,
        )  # fmt: skip
        assert said.rstrip("\n") == asked[form]
    said = helpa("markup", photo["id"], "--as", "json", data_dir=server.data_dir, **url)
    assert json.loads(said) == markup(server, photo["id"])
