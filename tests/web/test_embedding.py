"""The snippets of docs/embedding.md, taken from the page and tried against a real server."""

from __future__ import annotations

import html
import io
import json
import re
import shlex
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from PIL import Image
from playwright.sync_api import Browser, Response

from pictures import png
from serving import Server, helpa

PAGE = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text()

MAIL_ACCEPT = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}


@pytest.fixture(scope="module")
def picture(server: Server) -> dict[str, Any]:
    """An uploaded screenshot, large enough for every size the page names."""
    return server.upload(png(1600, 1000), title="Settings [1]")


def snippets(section: str, language: str) -> list[str]:
    """Return the snippets of a section in a language."""
    (body,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = re.findall(rf"^```{language}\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)
    assert found, (section, language)
    return list(found)


def filled(text: str, server: Server, picture: dict[str, Any]) -> str:
    """Return a snippet with a real server and a real picture."""
    return re.sub(
        r"\bID\b", picture["id"], text.replace("https://pictures.example.com", server.url)
    )


@dataclass
class Tags(HTMLParser):
    """The tags of some HTML."""

    seen: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def images(self) -> list[dict[str, str]]:
        return [{k: v or "" for k, v in attrs.items()} for tag, attrs in self.seen if tag == "img"]


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


def size_at(server: Server, url: str, **headers: str) -> tuple[int, int]:
    """Fetch an address as it stands in a document and return the picture's size."""
    assert url.startswith(server.url)
    reply = server.get(url.removeprefix(server.url), **headers)
    assert reply.status_code == 200, reply.text
    width, height = Image.open(io.BytesIO(reply.content)).size
    return width, height


def test_every_snippet_of_the_page_is_tried_by_a_test_below() -> None:
    source = Path(__file__).read_text()
    fences = re.findall(r"^## (.*?)$|^```(\w+)$", PAGE, re.MULTILINE)
    section = ""
    for title, language in fences:
        section = title or section
        if language:
            assert f'snippets("{section}", "{language}")' in source, (section, language)


def test_the_command_prints_what_shows_a_picture(server: Server, picture: dict[str, Any]) -> None:
    (lines,) = snippets("Ready-made", "sh")
    mailed, element = (
        parsed(helpa(*words[1:], data_dir=server.data_dir, public_url=server.url))
        for words in map(shlex.split, filled(lines, server, picture).splitlines())
    )
    (image,) = mailed.images()
    assert image["width"] == "600"
    assert size_at(server, image["src"]) == (1200, 750)
    (image,) = element.images()
    assert (image["width"], image["height"]) == ("600", "338")
    assert [tag for tag, _ in element.seen] == ["picture", "source", "img"]


@pytest.mark.browser
@pytest.mark.parametrize(("ratio", "width"), [(1, 800), (2, 1600)])
def test_html_shows_the_right_size_on_both_kinds_of_screen(
    server: Server, picture: dict[str, Any], browser: Browser, ratio: int, width: int
) -> None:
    fluid, fixed = (filled(each, server, picture) for each in snippets("HTML", "html"))
    context = browser.new_context(
        device_scale_factor=ratio, viewport={"width": 1000, "height": 700}
    )
    try:
        page = context.new_page()
        types: list[str] = []

        def note(reply: Response) -> None:
            if "/img/" in reply.url:
                types.append(reply.headers["content-type"])

        page.on("response", note)
        for snippet, shown, drawn in ((fluid, (800, 500), width), (fixed, (320, 200), 320 * ratio)):
            page.set_content(f"<!doctype html><body style='margin:0'>{snippet}")
            page.wait_for_function("document.images[0].complete")
            found = page.evaluate(
                "[document.images[0].width, document.images[0].height,"
                " document.images[0].naturalWidth > 0, document.images[0].currentSrc]"
            )
            assert tuple(found[:3]) == (*shown, True)
            assert size_at(server, found[3], Accept="image/webp")[0] == drawn
        assert set(types) <= {"image/avif", "image/webp"}
        assert types
    finally:
        context.close()


def test_markdown_becomes_a_picture_with_its_words(server: Server, picture: dict[str, Any]) -> None:
    plain, linked = snippets("Markdown", "markdown")
    render = MarkdownIt("commonmark").render
    (shown,) = parsed(render(filled(plain, server, picture))).images()
    assert shown["alt"] == "Settings with the wrong time zone marked"
    assert size_at(server, shown["src"]) == (800, 500)
    tags = parsed(render(filled(linked, server, picture)))
    assert ("a", {"href": f"{server.url}/i/{picture['id']}"}) in tags.seen
    assert server.get(f"/i/{picture['id']}").status_code == 200
    assert size_at(server, tags.images()[0]["src"]) == (400, 250)


def test_ready_made_markdown_and_html_of_the_document_work_as_well(
    server: Server, picture: dict[str, Any]
) -> None:
    made = MarkdownIt("commonmark").render(picture["links"]["markdown"])
    for text in (made, picture["links"]["html"]):
        (shown,) = parsed(text).images()
        assert shown["alt"] == "Settings [1]"
        assert size_at(server, shown["src"]) == (800, 500)


def test_mail_gets_jpeg_whatever_its_proxy_accepts_and_says_its_size(
    server: Server, picture: dict[str, Any]
) -> None:
    (snippet,) = snippets("Mail", "html")
    (shown,) = parsed(filled(snippet, server, picture)).images()
    width, height = int(shown["width"]), int(shown["height"])
    assert size_at(server, shown["src"]) == (2 * width, 2 * height)
    for accept in (MAIL_ACCEPT["Accept"], "*/*", "image/webp"):
        reply = server.get(shown["src"].removeprefix(server.url), Accept=accept)
        assert reply.headers["content-type"] == "image/jpeg"
        assert "vary" not in reply.headers
    assert len(shown["alt"]) > 10


def only_plain_html(text: str) -> Tags:
    """Insist that HTML has only what help desks let through."""
    tags = parsed(text)
    allowed = {"p": "", "a": "href", "img": "src alt width height"}
    for tag, attributes in tags.seen:
        assert set(attributes) <= set(allowed[tag].split()), (tag, attributes)
    return tags


def test_zendesk_and_freshdesk_are_sent_json_with_plain_html(
    server: Server, picture: dict[str, Any]
) -> None:
    (zendesk,) = snippets("Zendesk", "json")
    (freshdesk,) = snippets("Freshdesk", "json")
    comment = json.loads(filled(zendesk, server, picture))["ticket"]["comment"]
    body = json.loads(filled(freshdesk, server, picture))["body"]
    assert comment["public"] is True
    for text in (comment["html_body"], body):
        (shown,) = only_plain_html(text).images()
        expected = (int(shown["width"]), int(shown["height"]))
        assert size_at(server, shown["src"], Accept=MAIL_ACCEPT["Accept"]) == expected


def test_confluence_storage_format_is_xml_that_names_a_picture(
    server: Server, picture: dict[str, Any]
) -> None:
    (snippet,) = snippets("Confluence", "xml")
    text = filled(snippet, server, picture)
    root = ET.fromstring(f'<x xmlns:ac="urn:ac" xmlns:ri="urn:ri">{text}</x>')
    (image,) = root
    (address,) = image
    url = address.attrib["{urn:ri}value"]
    assert html.unescape(url) == url
    assert size_at(server, url) == (1200, 750)
    assert image.attrib["{urn:ac}width"] == "600"
