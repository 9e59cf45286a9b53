"""imgproxy's URLs: signatures, what maps to what, and the same renditions as Helpa's own."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from api.asking import problem
from fetching.attacker import Attacker, attacking, ok
from helpa import Forbidden, ImageId, InvalidValue, SourcePath, SourceUrl
from helpa.core import settings_text
from helpa_imgproxy import options
from helpa_imgproxy.settings import ImgproxySettings, KeyPair
from helpa_imgproxy.signature import mended, signature
from helpa_imgproxy.translate import translate
from pictures import png
from serving import Server, running_server

PAGE = Path(__file__).parents[2] / "docs" / "migrate-from-imgproxy.md"
PICTURE = "A" * 22
WATERMARK = "B" * 22

# The example of imgproxy's page "Signing a URL": https://docs.imgproxy.net/usage/signing_url
KEY, SALT = "736563726574", "68656C6C6F"
SIGNED = (
    b"oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8/rs:fill:300:400:0/g:sm/"
    b"aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png"
)
PAIR = KeyPair(key=SecretStr(KEY), salt=SecretStr(SALT))
OTHER = KeyPair(key=SecretStr("00ff"), salt=SecretStr("ff00"))
CURIOSITY = SourceUrl("http://example.com/images/curiosity.jpg")

SETTINGS = ImgproxySettings(
    keys=(PAIR,),
    sources={"local://": "files", "s3://photos": "shop", "s3://photos/old": "archive"},
    presets={"sharp": "sharpen:0.7", "small": "rs:fill:300:400/pr:sharp/q:60", "loop": "pr:loop",
             "odd": "w:5/nothing"},
    watermark=WATERMARK,
    watermark_opacity=0.5,
)  # fmt: skip

BOX = {"w": "300", "h": "400"}
FILLED = {**BOX, "fit": "cover"}
COVER = {**FILLED, "enlarge": "0"}
MARK = {"wm": WATERMARK, "wm_o": "50", "wm_g": "center"}

# Options as in imgproxy's page "Processing an image", long and short, and Helpa's parameters.
TABLE: dict[str, dict[str, str]] = {
    "": {},
    "resize:fit:300:400": BOX,
    "rs:fit:300:400:1": {**BOX, "enlarge": "1"},
    "rs:fit:300:400:no:0": BOX,
    "rs:fill:300:400:0": COVER,
    "rs:fill:300:400:1": FILLED,
    "rs:fill-down:300:400:1": FILLED,
    "rt:force/s:300:400:1": {**BOX, "fit": "fill"},
    "rs:fill:300:0": {"w": "300"},
    "rs:fill-down:300:400": COVER,
    "rs:force:300:400": {**BOX, "fit": "fill", "enlarge": "0"},
    "rs:auto:300": {"w": "300"},
    "rs::300:400": BOX,
    "size:300:400:1": {**BOX, "enlarge": "1"},
    "s:300": {"w": "300"},
    "s::400": {"h": "400"},
    "s:300:400:0:1": {**BOX, "fit": "contain"},
    "rs:fit:300:400:0:1:so": {**BOX, "fit": "contain", "g": "bottom"},
    "rs:fit:300:400:1:1": {**BOX, "fit": "contain", "enlarge": "1"},
    "rs:fill:300:400:0:1": FILLED,
    "resizing_type:fill/width:300/height:400": COVER,
    "rt:fill/w:300/h:400": COVER,
    "w:100/w:300/h:400/rt:fit": BOX,
    "ra:lanczos3": {},
    "min-width:0/mh:0": {},
    "zoom:2/w:300": {"w": "600"},
    "z:0.5:0.5/w:300/h:400": {"w": "150", "h": "200"},
    "dpr:2/w:300": {"w": "300", "dpr": "2"},
    "dpr:1": {},
    "enlarge:1/w:300": {"w": "300", "enlarge": "1"},
    "el:true/h:300": {"h": "300", "enlarge": "1"},
    "extend:1:nowe/s:300:400": {**BOX, "fit": "contain", "g": "top-left"},
    "exar:1/s:300:400": {**BOX, "fit": "contain"},
    "extend_aspect_ratio:0/s:300:400": BOX,
    "rs:fill:300:400/gravity:no": {**COVER, "g": "top"},
    "rs:fill:300:400/g:soea": {**COVER, "g": "bottom-right"},
    "rs:fill:300:400/g:ce": COVER,
    "rs:fill:300:400/g:sm": {**COVER, "g": "smart"},
    "rs:fill:300:400/g:obj:face": {**COVER, "g": "face"},
    "rs:fill:300:400/g:objw:face:3": {**COVER, "g": "face"},
    "rs:fill:300:400/g:fp:0.25:0.75": {**COVER, "fp": "0.25,0.75"},
    "rs:fit:300:400/g:sm": BOX,
    "crop:0.5:0.25": {"rect": "25p,37.5p,50p,25p"},
    "c:100:200:nowe:10:20": {"rect": "10,20,100,200"},
    "c:100:0:nowe": {"rect": "0,0,100,100p"},
    "c:0.5:0:ea": {"rect": "50p,0,50p,100p"},
    "c:0.5:0.5:soea:0.1:0.2": {"rect": "40p,30p,50p,50p"},
    "c:0.5:0.5:fp:0.3:0.9": {"rect": "5p,50p,50p,50p"},
    "c:0.5:0.5/g:no": {"rect": "25p,0,50p,50p"},
    "c:0:0": {},
    "car:0": {},
    "trim:10": {"trim": "10"},
    "t:10:ffffff": {"trim": "10,ffffff"},
    "t:": {},
    "padding:10": {"pad": "10,10,10,10"},
    "pd:10:20": {"pad": "10,20,10,20"},
    "pd:10:20:30": {"pad": "10,20,30,20"},
    "pd:1:2:3:4": {"pad": "1,2,3,4"},
    "pd:::5": {"pad": "0,0,5,0"},
    "auto_rotate:1/ar:t": {},
    "rotate:90": {"rot": "90"},
    "rot:-90": {"rot": "270"},
    "rot:360": {},
    "flip:1": {"flip": "h"},
    "fl:0:1": {"flip": "v"},
    "fl:1:1": {"flip": "hv"},
    "background:255:128:0": {"bg": "ff8000"},
    "bg:ffddee": {"bg": "ffddee"},
    "bg:fff/bga:0.5": {"bg": "ffffff80"},
    "bg:fff/bg:": {},
    "adjust:51:1.5:0.5": {"bri": "20", "con": "50", "sat": "-50"},
    "a::2": {"con": "100"},
    "brightness:-255": {"bri": "-100"},
    "br:100": {"bri": "39.22"},
    "contrast:0": {"con": "-100"},
    "co:1": {},
    "saturation:2": {"sat": "100"},
    "sa:0": {"sat": "-100"},
    "monochrome:1": {"gray": "1"},
    "mc:0": {},
    "dt:0/col:0/gr:0/ush:none/dd:0": {},
    "blur:5": {"blur": "5"},
    "bl:5/dpr:2": {"blur": "2.5", "dpr": "2"},
    "sharpen:0.5": {"sharp": "1"},
    "sh:7": {"sharp": "10"},
    "pixelate:20": {"px": "20"},
    "pix:20/dpr:2": {"px": "10", "dpr": "2"},
    "watermark:1": MARK,
    "wm:0.5:soea:10:10:0.25": {
        "wm": WATERMARK, "wm_o": "25", "wm_g": "bottom-right", "wm_pad": "10", "wm_s": "0.25",
    },
    "wm:1:no:0:10": {**MARK, "wm_g": "top", "wm_pad": "10"},
    "wm:1:re": {"wm": WATERMARK, "wm_o": "50", "wm_tile": "1"},
    "wm:0": {},
    f"wm:1/wmu:{base64.urlsafe_b64encode(PICTURE.encode()).decode()}": {**MARK, "wm": PICTURE},
    "strip_metadata:1/scp:1/cp:srgb/eth:0/raw:0/dpi:0/hs:none/cb:7/skp:": {},
    "keep_copyright:1": {"meta": "copyright"},
    "quality:55": {"q": "55"},
    "q:0": {},
    "fq:webp:50:avif:40/f:webp": {"fmt": "webp", "q": "50"},
    "fq:webp:50/f:png": {"fmt": "png"},
    "fq:jpeg:50/f:jpg/q:70": {"fmt": "jpg", "q": "70"},
    "autoquality:dssim:0.02:70:80:0.001": {"q": "auto"},
    "aq:size:10240": {"max_bytes": "10240"},
    "aq:none": {},
    "max_bytes:1000": {"max_bytes": "1000"},
    "mb:0": {},
    "jpgo:1": {"progressive": "1"},
    "pngo:0": {"progressive": "0"},
    "webpo:lossless": {"lossless": "1"},
    "format:jpeg": {"fmt": "jpg"},
    "f:avif": {"fmt": "avif"},
    "ext:best": {"fmt": "auto"},
    "page:2": {"page": "2"},
    "pg:2/da:1/pgs:1": {"page": "2"},
    "disable_animation:1": {"anim": "0"},
    "att:1": {"dl": "1"},
    "att:1/fn:puppy%20two.jpg": {"dl": "puppy two.jpg"},
    "return_attachment:t/filename:cHVwcHk:1": {"dl": "puppy"},
    "fn:puppy": {},
    "preset:sharp": {"sharp": "1.4"},
    "pr:small": {**COVER, "sharp": "1.4", "q": "60"},
    "pr:small/q:70/rt:fit": {**BOX, "sharp": "1.4", "q": "70"},
    "pr:thumb": {"p": "thumb"},
    "exp:0": {},
}  # fmt: skip

# What does not map, and the option that the message names.
REFUSED = {
    "rs:crop:1:2": "rs",
    "rs:auto:300:400": "rs",
    "rt:force/w:300": "rt",
    "ra:nearest": "ra",
    "mw:10": "mw",
    "min-height:10": "min-height",
    "z:2": "z",
    "z:2:3/w:100": "z",
    "ex:1/w:100": "ex",
    "ex:1:sm/s:1:1": "ex",
    "rs:fill:300:400/g:no:10:0": "g",
    "g:re": "g",
    "g:obj:cat": "g",
    "g:obj": "g",
    "g:fp:2:0": "g",
    "c:100:200": "c",
    "c:100:200:soea": "c",
    "c:0.5:0.5:sm": "c",
    "c:0.5:0.5:nowe:-1": "c",
    "c:10:10:fp:0:0": "c",
    "c:0.5:0.5/rot:90": "c",
    "c:0.5:0.5/t:10": "c",
    "car:1.5": "car",
    "t:300": "t",
    "t:10::1": "t",
    "ar:0": "ar",
    "rot:45": "rot",
    "bg:red": "bg",
    "bg:1:2": "bg",
    "bg:256:0:0": "bg",
    "br:256": "br",
    "co:2.5": "co",
    "sa:-1": "sa",
    "mc:0.5": "mc",
    "mc:1:ff0000": "mc",
    "dt:1": "dt",
    "col:0.5": "col",
    "gr:1": "gr",
    "ush:auto": "ush",
    "dd:1": "dd",
    "wm:1:ch": "wm",
    "wm:1:soea:5:10": "wm",
    "wm:1:no:5:10": "wm",
    "wm:1:soea:0.1:0.1": "wm",
    "wm:2": "wm",
    "wmu:aHR0cDovL2EudGVzdC9i": "wmu",
    "sm:0": "sm",
    "scp:0": "scp",
    "cp:p3": "cp",
    "eth:1": "eth",
    "raw:1": "raw",
    "dpi:72": "dpi",
    "q:101": "q",
    "fq:webp": "fq",
    "fq:webp:50": "fq",
    "aq:best": "aq",
    "jpgo:1:1": "jpgo",
    "webpo:near_lossless": "webpo",
    "f:jxl": "f",
    "f:json": "f",
    "pgs:2": "pgs",
    "exp:1893456000": "exp",
    "exp:soon": "exp",
    "hs:md5:abc": "hs",
    "skp:jpg": "skp",
    "pr:a:b": "pr",
    "pr:loop": "pr",
    "pr:odd": "pr",
    "el:maybe": "el",
    "w:1e5": "w",
    "w:": "w",
    "whatever:1": "options",
    ":": "options",
}


def ask(text: str, settings: ImgproxySettings = SETTINGS) -> dict[str, str]:
    path = "/".join(filter(None, ["unsafe", text, PICTURE]))
    return dict(translate(settings, path.encode(), b"").params)


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_the_vendors_own_signature_is_right() -> None:
    for keys in ((PAIR,), (OTHER, PAIR)):
        found = translate(ImgproxySettings(keys=keys), SIGNED, b"utm_source=mail")
        assert found.subject == CURIOSITY
        assert dict(found.params) == {**COVER, "g": "smart", "fmt": "png"}
        assert found.signed
    for wrong in (SIGNED.replace(b"300", b"301"), b"A" + SIGNED[1:], SIGNED[:42] + SIGNED[43:]):
        with pytest.raises(Forbidden):
            translate(SETTINGS, wrong, b"")
    with pytest.raises(Forbidden):
        translate(ImgproxySettings(keys=(OTHER,)), SIGNED, b"")


def test_a_signature_may_be_cut_to_the_size_that_is_set() -> None:
    path = b"/w:5/plain/http://a.test/b.jpg"
    short = signature(bytes.fromhex(KEY), bytes.fromhex(SALT), path, 8).encode()
    assert len(short) == 11
    assert translate(ImgproxySettings(keys=(PAIR,), signature_size=8), short + path, b"").signed
    with pytest.raises(Forbidden):
        translate(ImgproxySettings(keys=(PAIR,)), short + path, b"")


def test_what_is_unsigned_grants_nothing() -> None:
    for word in (b"unsafe", b"insecure", b"_"):
        assert not translate(SETTINGS, word + b"/w:5/" + PICTURE.encode(), b"").signed
    with pytest.raises(Forbidden):
        translate(SETTINGS, b"anything/w:5/" + PICTURE.encode(), b"")
    without = ImgproxySettings()
    assert not translate(without, b"anything/w:5/" + PICTURE.encode(), b"").signed
    assert not translate(without, SIGNED, b"").signed
    for keys in ((), (PAIR,)):
        strict = ImgproxySettings(keys=keys, unsafe=False)
        with pytest.raises(Forbidden):
            translate(strict, b"unsafe/w:5/" + PICTURE.encode(), b"")


def test_what_proxies_change_is_mended_before_it_is_checked() -> None:
    path = b"/rs:fill:300:400/plain/http://example.com/images/curiosity.jpg@png"
    mark = signature(bytes.fromhex(KEY), bytes.fromhex(SALT), path).encode()
    for sent in (
        path,
        path.replace(b":300:", b"%3A300%3a"),
        path.replace(b"http://", b"http:/"),
    ):
        found = translate(SETTINGS, mark + sent, b"")
        assert (found.subject, found.signed) == (CURIOSITY, True)
    assert mended(b"/plain/local:/logos/a.png") == b"/plain/local:///logos/a.png"


@pytest.mark.parametrize("text", TABLE)
def test_what_maps_has_these_parameters(text: str) -> None:
    assert ask(text) == TABLE[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_not_map_is_named(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        ask(text)
    error = caught.value
    assert error.field == REFUSED[text]
    assert error.given is not None
    assert error.allowed
    assert str(error).startswith((f"{error.field}:", f"{error.field}="))


@pytest.mark.parametrize("name", [name for names in options.UNMAPPED for name in names])
def test_an_option_that_helpa_lacks_says_so(name: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        ask(f"{name}:1")
    assert (caught.value.field, caught.value.given) == (name, f"{name}:1")


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(InvalidValue, match="Did you mean quality"):
        ask("qualty:3")


def test_a_watermark_has_to_be_set_or_named() -> None:
    with pytest.raises(InvalidValue, match="no watermark is set"):
        ask("wm:1", ImgproxySettings())


def test_the_preset_default_comes_before_every_url() -> None:
    settings = ImgproxySettings(presets={"default": "q:60/f:webp"})
    assert ask("w:5", settings) == {"w": "5", "q": "60", "fmt": "webp"}
    assert ask("w:5/q:70", settings) == {"w": "5", "q": "70", "fmt": "webp"}


def test_another_separator_of_arguments_can_be_set() -> None:
    assert ask("size,300,400,1", ImgproxySettings(arguments_separator=",")) == {
        **BOX,
        "enlarge": "1",
    }


@pytest.mark.parametrize(
    ("source", "subject", "fmt"),
    [
        ("plain/http://example.com/images/curiosity.jpg@png", CURIOSITY, "png"),
        ("plain/http:/example.com/images/curiosity.jpg", CURIOSITY, None),
        ("plain/http%3A%2F%2Fexample.com%2Fimages%2Fcuriosity.jpg@", CURIOSITY, None),
        ("aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.webp", CURIOSITY, "webp"),
        (encoded("https://a.test/b%20c.jpg"), SourceUrl("https://a.test/b%20c.jpg"), None),
        (encoded("https://a.test/b#c.jpg") + "==", SourceUrl("https://a.test/b%23c.jpg"), None),
        ("plain/local:///logos/a%20b.png@jpg", SourcePath("files", "logos/a b.png"), "jpg"),
        (encoded("s3://photos/2024/a.png"), SourcePath("shop", "2024/a.png"), None),
        (encoded("s3://photos/old/a.png"), SourcePath("archive", "a.png"), None),
        (f"plain/{PICTURE}@gif", ImageId(PICTURE), "gif"),
        (f"{PICTURE}.avif", ImageId(PICTURE), "avif"),
        (encoded(PICTURE), ImageId(PICTURE), None),
        (PICTURE, ImageId(PICTURE), None),
    ],
)
def test_the_end_of_a_url_names_a_picture(source: str, subject: object, fmt: str | None) -> None:
    found = translate(SETTINGS, f"_/{source}".encode(), b"")
    assert found.subject == subject
    assert found.params.get("fmt") == fmt


def test_a_base_url_stands_before_every_source() -> None:
    settings = ImgproxySettings(base_url="http://example.com/")
    for source in ("images/curiosity.jpg", "http://example.com/images/curiosity.jpg"):
        for form in (f"_/plain/{source}", f"_/{encoded(source)}"):
            assert translate(settings, form.encode(), b"").subject == CURIOSITY


@pytest.mark.parametrize(
    "source",
    [
        "enc/jwV3wUD9r4VBIzgv/ang3Hbh0vPpcm5cc",
        "plain/",
        "plain/@png",
        "plain/http://a.test/b@png@jpg",
        "plain/gs://other/a.png",
        "plain/s3://photographs/a.png",
        "plain/local:///a.png%3Fversion",
        "plain/a%FFb",
        "plain/a%0Ab",
        "plain/images/a.png",
        "%%%",
        "aHR0.cDov.png",
        ".png",
        "-/w:5/plain/http://a.test/b",
        "",
    ],
)
def test_what_names_no_picture_is_refused(source: str) -> None:
    with pytest.raises(InvalidValue):
        translate(SETTINGS, f"_/w:5/{source}".encode(), b"")


@pytest.mark.parametrize("path", [b"", b"_", b"_/", b"info/_/plain/http://a.test/b", b"_/\xff"])
def test_a_url_without_its_parts_is_refused(path: bytes) -> None:
    with pytest.raises(InvalidValue):
        translate(SETTINGS, path, b"")


def test_keys_are_hexadecimal() -> None:
    for text in ("", "xyz", "abc"):
        with pytest.raises(ValidationError, match="hexadecimal"):
            KeyPair(key=SecretStr(text), salt=SecretStr(SALT))


def test_the_settings_file_shows_the_default_of_every_setting() -> None:
    shown = settings_text.reference({"imgproxy": ImgproxySettings})
    assert "`HELPA_PLUGIN__IMGPROXY__SOURCES` | `{}` |" in shown
    assert "Undefined" not in shown


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_refused(raw: bytes) -> None:
    for path in (raw, b"_/" + raw, b"_/w:5/plain/" + raw):
        with contextlib.suppress(InvalidValue, Forbidden):
            translate(SETTINGS, path, raw)


NAMES = sorted(
    {name for names in (*options.READERS, *options.UNMAPPED) for name in names} | {"wm", "pr"}
)
WORDS = [
    *("", "0", "1", "-1", "0.5", "-0.5", "1e9", "9" * 30, "fill", "so", "fp", "sm", "obj", "face"),
    *("webp", "fff", "none", "size", "small", "re", "%ff", "é", "t"),
]
ARGUMENTS = st.sampled_from(WORDS)
OPTIONS = st.builds(
    lambda name, texts: ":".join((name, *texts)),
    st.sampled_from(NAMES),
    st.lists(ARGUMENTS, min_size=1, max_size=6),
)


@given(st.lists(OPTIONS, max_size=5))
def test_any_options_are_understood_or_refused(texts: list[str]) -> None:
    with contextlib.suppress(InvalidValue):
        found = translate(SETTINGS, "/".join(["_", *texts, PICTURE]).encode(), b"")
        assert set(found.params) <= set(found.spelling)


def test_the_page_has_every_option_and_setting() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_-]+)[:`]", page))
    tables = (*options.READERS, *options.UNMAPPED, options.WATERMARK, options.PRESET)
    for names in tables:
        for name in names:
            assert name in named, name
    for name in ImgproxySettings.model_fields:
        assert re.search(rf"^(# )?{name} = ", page, re.MULTILINE), name


def test_the_examples_of_the_page_are_understood() -> None:
    page = PAGE.read_text(encoding="utf-8")
    examples = re.findall(r"^\| `/imgproxy/(\S+)` \| `(\S*)` \|$", page, re.MULTILINE)
    assert len(examples) >= 3
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    settings = ImgproxySettings.model_validate(tomllib.loads(block)["plugin"]["imgproxy"])
    for path, query in examples:
        assert translate(settings, path.encode(), b"").query.decode() == query, path


@pytest.fixture(scope="module")
def attacker() -> Iterator[Attacker]:
    with attacking() as running:
        yield running


@pytest.fixture(scope="module")
def served(attacker: Attacker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    shelf = tmp_path_factory.mktemp("shelf")
    (shelf / "logos").mkdir()
    (shelf / "logos" / "red.png").write_bytes(png(40, 20))
    attacker.answers["/media/a%20b.png"] = ok(png(80, 40))
    tables = [
        {"name": "files", "kind": "folder", "path": str(shelf)},
        {"name": "shop", "kind": "http", "base_url": attacker.url("/media")},
    ]
    mine = {
        "keys": [{"key": KEY, "salt": SALT}],
        "sources": {"local://": "files"},
        "presets": {"small": "rs:fill:30:20"},
    }
    with running_server(
        tmp_path_factory.mktemp("served"),
        plugins='["basics", "sources", "imgproxy"]',
        plugin=json.dumps({"imgproxy": mine}),
        presets=json.dumps({"thumb": "w=30&h=20&fit=cover"}),
        sources=json.dumps(tables),
        fetch__allow='["127.0.0.0/8"]',
        fetch__ports=json.dumps([attacker.port]),
    ) as server:
        yield server


def signed(path: str) -> str:
    mark = signature(bytes.fromhex(KEY), bytes.fromhex(SALT), path.encode())
    return f"/imgproxy/{mark}{path}"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("rs:fill:30:20/g:ea/f:png", "w=30&h=20&fit=cover&g=right&fmt=png"),
        ("rs:fill-down:80:20/f:png", "ar=4:1&fmt=png"),
        ("rs:force:80:20/f:png", "w=60&h=15&fit=fill&fmt=png"),
        ("rs:fill:40:40:0/dpr:2/f:png", "ar=1:1&fmt=png"),
        ("rs:fit:30:30:0:1/bg:ff0000/f:webp", "w=30&h=30&fit=contain&bg=red&fmt=webp"),
        ("c:0.5:0.5/pd:5/dpr:2/f:jpg/q:40", "rect=25p,25p,50p,50p&pad=5&dpr=2&fmt=jpg&q=40"),
        ("rot:90/fl:1/f:png", "rot=90&flip=h&fmt=png"),
        ("pr:small/f:png", "w=30&h=20&fit=cover&fmt=png"),
        ("pr:thumb/f:png", "p=thumb&fmt=png"),
    ],
)
def test_a_foreign_url_is_the_same_rendition(served: Server, text: str, query: str) -> None:
    image = served.upload(png(60, 40))["id"]
    own = served.get(f"/img/{image}?{query}")
    foreign = served.get(f"/imgproxy/unsafe/{text}/plain/{image}")
    assert foreign.status_code == 200, foreign.text
    assert foreign.headers["etag"] == own.headers["etag"]
    assert foreign.content == own.content


def test_a_signature_opens_the_picture_it_was_made_for_until_it_ends(served: Server) -> None:
    image = served.upload(png(60, 40), visibility="signed")["id"]
    path = f"/rs:fill:30:20/{image}.png"
    problem(served.get(f"/imgproxy/unsafe{path}"), 404)
    reply = served.get(signed(path))
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"] == "private, max-age=300"
    refused = problem(served.get(signed(path).replace("30:20", "31:20")), 403)
    assert refused["field"] == "signature"
    soon = served.get(signed(f"/w:30/exp:{int(time.time()) + 100}/{image}.png"))
    assert soon.status_code == 200, soon.text
    assert int(soon.headers["cache-control"].removeprefix("private, max-age=")) <= 100
    problem(served.get(signed(f"/w:30/exp:{int(time.time()) - 5}/{image}.png")), 410)
    private = served.upload(png(60, 40), visibility="private")["id"]
    problem(served.get(signed(f"/w:30/{private}.png")), 404)


def test_pictures_come_from_sources_by_path_and_by_url(served: Server, attacker: Attacker) -> None:
    url = attacker.url("/media/a%20b.png")
    for source, native in (
        ("plain/local:///logos/red.png@png", "files/logos/red.png"),
        (f"plain/{url}@png", "shop/a%20b.png"),
        (f"{encoded(url)}.png", "shop/a%20b.png"),
    ):
        foreign = served.get(f"/imgproxy/_/rs:fill:20:10/{source}")
        assert foreign.status_code == 200, foreign.text
        own = served.get(f"/img/{native}?w=20&h=10&fit=cover&fmt=png")
        assert foreign.headers["etag"] == own.headers["etag"]
    problem(served.get("/imgproxy/_/w:5/plain/http://elsewhere.test/a.png"), 404)
    problem(served.get("/imgproxy/_/w:5/plain/local:///none.png"), 404)


def test_messages_speak_of_what_the_url_says(served: Server) -> None:
    image = served.upload(png(60, 40))["id"]
    found = problem(served.get(f"/imgproxy/_/width:99999/{image}"), 400)
    assert (found["field"], found["parameter"], found["given"]) == ("width", "w", "99999")
    found = problem(served.get(f"/imgproxy/_/wms:1:2/{image}"), 400)
    assert (found["field"], found["given"]) == ("wms", "wms:1:2")
    found = problem(served.get(f"/imgproxy/_/c:200:10:nowe/{image}"), 400)
    assert found["field"] == "c"
    found = problem(served.get(f"/imgproxy/_/{image}.tiff"), 400)
    assert found["field"] == "extension"
