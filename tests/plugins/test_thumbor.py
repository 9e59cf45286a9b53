"""thumbor's URLs: signatures, what maps to what, and the same renditions as Helpa's own."""

from __future__ import annotations

import contextlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy
import numpy.typing
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from api.asking import problem
from fetching.attacker import Attacker, attacking, ok
from helpa import Forbidden, ImageId, InvalidValue, SourcePath, SourceUrl
from helpa_thumbor import filters
from helpa_thumbor.place import ACROSS, DOWN, Turn
from helpa_thumbor.settings import ThumborSettings
from helpa_thumbor.signature import plainly, signature, verified
from helpa_thumbor.translate import translate
from pictures import png
from serving import Server, running_server

Pixels = numpy.typing.NDArray[numpy.int_]

PAGE = Path(__file__).parents[2] / "docs" / "migrate-from-thumbor.md"
KEY = "my-security-key"
SETTINGS = ThumborSettings(keys=(SecretStr(KEY),))
PICTURE = "A" * 22
WATERMARK = "B" * 22

# The scenarios of thumbor's page "Libraries", which every client library is asked to pass:
# https://thumbor.readthedocs.io/en/latest/libraries.html
VECTORS = {
    "8ammJH8D-7tXy6kU3lTvoXlhu4o=/300x200/": {"w": "300", "h": "200", "fit": "cover"},
    "Ps3ORJDqxlSQ8y00T29GdNAh2CY=/meta/": {"fmt": "json"},
    "-2NHpejRK2CyPAm61FigfQgJBxw=/smart/": {},
    "uvLnA6TJlF-Cc-L8z9pEtfasO3s=/fit-in/": {},
    "ZZtPCw-BLYN1g42Kh8xTcRs0Qls=/filters:brightness(10):contrast(20)/": {
        "bri": "10",
        "con": "44",
    },
}

COVER = {"w": "300", "h": "200", "fit": "cover"}

