"""What comes with a rendition: validators, caching, headers, downloads, errors."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from api.asking import encodes, metric, problem
from pictures import animation, jpeg, opened, png
from serving import Server, running_server

UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(scope="module")
def picture(server: Server) -> str:
    """The path of a public picture."""
    return f"/img/{server.upload(jpeg(500, 400), 'Büro.jpg')['id']}"


@pytest.fixture(scope="module")
def shot(server: Server) -> str:
    """The path of a public screenshot."""
    return f"/img/{server.upload(png(500, 400), 'shot.png')['id']}"


def always(reply: httpx2.Response) -> None:
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-robots-tag"] == "noindex"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "cache-control" in reply.headers
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    ("path", "media", "kind", "width"),
    [
        ("?w=400&fmt=webp", "image/webp", "WEBP", 400),
        (".jpg?w=300", "image/jpeg", "JPEG", 300),
        ("?w=200&h=200&fit=cover&fmt=png", "image/png", "PNG", 200),
        (".avif?w=100", "image/avif", "AVIF", 100),
        (".gif?w=100", "image/gif", "GIF", 100),
        ("", "image/jpeg", "JPEG", 500),
    ],
)
def test_a_url_answers_the_size_and_format_it_names(
    server: Server, picture: str, path: str, media: str, kind: str, width: int
) -> None:
    for _ in range(2):  # from a worker, then from the table
        reply = server.get(picture + path)
        assert reply.status_code == 200, reply.text
        assert reply.headers["content-type"] == media
        assert int(reply.headers["content-length"]) == len(reply.content)
        always(reply)
        image = opened(reply.content)
        assert (image.format, image.width) == (kind, width)


def test_fmt_json_describes_the_answer_in_place_of_giving_it(server: Server, picture: str) -> None:
    reply = server.get(f"{picture}?fmt=json&w=250", Accept="image/webp")
    assert reply.headers["content-type"] == "application/json"
    body = reply.json()
    assert (body["width"], body["height"], body["format"]) == (250, 200, "webp")
    assert body["frames"] == 1
    assert body["source"]["width"] == 500
    always(reply)


def test_the_same_rendition_has_one_etag_whatever_its_spelling(
    server: Server, picture: str
) -> None:
    tags = {
        server.get(picture + spelling).headers["etag"]
        for spelling in ("?w=120&fmt=webp", "?fmt=webp&w=120", ".webp?width=120", "?fm=webp&w=120")
    }
    assert len(tags) == 1
    assert tags.pop().startswith('W/"')
    assert server.get(picture + "?w=121&fmt=webp").headers["etag"] not in tags


@pytest.mark.parametrize("path", ["?w=130&fmt=webp", "?w=131", "?fmt=json"])
def test_who_has_the_rendition_is_answered_304_without_a_body(
    server: Server, picture: str, path: str
) -> None:
    first = server.get(picture + path)
    tag = first.headers["etag"]
    opaque = tag.removeprefix("W/")
    for given in (tag, opaque, "*", f'"x", {tag}', f'W/"y",{opaque} , "z"'):
        reply = server.get(picture + path, If_None_Match=given)
        assert (reply.status_code, reply.content) == (304, b""), given
        assert reply.headers["etag"] == tag
        assert reply.headers["cache-control"] == first.headers["cache-control"]
        assert reply.headers.get("vary") == first.headers.get("vary")
        always(reply)
    for given in ('"x"', "x", tag + "x", opaque.strip('"'), ""):
        reply = server.get(picture + path, If_None_Match=given)
        assert (reply.status_code, reply.content) == (200, first.content), given


def test_several_if_none_match_headers_count_together(server: Server, picture: str) -> None:
    tag = server.get(f"{picture}?w=132").headers["etag"]
    for listed in ([tag, '"x"'], ['"x"', tag]):
        with server.client(None) as client:
            headers = [("If-None-Match", each) for each in listed]
            assert client.get(f"{picture}?w=132", headers=headers).status_code == 304, listed


def test_a_304_needs_no_encoding(server: Server) -> None:
    path = f"/img/{server.upload(png(140, 90))['id']}?w=77"
    tag = server.get(path).headers["etag"]
    before = encodes(server)
    assert server.get(path.replace("w=", "width="), If_None_Match=tag).status_code == 304
    assert encodes(server) == before


@pytest.mark.parametrize("path", ["?w=133&fmt=webp", "?w=134", "?fmt=json", "?w=135&dl=1"])
def test_head_answers_the_headers_of_get(server: Server, picture: str, path: str) -> None:
    def heads() -> Iterator[httpx2.Response]:
        with server.client(None) as client:
            yield client.head(picture + path)  # cold
            got = client.get(picture + path)
            yield client.head(picture + path)  # hot
            yield got

    cold, hot, got = heads()
    for head in (cold, hot):
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-type", "cache-control", "content-length", "vary"):
            assert head.headers.get(name) == got.headers.get(name), name
        always(head)


def test_head_of_an_error_has_no_body(server: Server, picture: str) -> None:
    with server.client(None) as client:
        for path, status in ((f"/img/{UNKNOWN}", 404), (f"{picture}?w=x", 400)):
            reply = client.head(path)
            assert (reply.status_code, reply.content) == (status, b"")
            assert int(reply.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("path", "varies"),
    [
        ("", True),
        ("?w=50", True),
        ("?fmt=auto", True),
        ("?fmt=json", True),
        ("?fmt=webp", False),
        (".png", False),
        ("?w=50&format=avif", False),
    ],
)
def test_vary_stands_exactly_where_the_answer_depends_on_accept(
    server: Server, picture: str, path: str, varies: bool
) -> None:
    for _ in range(2):
        vary = server.get(picture + path).headers.get("vary", "")
        assert ("accept" in vary.lower()) == varies


@pytest.mark.parametrize(
    ("accept", "photograph", "screenshot"),
    [
        ("*/*", "image/jpeg", "image/png"),
        ("image/*", "image/jpeg", "image/png"),
        ("image/webp,*/*;q=0.8", "image/webp", "image/webp"),
        ("image/avif,image/webp,*/*", "image/avif", "image/webp"),
        ("image/avif", "image/avif", "image/png"),
        ("image/webp;q=0, */*", "image/jpeg", "image/png"),
        ("image/avif;q=0.0,image/webp;q=0.001", "image/webp", "image/webp"),
        ("text/html", "image/jpeg", "image/png"),
        ("", "image/jpeg", "image/png"),
    ],
)
def test_auto_takes_what_the_accept_header_names(
    server: Server, picture: str, shot: str, accept: str, photograph: str, screenshot: str
) -> None:
    for _ in range(2):
        got = server.get(f"{picture}?w=90", Accept=accept).headers["content-type"]
        assert got == photograph
        got = server.get(f"{shot}?w=90", Accept=accept).headers["content-type"]
        assert got == screenshot


def test_an_animation_stays_one_and_is_never_avif(server: Server) -> None:
    path = f"/img/{server.upload(animation('GIF'), 'a.gif')['id']}"
    for accept, media in (("*/*", "image/gif"), ("image/avif,image/webp", "image/webp")):
        reply = server.get(path, Accept=accept)
        assert reply.headers["content-type"] == media
        assert getattr(opened(reply.content), "n_frames", 1) == 5


def test_caching_of_a_public_rendition_is_longer_with_the_current_revision(
    server: Server, picture: str
) -> None:
    table = {
        "?w=51": "public, max-age=3600",
        "?w=51&v=1": "public, max-age=86400",
        "?w=51&v=2": "public, max-age=3600",
        "?fmt=json": "public, max-age=3600",
    }
    for path, expected in table.items():
        for _ in range(2):
            assert server.get(picture + path).headers["cache-control"] == expected, path
    assert server.get(picture + "?w=51&v=1").content == server.get(picture + "?w=51").content


def test_an_edge_in_front_is_told_how_long_it_may_keep_an_answer(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running_server(
        tmp_path_factory.mktemp("edge"),
        delivery__edge_max_age="31536000",
        delivery__max_age="60",
        delivery__max_age_current="120",
    ) as server:
        public = f"/img/{server.upload(png(20, 20))['id']}"
        private = f"/img/{server.upload(png(20, 20), visibility='private')['id']}"
        reply = server.get(public)
        assert reply.headers["cache-control"] == "public, max-age=60, s-maxage=31536000"
        reply = server.get(public + "?v=1")
        assert reply.headers["cache-control"] == "public, max-age=120, s-maxage=31536000"
        with server.client() as client:
            assert client.get(private).headers["cache-control"] == "private, no-store"


def test_errors_of_image_urls_are_kept_shortly_and_those_of_access_never(
    server: Server, picture: str
) -> None:
    wrong = server.get(f"{picture}?w=x")
    assert wrong.headers["cache-control"] == "public, max-age=60"
    for path in (f"/img/{UNKNOWN}", "/img/x", "/img/", "/img/a/b"):
        missing = server.get(path)
        problem(missing, 404)
        assert missing.headers["cache-control"] == "private, no-store"
        always(missing)
    always(wrong)


def test_a_range_is_ignored(server: Server, picture: str) -> None:
    whole = server.get(f"{picture}?w=140")
    for given in ("bytes=0-9", "bytes=-5", "bytes=100000-"):
        reply = server.get(f"{picture}?w=140", Range=given)
        assert (reply.status_code, reply.content) == (200, whole.content)
        assert "content-range" not in reply.headers
    assert whole.headers.get("accept-ranges", "none") == "none"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_on_image_urls_are_405_with_allow(
    server: Server, picture: str, method: str
) -> None:
    server.get(f"{picture}?w=141")
    with server.client(None) as client:
        reply = client.request(method, f"{picture}?w=141")
    problem(reply, 405)
    assert reply.headers["allow"] == "GET, HEAD"
    always(reply)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/images", {"GET", "HEAD", "POST"}),
        ("POST", f"/api/images/{UNKNOWN}", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("DELETE", "/healthz", {"GET", "HEAD"}),
        ("POST", "/metrics", {"GET", "HEAD"}),
        ("POST", "/api/openapi.json", {"GET", "HEAD"}),
    ],
)
def test_other_methods_on_the_api_are_405_with_allow(
    server: Server, method: str, path: str, allow: set[str]
) -> None:
    with server.client() as client:
        reply = client.request(method, path)
    problem(reply, 405)
    assert {each.strip() for each in reply.headers["allow"].split(",")} == allow


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/nothing", "/api/images/"])
def test_a_path_there_is_not_is_a_404_problem(server: Server, path: str) -> None:
    with server.client() as client:
        problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("query", "field", "hint"),
    [
        ("w=x", "w", ""),
        ("w=0", "w", ""),
        ("widht=5", "widht", "width"),
        ("w=5&w=6", "w", ""),
        ("w=5&width=6", "width", ""),
        ("fmt=wepb", "fmt", "webp"),
        ("fit=covr", "fit", "cover"),
        ("page=3", "page", ""),
        ("p=nosuch", "p", ""),
        ("w", "w", ""),
        ("q=101", "q", ""),
        ("bg=nocolour", "bg", ""),
        ("%ff=1", None, ""),
    ],
)
def test_a_mistake_in_an_image_url_names_the_parameter_and_what_is_allowed(
    server: Server, picture: str, query: str, field: str | None, hint: str
) -> None:
    members = problem(server.get(f"{picture}?{query}"), 400)
    assert members.get("field") == field
    assert members["allowed"]
    assert hint in members["detail"]


def test_an_extension_and_fmt_that_disagree_are_400(server: Server, picture: str) -> None:
    problem(server.get(f"{picture}.jpg?fmt=png"), 400)
    assert server.get(f"{picture}.jpg?fmt=jpeg").status_code == 200
    problem(server.get(f"{picture}.exe"), 400)


def test_what_mail_tools_append_is_ignored(server: Server, picture: str) -> None:
    plain = server.get(f"{picture}?w=142")
    reply = server.get(f"{picture}?utm_source=mail&w=142&fbclid=x&gclid=y")
    assert reply.content == plain.content
    assert reply.headers["etag"] == plain.headers["etag"]


def test_a_query_with_too_many_parameters_or_bytes_is_400(server: Server, picture: str) -> None:
    problem(server.get(f"{picture}?" + "&".join(f"a{n}=1" for n in range(65))), 400)
    problem(server.get(f"{picture}?w=5&utm_x=" + "x" * 5000), 400)


@pytest.mark.parametrize(
    ("wanted", "plain", "encoded"),
    [
        ("1", "B_ro.jpg", "B%C3%BCro.jpg"),
        ("report", "report.jpg", "report.jpg"),
        ("my%20report.JPG", "my report.JPG", "my%20report.JPG"),
        ("%E5%9B%BE", "_.jpg", "%E5%9B%BE.jpg"),
        ("a'b;c%25.jpg", "a'b;c%.jpg", "a%27b%3Bc%25.jpg"),
    ],
)
def test_a_download_carries_its_name_safely(
    server: Server, picture: str, wanted: str, plain: str, encoded: str
) -> None:
    for _ in range(2):
        reply = server.get(f"{picture}?w=60&dl={wanted}")
        assert reply.status_code == 200, reply.text
        expected = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
        assert reply.headers["content-disposition"] == expected


@pytest.mark.parametrize("wanted", ["", "a%22b", "a/b", "a%5Cb", "a%0Ab", "x" * 121, "a%00"])
def test_a_download_name_that_could_do_harm_is_400(
    server: Server, picture: str, wanted: str
) -> None:
    assert problem(server.get(f"{picture}?dl={wanted}"), 400)["field"] == "dl"


def test_a_quote_in_the_name_of_the_upload_does_not_break_the_download(server: Server) -> None:
    document = server.upload(png(20, 20), 'a"b\\c\r\nX-Evil: 1.png')
    reply = server.get(f"/img/{document['id']}?dl=1")
    assert reply.status_code == 200
    assert "x-evil" not in reply.headers
    value = reply.headers["content-disposition"]
    assert value.count('"') == 2
    assert "\\" not in value


def test_without_dl_there_is_no_content_disposition(server: Server, picture: str) -> None:
    assert "content-disposition" not in server.get(f"{picture}?w=60").headers


def test_a_head_request_of_a_public_url_warms_the_table(server: Server) -> None:
    path = f"/img/{server.upload(png(141, 90))['id']}?w=55"
    with server.client(None) as client:
        client.head(path)
    before = metric(server, "helpa_requests_total", tier="ready")
    assert server.get(path).status_code == 200
    assert metric(server, "helpa_requests_total", tier="ready") == before + 1


def test_presets_from_the_settings_answer_under_their_names(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running_server(
        tmp_path_factory.mktemp("presets"), presets='{"thumb": "w=64&h=64&fit=cover"}'
    ) as server:
        path = f"/img/{server.upload(png(200, 100))['id']}"
        for name in ("p", "preset", "class", "t"):
            assert opened(server.get(f"{path}?{name}=thumb").content).size == (64, 64)
        assert opened(server.get(f"{path}?p=thumb&w=32").content).size == (32, 64)
        members = problem(server.get(f"{path}?p=thmb"), 400)
        assert "thumb" in members["allowed"]
