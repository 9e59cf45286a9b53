"""The plugin ``cloudflare``: /cdn-cgi/image/<options>/<source>.

Facts are those of developers.cloudflare.com/images/transform-images/transform-via-url/ and
/images/optimization/features/, where every option has an example.
"""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given

from helpa import ImageId, SourcePath, SourceUrl, Translation
from helpa_cloudflare.translate import ALIASES, FITS, FORMATS, KNOWN, PLACES
from helpa_cloudflare.translate import translate as raw_translate
from plugins.moving import ID, Moved, examples, page, queries, refusal, sound, words


def translate(path: bytes | str, query: bytes = b"", *, drop_query: bool = False) -> Translation:
    raw = path.encode() if isinstance(path, str) else path
    return raw_translate(raw, query, source="site", drop_query=drop_query)


BOX = {"w": "200", "h": "100"}
SHRUNK = {"fit": "cover", "enlarge": "0"}

EXAMPLES: list[tuple[str, dict[str, str]]] = [
    # transform-via-url: the first example, the recommended sizes, an absolute URL
    ("width=80,quality=75", {"w": "80", "q": "75"}),
    ("fit=scale-down,width=1920", {"w": "1920"}),
    ("width=100", {"w": "100"}),
    # features: each option's example, names in full and abbreviated
    ("anim=false", {"anim": "0"}),
    ("anim=true", {}),
    ("background=%23f0a", {"bg": "ff00aa"}),
    ("background=red", {"bg": "ff0000"}),
    ("background=rgb%28240%2C40%2C145%29", {"bg": "f02891"}),
    ("background=rgba%28240%2040%20145%20%2F%2050%25%29", {"bg": "f0289180"}),
    ("blur=50", {"blur": "25"}),
    ("blur=50,dpr=2", {"blur": "12.5", "dpr": "2"}),
    ("brightness=0.5", {"bri": "-50"}),
    ("brightness=0", {}),
    ("compression=fast", {}),
    ("contrast=1.5", {"con": "50"}),
    ("dpr=1", {"dpr": "1"}),
    ("fit=pad", {}),
    ("w=200,h=100,fit=contain", {**BOX, "enlarge": "1"}),
    ("w=200,h=100,fit=cover", {**BOX, "fit": "cover", "enlarge": "1"}),
    ("w=200,h=100,fit=crop", {**BOX, **SHRUNK}),
    ("w=200,h=100,fit=aspect-crop", {**BOX, **SHRUNK}),
    ("w=200,h=100,fit=squeeze", {**BOX, "fit": "fill", "enlarge": "1"}),
    ("w=200,h=100,fit=pad", {**BOX, "fit": "contain", "enlarge": "1", "bg": "ffffff"}),
    (
        "w=200,h=100,fit=pad,background=black",
        {**BOX, "fit": "contain", "enlarge": "1", "bg": "000000"},
    ),
    ("f=auto", {"fmt": "auto"}),
    ("format=avif", {"fmt": "avif"}),
    ("f=webp,q=100", {"fmt": "webp", "lossless": "1"}),
    ("format=jpeg", {"fmt": "jpg", "progressive": "1"}),
    ("format=baseline-jpeg", {"fmt": "jpg", "progressive": "0"}),
    ("format=json", {"fmt": "json"}),
    ("gamma=0.5", {"gam": "0.5"}),
    ("gamma=0", {}),
    ("w=200,h=100,fit=cover,gravity=auto", {**BOX, "fit": "cover", "enlarge": "1", "g": "smart"}),
    ("w=200,h=100,fit=cover,g=left", {**BOX, "fit": "cover", "enlarge": "1", "g": "left"}),
    ("w=200,h=100,fit=crop,g=0x1", {**BOX, **SHRUNK, "fp": "0,1"}),
    ("w=200,h=100,fit=crop,g=0.5x0.33", {**BOX, **SHRUNK, "fp": "0.5,0.33"}),
    ("w=200,h=100,fit=crop,gravity=face,zoom=0", {**BOX, **SHRUNK, "g": "face"}),
    ("w=200,g=top", {"w": "200"}),
    ("height=250", {"h": "250"}),
    ("metadata=none", {}),
    ("metadata=copyright", {"meta": "copyright"}),
    ("onerror=redirect,w=9", {"w": "9"}),
    ("quality=low", {"q": "low"}),
    ("q=medium-high", {"q": "high"}),
    ("scq=50,w=9", {"w": "9"}),
    ("rotate=90", {"rot": "90"}),
    ("flip=hv", {"flip": "hv"}),
    # "flipped horizontally, then rotated by 90 degrees"
    ("flip=h,rotate=90", {"rot": "270", "flip": "h"}),
    ("saturation=0", {"sat": "-100"}),
    ("saturation=2.0", {"sat": "100"}),
    ("sharpen=2", {"sharp": "2"}),
    ("trim.width=678,trim.height=678,trim.left=30,trim.top=40", {"rect": "30,40,678,678"}),
    ("trim=0;0;0;0", {}),
    ("trim=border", {"trim": "10"}),
    ("trim=border,trim.border.tolerance=30,trim.border.color=%23fff", {"trim": "30,ffffff"}),
    ("border.width=5,border.color=red", {"border": "5,ff0000"}),
    ("upscale=interpolate,w=9", {"w": "9"}),
]


