"""Pages, over HTTP: what they hold, for whom, and the headers they come with."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from helpa.pages import Assets
from helpa_web.picture import links, srcset
from pictures import animation, jpeg, png
from serving import Server
from web.visitors import Visitor, other_visitor


class Elements(HTMLParser):
    """Start tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def meta(self, name: str) -> str | None:
        for tag, attributes in self.found:
            if tag == "meta" and attributes.get("property") == name:
                return attributes["content"]
        return None


@pytest.fixture(scope="module")
def public(site: Server) -> dict[str, object]:
    return site.upload(png(900, 500), "a public one.png", title="A <b>title</b>", alt='"Alt" & <i>')


@pytest.fixture(scope="module")
def private(site: Server) -> dict[str, object]:
    return site.upload(png(901, 500), "secret.png", title="Secret", visibility="private")


@pytest.fixture(params=["/", "/forgot", "/setup", "/i/nope", "/i/{public}", "/i/{private}"])
def path(
    request: pytest.FixtureRequest, public: dict[str, object], private: dict[str, object]
) -> str:
    text: str = request.param
    return text.format(public=public["id"], private=private["id"])


@pytest.mark.parametrize("signed_in", [True, False])
def test_every_page_is_strict(path: str, site: Server, somebody: Visitor, signed_in: bool) -> None:
    with somebody.client() if signed_in else site.client(None) as client:
        reply = client.get(path)
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == policy["form-action"] == "'self'"
    source, nonce = policy["script-src"].split()
    assert source == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert reply.headers.get_list("x-content-type-options") == ["nosniff"]
    assert reply.headers["referrer-policy"] == "same-origin"
    assert reply.headers["cache-control"] == "private, no-store"
    assert reply.headers["x-robots-tag"] == "noindex"
    for tag, attributes in Elements(reply.text).found:
        assert tag != "style"
        if tag == "script" and "src" not in attributes:
            assert nonce == f"'nonce-{attributes['nonce']}'"
        assert not any(name == "style" or name.startswith("on") for name in attributes), tag
        for name in ("src", "href"):
            if name in attributes and attributes.get("rel") != "canonical":
                assert (attributes[name] or "").startswith(("/", "#")), attributes


@pytest.mark.parametrize("signed_in", [True, False])
def test_pages_load_nothing_that_is_missing(
    path: str, site: Server, somebody: Visitor, signed_in: bool
) -> None:
    with somebody.client() if signed_in else site.client(None) as client:
        loaded = {
            attributes[name] or ""
            for tag, attributes in Elements(client.get(path).text).found
            for name in ("src", "href")
            if name in attributes and tag in ("script", "link", "img")
        }
        assert loaded
        for each in loaded:
            assert client.get(each).status_code == 200, each


def test_a_stranger_is_told_how_to_sign_in(site: Server) -> None:
    reply = site.get("/")
    assert reply.status_code == 200
    assert "For those who have an account" in reply.text
    assert "Your session has ended" not in reply.text
    assert 'type="file"' not in reply.text


def test_pages_say_what_scripts_are_for(site: Server, somebody: Visitor) -> None:
    with somebody.client() as client:
        assert "<noscript>" in client.get("/").text


def test_head_answers_without_a_body(site: Server) -> None:
    with site.client(None) as client:
        reply = client.head("/")
    assert reply.status_code == 200
    assert not reply.content


