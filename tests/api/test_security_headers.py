"""What every answer says to a browser, and what no header of a request can change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx2
import psutil
import pytest

from pictures import jpeg, png
from serving import Server, running_server

PAGES = ("/", "/signin", "/i/{id}", "/i/nothing", "/nothing", "/docs/urls", "/docs/errors")
PROGRAMS = (
    "/api/openapi.json", "/api/images", "/api/images/{id}", "/api/images/nothing", "/healthz",
    "/readyz", "/metrics", "/api/nothing", "/static/x/y",
)  # fmt: skip
PUBLIC = "https://pictures.example/helpa"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the world reaches by HTTPS under another name."""
    with running_server(tmp_path_factory.mktemp("secure"), public_url=PUBLIC) as running:
        found = psutil.Process(running.process.pid).net_connections("tcp")
        port = next(each.laddr.port for each in found if each.status == psutil.CONN_LISTEN)
        yield replace(running, url=f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def image(server: Server) -> str:
    """A picture."""
    found: str = server.upload(jpeg(120, 90))["id"]
    return found


def directives(reply: httpx2.Response) -> dict[str, str]:
    """Return the content security policy by directive."""
    found = reply.headers.get_list("content-security-policy")
    assert len(found) == 1
    parts = [part.strip().partition(" ") for part in found[0].split(";")]
    assert len({name for name, _, _ in parts}) == len(parts)
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize("path", [*PAGES, *PROGRAMS])
def test_every_answer_forbids_what_it_does_not_need(server: Server, image: str, path: str) -> None:
    reply = server.get(path.format(id=image), Accept="text/html")
    policy = directives(reply)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] in ("'none'", "'self'")
    assert "unsafe" not in str(policy)
    assert "*" not in str(policy)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert reply.headers["cross-origin-opener-policy"] == "same-origin"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    assert "no-store" in reply.headers["cache-control"]
    names = [name for name, _ in reply.headers.multi_items()]
    assert len(names) == len(set(names)), names


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_script_or_style_of_its_own(server: Server, image: str, path: str) -> None:
    page = server.get(path.format(id=image), Accept="text/html").text
    # The map that tells scripts of plugins where the kit's are; nothing in it runs.
    for attributes in re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page):
        assert re.fullmatch(r' type="importmap" nonce="[\w-]{22}"', attributes), attributes
    assert re.search(r"<style|\sstyle=|\son\w+=|javascript:", page) is None
    for target in re.findall(r'(?:src|href|action)="([^"]*)"', page):
        assert target.startswith(("/", "#")), target
        assert not target.startswith("//")


def test_what_pages_load_is_kept_and_can_do_nothing_alone(server: Server) -> None:
    page = server.get("/", Accept="text/html").text
    found = re.findall(r'="(/static/[^"]+)"', page)
    assert found
    for path in found:
        reply = server.get(path)
        assert reply.status_code == 200
        assert "immutable" in reply.headers["cache-control"]
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert directives(reply)["default-src"] == "'none'"


def test_pictures_are_not_sniffed_and_may_be_shown_anywhere(server: Server, image: str) -> None:
    for path, status in ((f"/img/{image}", 200), (f"/img/{image}?w=0", 400), ("/img/x", 404)):
        reply = server.get(path)
        assert reply.status_code == status
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("path", [*PAGES, *PROGRAMS, "/img/{id}"])
def test_no_answer_names_the_program_that_made_it(server: Server, image: str, path: str) -> None:
    reply = server.get(path.format(id=image))
    for name in ("server", "x-powered-by", "x-aspnet-version", "via"):
        assert name not in reply.headers
    if path not in ("/metrics", "/api/openapi.json"):
        assert not re.search(
            r"uvicorn|starlette|python|libvips|Pillow", reply.text + str(reply.headers)
        )