@pytest.mark.parametrize(("options", "params"), EXAMPLES, ids=[each for each, _ in EXAMPLES])
def test_options_become_parameters(options: str, params: dict[str, str]) -> None:
    assert translate(f"{options}/uploads/avatar1.jpg").params == params


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("width=80/uploads/avatar1.jpg", SourcePath("site", "uploads/avatar1.jpg")),
        ("w=8//uploads/a%20b.jpg", SourcePath("site", "uploads/a b.jpg")),
        (
            "width=100/https://s3.example.com/bucket/image.png",
            SourceUrl("https://s3.example.com/bucket/image.png"),
        ),
        ("w=1/https:/s3.example.com/image.png", SourceUrl("https://s3.example.com/image.png")),
        ("w=1/http%3A%2F%2Fs3.example.com%2Fa.png", SourceUrl("http://s3.example.com/a.png")),
        (f"w=1/{ID}", ImageId(ID)),
    ],
)
def test_a_source_is_a_path_a_url_or_an_id(path: str, subject: object) -> None:
    assert translate(path).subject == subject


REFUSED: list[tuple[str, str, str]] = [
    ("width=auto", "width", "reads no client hints"),
    ("widht=3", "widht", "Did you mean width?"),
    ("w=3,width=4", "width", "given twice (it was given as w before)"),
    ("w=0", "w", "a whole number of 1–99999"),
    ("fit=scale-up", "fit", "Did you mean scale-down?"),
    ("gravity=topleft", "gravity", "XxY of 0–1"),
    ("gravity=2x0", "gravity", "a number of 0–1"),
    ("zoom=0.1,gravity=face", "zoom", "does not zoom"),
    ("quality=best", "quality", "medium-high"),
    ("f=png", "f", "one of auto, avif, webp"),
    ("brightness=3", "brightness", "a number of 0–2"),
    ("rotate=45", "rotate", "one of 0, 90, 180, 270"),
    ("trim=20;30;20;0", "trim", "by place and size"),
    ("trim.left=3", "trim.left", "by place and size"),
    ("trim.border.color=red", "trim.border.color", "trim=border"),
    ("border=5", "border", "border.width"),
    ("border.top=5", "border.top", "border.width"),
    ("metadata=keep", "metadata", "no metadata but the copyright"),
    ("segment=foreground", "segment", "background"),
    ("upscale=generate", "upscale", "invents no pixels"),
    ("background=rgb(1%2C2)", "background", "a CSS colour"),
]