# What stands between the signature and the picture, mostly as in thumbor's page "Usage" and the
# pages of its filters, and Helpa's parameters.
TABLE: dict[str, dict[str, str]] = {
    "": {},
    "0x0/": {},
    "origxorig/": {},
    "300x/": {"w": "300", "enlarge": "1"},
    "300x0/": {"w": "300", "enlarge": "1"},
    "x200/": {"h": "200", "enlarge": "1"},
    "0x200/filters:no_upscale()/": {"h": "200"},
    "300x200/": COVER,
    "300x200/filters:no_upscale()/": {**COVER, "enlarge": "0"},
    "300x200/filters:no_upscale():stretch()/": {**COVER, "fit": "fill", "enlarge": "0"},
    "fit-in/300x200/filters:no_upscale()/": {"w": "300", "h": "200"},
    "300x200/center/middle/": COVER,
    "300x200/left/top/": {**COVER, "g": "top-left"},
    "300x200/right/": {**COVER, "g": "right"},
    "300x200/bottom/": {**COVER, "g": "bottom"},
    "300x200/left/top/smart/": {**COVER, "g": "smart"},
    "-300x200/": {**COVER, "flip": "h"},
    "300x-200/": {**COVER, "flip": "v"},
    "-300x-200/left/top/": {**COVER, "flip": "hv", "g": "bottom-right"},
    "-300x200/left/": {**COVER, "flip": "h", "g": "right"},
    "-0x-0/": {"flip": "hv"},
    "fit-in/300x200/": {"w": "300", "h": "200"},
    "fit-in/300x200/left/smart/": {"w": "300", "h": "200"},
    "full-fit-in/300x200/": {"w": "300", "h": "200", "fit": "outside"},
    "adaptive-fit-in/300x300/": {"w": "300", "h": "300"},
    "fit-in/600x500/filters:upscale()/": {"w": "600", "h": "500", "enlarge": "1"},
    "200x100/filters:stretch()/": {"w": "200", "h": "100", "fit": "fill"},
    "trim/": {"trim": "0"},
    "trim:top-left/": {"trim": "0"},
    "trim:50/": {"trim": "29"},
    "trim:top-left:442/300x200/": {**COVER, "trim": "255"},
    "10x20:110x220/": {"rect": "10,20,100,200"},
    "0x0:0x0/300x200/": COVER,
    "meta/300x200/filters:format(webp)/": {**COVER, "fmt": "json"},
    "filters:quality(40)/": {"q": "40"},
    "filters:format(jpeg)/": {"fmt": "jpg"},
    "filters:format(webp):quality(60)/": {"fmt": "webp", "q": "60"},
    "filters:max_bytes(40000)/": {"max_bytes": "40000"},
    "fit-in/300x300/filters:fill(blue)/": {
        "w": "300", "h": "300", "fit": "contain", "bg": "0000ff",
    },
    "fit-in/300x225/filters:fill(f00,true)/": {
        "w": "300", "h": "225", "fit": "contain", "bg": "ff0000",
    },
    "fit-in/300x/filters:fill(blue)/": {"w": "300"},
    "fit-in/300x300/filters:background_color(add8e6)/": {"w": "300", "h": "300", "bg": "add8e6"},
    "filters:blur(1)/": {"blur": "0.74"},
    "filters:blur(7)/": {"blur": "4"},
    "filters:blur(9,1)/": {"blur": "1"},
    "filters:blur(0)/": {},
    "filters:brightness(40)/": {"bri": "40"},
    "filters:contrast(40)/": {"con": "96"},
    "filters:contrast(-40)/": {"con": "-64"},
    "filters:saturation(40)/": {"sat": "40"},
    "filters:sharpen(2,1.0,true)/": {"sharp": "2"},
    "filters:grayscale()/": {"gray": "1"},
    "filters:rotate(90)/": {"rot": "270"},
    "filters:rotate(30)/": {"rot": "330"},
    "-0x0/filters:rotate(90)/": {"rot": "90", "flip": "h"},
    "300x200/left/filters:rotate(90)/": {
        "w": "200", "h": "300", "fit": "cover", "rot": "270", "g": "bottom",
    },
    "filters:round_corner(20,255,255,255)/": {"radius": "20", "bg": "ffffff"},
    "filters:round_corner(30,0,0,0,1)/": {"radius": "30"},
    "filters:round_corner(20%7C20)/": {"radius": "20"},
    "300x200/filters:proportion(0.5)/": {"w": "150", "h": "100", "fit": "cover"},
    "filters:cover()/": {"anim": "0"},
    "0x0:400x400/100x50/filters:focal(90x190:110x210)/": {
        "rect": "0,0,400,400", "w": "100", "h": "50", "fit": "cover", "fp": "0.25,0.5",
    },
    f"filters:watermark({WATERMARK},-10,-10,50)/": {
        "wm": WATERMARK, "wm_g": "bottom-right", "wm_pad": "10", "wm_o": "50",
    },
    f"filters:watermark({WATERMARK},center,0,0,20)/": {
        "wm": WATERMARK, "wm_g": "top", "wm_o": "100", "wm_s": "0.2",
    },
    f"filters:watermark({WATERMARK},center,center,0,15.2,none)/": {
        "wm": WATERMARK, "wm_g": "center", "wm_o": "100", "wm_s": "0.152",
    },
    f"filters:watermark({WATERMARK},repeat,repeat,80)/": {
        "wm": WATERMARK, "wm_tile": "1", "wm_o": "20",
    },
    "filters:strip_exif():strip_icc():autojpg():max_age(600):srgb()/": {},
}  # fmt: skip

# What does not map, and the option that the message names.
REFUSED = {
    "debug/": "debug",
    "300xorig/": "size",
    "origx300/": "size",
    "12345678x/": "size",
    "adaptive-fit-in/300x200/": "fit-in",
    "adaptive-full-fit-in/300x200/": "fit-in",
    "full-fit-in/300x200/filters:fill(blue)/": "fill",
    "fit-in/300x200/filters:stretch()/": "stretch",
    "trim:bottom-right/": "trim",
    "trim:443/": "trim",
    "trim/0x0:10x10/": "crop",
    "10x10:10x20/": "crop",
    "filters:quality(0)/": "quality",
    "filters:quality()/": "quality",
    "filters:quality(80,1)/": "quality",
    "filters:quality(80):quality(70)/": "quality",
    "filters:format(heic)/": "format",
    "filters:format(json)/": "format",
    "filters:fill(auto)/": "fill",
    "filters:fill(blurple)/": "fill",
    "filters:background_color(auto)/": "background_color",
    "filters:blur(151)/": "blur",
    "filters:contrast(42)/": "contrast",
    "filters:equalize()/": "equalize",
    "filters:rgb(20,-20,40)/": "rgb",
    "300x200/filters:rotate(30)/": "rotate",
    "filters:round_corner(20%7C40,0,0,0)/": "round_corner",
    "filters:round_corner(20,0,0,0):background_color(fff)/": "background_color",
    "filters:proportion(0.5)/": "proportion",
    "400x100/filters:focal(146x206:279x360)/": "focal",
    "filters:focal(1x2)/": "focal",
    "filters:watermark(http%3A//my.site.test/img.png,-10,-10,50)/": "watermark",
    f"filters:watermark({WATERMARK},10p,-20p,50)/": "watermark",
    f"filters:watermark({WATERMARK},5,10,50)/": "watermark",
    f"filters:watermark({WATERMARK},0,0,0,none,15)/": "watermark",
    "filters:nothing_like_it()/": "filters",
    "filters:blur(7/": "filters",
    "filters:/": "filters",
}