def test_only_a_server_reached_by_https_insists_on_it(server: Server, secure: Server) -> None:
    for path in ("/", "/healthz", "/api/images", "/nothing", "/docs/urls"):
        assert "strict-transport-security" not in server.get(path).headers
        said = secure.get(path).headers["strict-transport-security"]
        assert said == "max-age=31536000"


EVIL = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-For": "evil.example",
    "Forwarded": "host=evil.example;proto=gopher",
    "X-Host": "evil.example",
    "X-Original-URL": "/evil.example",
    "X-Rewrite-URL": "/evil.example",
    "X-HTTP-Method-Override": "DELETE",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
}


def test_links_come_from_the_public_address_whatever_host_was_asked(secure: Server) -> None:
    with secure.client() as client:
        made = client.post("/api/images", content=png(50, 40), headers=EVIL)
        assert made.status_code == 201
        document = made.json()
        assert document["url"] == f"{PUBLIC}/img/{document['id']}"
        assert "evil" not in made.text + str(made.headers)
        for path in (f"/api/images/{document['id']}", "/api/images", "/api/openapi.json"):
            plain, asked = client.get(path), client.get(path, headers=EVIL)
            assert plain.text == asked.text
            assert "evil" not in str(asked.headers)


@pytest.mark.parametrize("path", ["/", "/signin", "/i/{id}", "/nothing", "/docs/urls"])
def test_pages_are_the_same_whatever_host_was_asked(server: Server, image: str, path: str) -> None:
    path = path.format(id=image)
    plain = server.get(path, Accept="text/html")
    with server.client(None) as client:
        asked = client.get(path, headers={"Accept": "text/html", **EVIL})
    # Each answer has a nonce of its own.
    assert re.sub(r'nonce="[^"]+"', "", asked.text) == re.sub(r'nonce="[^"]+"', "", plain.text)
    assert asked.status_code == plain.status_code
    assert "evil" not in str(asked.headers)
    assert "location" not in asked.headers


def test_a_redirect_after_a_form_goes_to_a_path_of_this_server(server: Server) -> None:
    headers = {"Host": "evil.example", "Content-Type": "application/x-www-form-urlencoded",
               "Sec-Fetch-Site": "same-origin"}  # fmt: skip
    with server.client(None) as client:
        reply = client.post("/signout", content=b"next=//evil.example", headers=headers)
    assert reply.status_code == 303
    assert reply.headers["location"] == "/"


def test_what_no_cache_keys_on_changes_no_picture(server: Server, image: str) -> None:
    for query in ("w=33", "w=34&fmt=jpg", "w=35&dl=1", "w=0"):
        url = f"/img/{image}?{query}"
        poisoned = {
            **EVIL,
            "Accept": "*/*",
            "Accept-Language": "xx",
            "User-Agent": "<script>",
            "DPR": "3",
            "Sec-CH-DPR": "3",
            "Width": "9",
            "Save-Data": "on",
            "Cookie": "helpa_session=nothing",
            "X-Request-Id": "evil",
            "Range": "bytes=0-3",
            "Accept-Encoding": "gzip, br",
        }
        with server.client(None) as client:
            first = client.get(url, headers=poisoned)  # whatever is kept, is kept from this
            second = client.get(url, headers={"Accept": "*/*"})
        assert first.content == second.content
        kept = [{k: v for k, v in r.headers.items() if k != "date"} for r in (first, second)]
        assert kept[0] == kept[1]
        assert "evil" not in str(kept)


def test_an_answer_varies_by_accept_exactly_where_it_depends_on_it(
    server: Server, image: str
) -> None:
    kinds = {}
    for accept in ("*/*", "image/webp", "image/avif", "image/avif,image/webp"):
        reply = server.get(f"/img/{image}?w=36", Accept=accept)
        assert reply.headers["vary"].lower() == "accept"
        kinds[accept] = reply.headers["content-type"]
    assert len(set(kinds.values())) == 3
    for query in ("w=37&fmt=webp", "w=0", "fmt=jpg"):
        reply = server.get(f"/img/{image}?{query}", Accept="image/avif")
        assert "vary" not in reply.headers