@pytest.mark.parametrize(("options", "field", "said"), REFUSED, ids=[each for each, *_ in REFUSED])
def test_what_cannot_be_mapped_says_so(options: str, field: str, said: str) -> None:
    error = refusal(lambda: translate(f"{options}/a.png"))
    assert (error.status, error.field) == (400, field)
    assert said in f"{error.detail} {error.allowed}"


def test_a_path_without_options_or_source_is_refused() -> None:
    for path in ("", "a.png", "/a.png", "w=3", "w=3/", "utm_source=x/a.png"):
        assert refusal(partial(translate, path)).status == 400


def test_the_query_is_the_pictures_and_only_dropped_where_the_settings_say_so() -> None:
    error = refusal(lambda: translate("w=3/a.png", b"v=2"))
    assert (error.field, error.given) == ("source", "?v=2")
    assert translate("w=3/a.png", b"v=2", drop_query=True).subject == SourcePath("site", "a.png")
    assert translate("w=3/a.png", b"utm_source=mail").subject == SourcePath("site", "a.png")


@given(queries([*KNOWN, *ALIASES, "wdith"], ","), queries(["v"]))
def test_any_bytes_are_translated_or_refused(options: bytes, query: bytes) -> None:
    sound(lambda: translate(options + b"/a.png", query))


def test_the_page_names_every_option_and_its_examples_are_true() -> None:
    text = page("cloudflare")
    shown = words(text)
    named = {*KNOWN, *ALIASES, *PLACES}
    assert not {name for name in named if name not in shown}
    assert not {f"fit={fit}" for fit in FITS} - shown
    assert all(re_named in text for re_named in FORMATS)
    found = examples(text, "/cdn-cgi/image/")
    assert len(found) == 3
    for each in found:
        assert translate(each).params


def test_its_urls_are_the_renditions_of_ours(migrated: Moved) -> None:
    image = migrated.image
    for options, own in (
        ("width=80,quality=75", "w=80&q=75"),
        ("w=200,h=100,fit=cover,g=0.5x0.2,f=webp", "w=200&h=100&fit=cover&fp=0.5,0.2&fmt=webp"),
        ("w=200,h=200,fit=pad,background=%23123456", "w=200&h=200&fit=contain&bg=123456"),
        ("w=900,h=900,fit=aspect-crop", "ar=1:1"),
        ("w=90,h=60,fit=crop,g=left", "w=90&h=60&fit=cover&g=left"),
        ("rotate=90,f=baseline-jpeg", "rot=90&fmt=jpg&progressive=0"),
        ("trim.width=50,trim.height=40,trim.left=3,trim.top=4", "rect=3,4,50,40"),
    ):
        migrated.same(f"/cdn-cgi/image/{options}/{image}", f"/img/{image}?{own}")
    url = migrated.url("a%20b/%C3%BC.png")
    for source in ("a%20b/%C3%BC.png", url, "/a%20b/%C3%BC.png"):
        migrated.same(f"/cdn-cgi/image/w=80/{source}", "/img/shop/a%20b/%C3%BC.png?w=80")


def test_flipping_comes_before_turning(migrated: Moved) -> None:
    """Turned by 90 degrees, what is mirrored left to right first is mirrored top to bottom."""
    foreign = f"/cdn-cgi/image/flip=h,rotate=90,w=40/{migrated.image}"
    after = migrated.server.get(f"/img/{migrated.image}?rot=270&flip=h&w=40")
    assert migrated.server.get(foreign).content == after.content


def test_problems_speak_of_its_options(migrated: Moved) -> None:
    problem = migrated.problem(f"/cdn-cgi/image/width=99999/{migrated.image}")
    assert (problem["field"], problem["given"], problem["parameter"]) == ("width", "99999", "w")
    assert migrated.problem(f"/cdn-cgi/image/fti=cover/{migrated.image}")["nearest"] == "fit"
    assert migrated.problem("/cdn-cgi/image/w=8/none.png", 404)["title"] == "Not found"
    migrated.problem("/cdn-cgi/image/w=8/https://elsewhere.example/a.png", 404)