def params(text: str) -> dict[str, str]:
    return dict(translate(SETTINGS, f"unsafe/{text}{PICTURE}".encode(), b"").params)


@pytest.mark.parametrize("path", VECTORS)
def test_the_vendors_own_signatures_are_right(path: str) -> None:
    whole = f"{path}my.server.com/some/path/to/image.jpg".encode()
    found = translate(SETTINGS, whole, b"utm_source=mail")
    assert found.subject == SourceUrl("http://my.server.com/some/path/to/image.jpg")
    assert (dict(found.params), found.signed) == (VECTORS[path], True)
    rotated = ThumborSettings(keys=(SecretStr("the new key"), SecretStr(KEY)))
    assert translate(rotated, whole, b"").signed
    encoded = whole.replace(b"=", b"%3D", 1)
    assert translate(SETTINGS, encoded, b"").signed
    with pytest.raises(Forbidden):
        translate(SETTINGS, whole.replace(b"image.jpg", b"other.jpg"), b"")
    with pytest.raises(Forbidden):
        translate(ThumborSettings(), whole, b"")


@pytest.mark.parametrize("text", TABLE)
def test_what_maps_has_these_parameters(text: str) -> None:
    assert params(text) == TABLE[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_not_map_is_named(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        params(text)
    error = caught.value
    assert error.field == REFUSED[text]
    assert error.given
    assert error.allowed
    assert str(error).startswith((f"{error.field}:", f"{error.field}="))


@pytest.mark.parametrize("name", filters.UNMAPPED)
def test_a_filter_that_helpa_lacks_says_what_there_is(name: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        params(f"filters:{name}(1)/")
    assert (caught.value.field, caught.value.given) == (name, f"{name}(1)")


def test_an_unknown_filter_names_the_nearest() -> None:
    with pytest.raises(InvalidValue, match="Did you mean quality"):
        params("filters:qualty(3)/")


@pytest.mark.parametrize(
    ("image", "subject"),
    [
        (PICTURE, ImageId(PICTURE)),
        ("http://a.test/b%20c.jpg", SourceUrl("http://a.test/b c.jpg")),
        ("https:/a.test/b.jpg", SourceUrl("https://a.test/b.jpg")),
        ("https%3A%2F%2Fa.test%2Fb%2520c.jpg", SourceUrl("https://a.test/b%20c.jpg")),
        ("HTTP://a.test/b%23c.jpg", SourceUrl("http://a.test/b%23c.jpg")),
        ("a.test/b.jpg", SourceUrl("http://a.test/b.jpg")),
        ("//a.test/b.jpg", SourceUrl("http://a.test/b.jpg")),
        ("filters/b.jpg", SourceUrl("http://filters/b.jpg")),
    ],
)
def test_the_end_of_a_url_is_an_id_or_a_url(image: str, subject: object) -> None:
    found = translate(SETTINGS, f"unsafe/300x200/{image}".encode(), b"")
    assert found.subject == subject
    assert not found.signed


def test_plain_paths_are_of_the_source_that_is_set() -> None:
    settings = ThumborSettings(source="files")
    for image, subject in (
        ("some/im%C3%A4ge.jpg", SourcePath("files", "some/imäge.jpg")),
        ("/logo.png", SourcePath("files", "logo.png")),
        ("http://a.test/b.jpg", SourceUrl("http://a.test/b.jpg")),
        (PICTURE, ImageId(PICTURE)),
    ):
        assert (
            translate(settings, f"unsafe/fit-in/300x200/{image}".encode(), b"").subject == subject
        )


@pytest.mark.parametrize(
    "path", [b"unsafe", b"unsafe/", b"", b"unsafe/300x200/", b"unsafe/%ff", b"unsafe/\xff",
             b"unsafe/a%0Ab", b"unsafe/ftp://a.test/b"],
)  # fmt: skip
def test_a_url_without_a_readable_picture_is_refused(path: bytes) -> None:
    with pytest.raises(InvalidValue, match="path"):
        translate(SETTINGS, path, b"")


def test_unsafe_can_be_switched_off() -> None:
    with pytest.raises(Forbidden, match="unsafe"):
        translate(ThumborSettings(unsafe=False), b"unsafe/300x200/a.jpg", b"")


def test_what_browsers_encode_is_signed_all_the_same() -> None:
    signed = "fit-in/300x200/filters:fill(red):round_corner(9|9)/ü.jpg".encode()
    mark = signature(KEY.encode(), signed).encode()
    sent = quote(signed, safe="/").encode()
    assert sent != signed
    for path in (signed, sent, sent.replace(b"%C3%BC", b"%c3%bc")):
        assert verified(SETTINGS, mark + b"/" + path) == (signed if path != signed else path, True)
    for separator in (b"%2F", b"%3F", b"%23", b"%25"):
        assert plainly(b"a" + separator.lower()) == b"a" + separator


def test_a_blur_is_as_wide_as_the_kernel_it_stands_for() -> None:
    for radius, sigma in ((1, 1.0), (7, 7.0), (12, 3.0), (150, 150.0)):
        places = numpy.arange(-radius, radius + 1)
        kernel = numpy.exp(-(places**2) / (2 * sigma**2))
        expected = numpy.sqrt((kernel * places**2).sum() / kernel.sum())
        assert filters.spread(radius, sigma) == pytest.approx(expected)


@given(
    st.booleans(), st.booleans(), st.sampled_from([0, 90, 180, 270]),
    st.sampled_from(sorted(ACROSS)), st.sampled_from(sorted(DOWN)),
)  # fmt: skip
def test_turned_and_mirrored_first_the_same_part_is_kept(
    across: bool, down: bool, left: int, halign: str, valign: str
) -> None:
    def crop(pixels: Pixels, side: int, x: float, y: float) -> Pixels:
        top, start = (
            round((length - side) * at) for length, at in zip(pixels.shape, (y, x), strict=True)
        )
        return pixels[top : top + side, start : start + side]

    def mirror(pixels: Pixels) -> Pixels:
        pixels = pixels[:, ::-1] if across else pixels
        return pixels[::-1] if down else pixels

    pixels = numpy.arange(9 * 7).reshape(9, 7)
    place = ACROSS[halign], DOWN[valign]
    thumbor = numpy.rot90(mirror(crop(pixels, 3, *place)), left // 90)
    turn = Turn(across, down, left)
    assert turn.flip == "h" * across + "v" * down
    ours = crop(mirror(numpy.rot90(pixels, -int(turn.rot) // 90)), 3, *turn.move(*place))
    assert (ours == thumbor).all()


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_refused(raw: bytes) -> None:
    for path in (raw, b"unsafe/" + raw, b"unsafe/filters:" + raw + b"/a"):
        with contextlib.suppress(InvalidValue, Forbidden):
            translate(SETTINGS, path, raw)


PIECES = st.sampled_from([*TABLE, *REFUSED, "blur(", ")", ":", "/", "%", "é", "9" * 30, "x"])


@given(st.lists(PIECES, max_size=4))
def test_pieces_of_urls_in_any_order_are_understood_or_refused(pieces: list[str]) -> None:
    with contextlib.suppress(InvalidValue):
        found = translate(SETTINGS, f"unsafe/{''.join(pieces)}x".encode(), b"")
        assert set(found.params) <= set(found.spelling)


def test_the_page_has_every_filter() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)(?:\(|`)", page))
    for name in (*filters.HANDLERS, *filters.WITHOUT_EFFECT, *filters.UNMAPPED):
        assert name in named, name
    for name in ThumborSettings.model_fields:
        assert re.search(rf"^(# )?{name} = ", page, re.MULTILINE), name


def test_the_examples_of_the_page_are_understood() -> None:
    page = PAGE.read_text(encoding="utf-8")
    examples = re.findall(r"^\| `/thumbor/(\S+)` \| `(\S*)` \|$", page, re.MULTILINE)
    assert len(examples) >= 3
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    settings = ThumborSettings.model_validate(tomllib.loads(block)["plugin"]["thumbor"])
    for path, query in examples:
        raw, _, asked = path.partition("?")
        found = translate(settings, raw.encode(), asked.encode())
        assert found.query.decode() == query, path


@pytest.fixture(scope="module")
def attacker() -> Iterator[Attacker]:
    with attacking() as running:
        yield running


@pytest.fixture(scope="module")
def served(attacker: Attacker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    shelf = tmp_path_factory.mktemp("shelf")
    (shelf / "some").mkdir()
    (shelf / "some" / "red.png").write_bytes(png(40, 20))
    attacker.answers["/media/a%20b.png"] = ok(png(80, 40))
    tables = [
        {"name": "files", "kind": "folder", "path": str(shelf)},
        {"name": "shop", "kind": "http", "base_url": attacker.url("/media")},
    ]
    with running_server(
        tmp_path_factory.mktemp("served"),
        plugins='["basics", "sources", "thumbor"]',
        plugin=json.dumps({"thumbor": {"keys": [KEY], "source": "files"}}),
        sources=json.dumps(tables),
        fetch__allow='["127.0.0.0/8"]',
        fetch__ports=json.dumps([attacker.port]),
    ) as server:
        yield server


def signed(path: str) -> str:
    return f"/thumbor/{signature(KEY.encode(), path.encode())}/{path}"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("30x20/right/filters:format(png)/", "w=30&h=20&fit=cover&g=right&fmt=png"),
        ("fit-in/30x20/filters:fill(red):format(webp)/", "w=30&h=20&fit=contain&bg=red&fmt=webp"),
        ("5x5:25x15/-0x0/filters:format(png):rotate(90)/",
         "rect=5,5,20,10&flip=h&rot=90&fmt=png"),
        ("200x/filters:format(jpeg):quality(40)/", "w=200&enlarge=1&fmt=jpg&q=40"),
        ("80x20/filters:no_upscale():format(png)/", "ar=4:1&fmt=png"),
        ("meta/30x20/", "w=30&h=20&fit=cover&fmt=json"),
    ],
)  # fmt: skip
def test_a_foreign_url_is_the_same_rendition(served: Server, text: str, query: str) -> None:
    image = served.upload(png(60, 40))["id"]
    own = served.get(f"/img/{image}?{query}")
    foreign = served.get(f"/thumbor/unsafe/{text}{image}")
    assert foreign.status_code == 200, foreign.text
    assert foreign.headers["etag"] == own.headers["etag"]
    assert foreign.content == own.content


def test_a_signature_opens_the_picture_it_was_made_for(served: Server) -> None:
    image = served.upload(png(60, 40), visibility="signed")["id"]
    path = f"30x20/filters:format(png)/{image}"
    problem(served.get(f"/thumbor/unsafe/{path}"), 404)
    reply = served.get(signed(path))
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"] == "private, max-age=300"
    refused = problem(served.get(signed(path).replace("30x20", "31x20")), 403)
    assert refused["field"] == "signature"
    private = served.upload(png(60, 40), visibility="private")["id"]
    problem(served.get(signed(f"30x20/{private}")), 404)


def test_pictures_come_from_sources_by_path_and_by_url(served: Server, attacker: Attacker) -> None:
    for image, native in (
        ("some/red.png", "files/some/red.png"),
        (attacker.url("/media/a%20b.png"), "shop/a%20b.png"),
        (quote(attacker.url("/media/a%20b.png"), safe=""), "shop/a%20b.png"),
    ):
        foreign = served.get(f"/thumbor/unsafe/20x10/filters:format(png)/{image}")
        assert foreign.status_code == 200, foreign.text
        own = served.get(f"/img/{native}?w=20&h=10&fit=cover&fmt=png")
        assert foreign.headers["etag"] == own.headers["etag"]
    problem(served.get("/thumbor/unsafe/20x10/http://elsewhere.test/a.png"), 404)
    problem(served.get("/thumbor/unsafe/20x10/some/none.png"), 404)


def test_messages_speak_of_what_the_url_says(served: Server) -> None:
    image = served.upload(png(60, 40))["id"]
    found = problem(served.get(f"/thumbor/unsafe/99999x20/{image}"), 400)
    assert (found["field"], found["parameter"], found["given"]) == ("99999x20", "w", "99999")
    found = problem(served.get(f"/thumbor/unsafe/filters:rgb(1,2,3)/{image}"), 400)
    assert (found["field"], found["given"]) == ("rgb", "rgb(1,2,3)")
    found = problem(served.get(f"/thumbor/unsafe/50x30:100x100/{image}"), 400)
    assert found["field"] == "50x30:100x100"