class TestPicture:
    """``/i/<id>``."""

    def test_says_what_it_is(self, site: Server, public: dict[str, object]) -> None:
        text = site.get(f"/i/{public['id']}").text
        assert "900 × 500" in text
        assert "PNG" in text
        assert f'value="{site.url}/img/{public["id"]}"' in text
        assert f"![&#34;Alt&#34; \\&amp; \\&lt;i\\&gt;]({site.url}/img/{public['id']}?w=800" in text

    def test_writes_no_markup_of_ours_from_theirs(
        self, site: Server, somebody: Visitor, public: dict[str, object]
    ) -> None:
        with somebody.client() as client:
            for text in (
                site.get(f"/i/{public['id']}").text,
                client.get(f"/i/{public['id']}").text,
                client.get("/").text,
            ):
                assert "<b>title" not in text
                assert "A <b>title</b>" in unescape(text)

    def test_previews_public_pictures(self, site: Server, public: dict[str, object]) -> None:
        page = Elements(site.get(f"/i/{public['id']}").text)
        assert page.meta("og:title") == "A <b>title</b>"
        assert page.meta("og:url") == public["page_url"]
        image = page.meta("og:image")
        assert image is not None
        assert image.startswith(f"{public['url']}?w=900")
        assert page.meta("og:image:height") == "500"
        assert page.meta("og:image:alt") == '"Alt" & <i>'
        assert site.get(image.removeprefix(site.url)).status_code == 200

    def test_does_not_preview_private_ones(
        self, somebody: Visitor, private: dict[str, object]
    ) -> None:
        with somebody.client() as client:
            reply = client.get(f"/i/{private['id']}")
        assert reply.status_code == 200
        assert "Secret" in reply.text
        assert Elements(reply.text).meta("og:title") is None

    def test_a_private_one_and_none_look_the_same(
        self, site: Server, private: dict[str, object]
    ) -> None:
        hidden, missing = site.get(f"/i/{private['id']}"), site.get("/i/nope")
        assert hidden.status_code == missing.status_code == 404
        texts = [re.sub(r'nonce="[^"]+"', "", reply.text) for reply in (hidden, missing)]
        assert texts[0] == texts[1]

    def test_only_those_who_may_see_the_controls(
        self, site: Server, somebody: Visitor, public: dict[str, object]
    ) -> None:
        page = f"/i/{public['id']}"
        assert 'id="details"' not in site.get(page).text
        assert 'id="confirm"' not in site.get(page).text
        with somebody.client() as client:
            assert 'id="details"' in client.get(page).text
            assert 'id="confirm"' in client.get(page).text
        with site.client(site.make_token("images:read")) as client:
            assert 'id="details"' not in client.get(page).text

    def test_offers_the_sizes_there_are(self, site: Server) -> None:
        def names(document: dict[str, object]) -> list[str]:
            return re.findall(r'data-link="(\w+)"', site.get(f"/i/{document['id']}").text)

        snippets = ["markdown", "html"]
        assert names(site.upload(png(300, 200))) == ["page", "original", *snippets]
        assert names(site.upload(png(801, 200))) == [
            "page",
            "original",
            "medium",
            "small",
            *snippets,
        ]
        assert "large" in names(site.upload(png(1601, 200)))

    def test_its_links_work_as_it_says(self, site: Server) -> None:
        document = site.upload(png(1700, 900))
        for link in links(document):
            if not link.text.startswith("http"):
                continue
            reply = site.get(link.text.removeprefix(site.url))
            assert reply.status_code == 200, link
            if link.note:
                width, _, height = link.note.partition(" × ")
                described = site.get(
                    f"{link.text.removeprefix(site.url)}{'&' if '?' in link.text else '?'}fmt=json"
                )
                if described.status_code == 200:
                    assert (described.json()["width"], described.json()["height"]) == (
                        int(width),
                        int(height),
                    )

    def test_names_what_has_no_title(self, site: Server) -> None:
        document = site.upload(jpeg(50, 40), "IMG 1.jpg")
        assert '<h1 id="name">IMG 1.jpg</h1>' in site.get(f"/i/{document['id']}").text

    def test_counts_frames(self, site: Server) -> None:
        document = site.upload(animation(frames=4), "moving.gif")
        assert "4 frames" in site.get(f"/i/{document['id']}").text


def test_scripts_of_the_page_come_from_here(site: Server) -> None:
    assets = Assets.packaged("helpa_web")
    for name in ("home.js", "picture.js", "pictures.css"):
        text = site.get(assets.path(name)).text
        assert not re.search(r"https?://|@import|@font-face", text)


def test_srcset_ends_with_the_picture_itself() -> None:
    document = {
        "url": "/img/a",
        "width": 900,
        "revision": 2,
        "links": {"srcset": "/img/a?w=400 400w"},
    }
    assert srcset(document) == "/img/a?w=400 400w, /img/a?v=2 900w"
    assert srcset(document | {"width": 9000}) == "/img/a?w=400 400w"
    assert srcset(document | {"width": 400}) == "/img/a?w=400 400w"


def test_who_may_not_upload_is_shown_what_their_teams_share(
    site: Server, somebody: Visitor
) -> None:
    with other_visitor(site, "guest", "guest-of-pages").client() as client:
        page = client.get("/").text
    assert "Nothing is shared with you yet" in page
    assert "Paste, drop or choose" not in page
    assert "home.js" not in page
