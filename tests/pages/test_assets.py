"""Static files of the kit and of a plugin."""

from __future__ import annotations

import re

import pytest

from helpa.pages import Assets, byte_count, day
from pages.elements import Elements
from serving import Server
from web.visitors import Visitor


def loaded(page: str) -> dict[str, str]:
    """Return the addresses of what a page loads, by file name."""
    found = [
        attributes.get(name) or ""
        for _, attributes in Elements(page).found
        for name in ("src", "href")
        if "/static/" in (attributes.get(name) or "")
    ]
    return {address.rpartition("/")[2]: address for address in found}


def test_files_of_the_kit_and_of_the_plugin_have_an_address_each(
    sampled: Server, reader: Visitor
) -> None:
    with reader.client() as client:
        files = loaded(client.get("/samples").text)
    assert re.fullmatch(r"/static/helpa/[0-9a-f]{16}/frame\.css", files["frame.css"])
    assert re.fullmatch(r"/static/helpa_sample/[0-9a-f]{16}/sample\.js", files["sample.js"])
    assert "sample.css" in files
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    for name, address in files.items():
        reply = sampled.get(address)
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith(kinds[name.rpartition(".")[2]])
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.headers.get_list("x-content-type-options") == ["nosniff"]


def test_there_is_nothing_under_another_version_or_name(sampled: Server) -> None:
    here = Assets.packaged("helpa.pages", "helpa").base
    assert sampled.get(f"{here}frame.css").status_code == 200
    for path in (
        "/static/helpa/0000000000000000/frame.css",
        f"{here}page.py",
        f"{here}..%2Fpage.py",
        f"{here}../page.py",
        f"{here.replace('helpa', 'helpa_basics')}frame.css",
    ):
        assert sampled.get(path).status_code == 404, path


def test_versions_follow_the_contents() -> None:
    versions = {
        Assets("a", contents).version
        for contents in (
            {},
            {"a.js": b"1"},
            {"a.js": b"2"},
            {"b.js": b"1"},
            {"a.js": b"1", "b.js": b""},
        )
    }
    assert len(versions) == 5


def test_the_kit_loads_nothing_from_elsewhere(sampled: Server) -> None:
    assets = Assets.packaged("helpa.pages", "helpa")
    for name in ("frame.css", "controls.css", "page.js", "copy.js", "problem.js"):
        text = sampled.get(assets.path(name)).text
        assert not re.search(r"https?://|@import|@font-face", text), name


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (50 * 2**20, "50 MB"),
        (3 * 2**40, "3072 GB"),
    ],
)
def test_bytes_in_words(number: int, text: str) -> None:
    assert byte_count(number) == text


def test_days_in_words() -> None:
    assert day("2026-11-02T09:00:00.000Z") == "2 November 2026"
