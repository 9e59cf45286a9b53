"""The plugin ``weserv``: /weserv/?url=….

Facts are those of images.weserv.nl/docs/ (github.com/weserv/docs), whose example URLs stand here,
and of the order of work in github.com/weserv/images.
"""

from __future__ import annotations

import pytest
from hypothesis import given

from helpa import ImageId, SourcePath, SourceUrl, Translation
from helpa_weserv.translate import translate as raw_translate
from helpa_weserv.words import ALIASES, FITS, FORMATS, KNOWN
from plugins.moving import ID, Moved, examples, page, queries, refusal, sound, words


def translate(
    query: bytes | str, path: bytes = b"", *, drop_query: bool = False, source: str | None = "site"
) -> Translation:
    raw = query.encode() if isinstance(query, str) else query
    return raw_translate(path, raw, source=source, drop_query=drop_query)


FIRST = {"anim": "0"}
"""weserv shows one frame unless told."""

SQUARE = {"w": "300", "h": "300", "enlarge": "1", **FIRST}
WIDE = {"w": "300", "enlarge": "1", **FIRST}

EXAMPLES: list[tuple[str, dict[str, str]]] = [
    # docs/size
    ("w=300", WIDE),
    ("h=300", {"h": "300", "enlarge": "1", **FIRST}),
    ("h=144&dpr=2", {"h": "144", "enlarge": "1", "dpr": "2", **FIRST}),
    # docs/fit
    ("w=300&h=300&fit=inside", {**SQUARE, "fit": "inside"}),
    ("w=300&h=300&fit=outside", {**SQUARE, "fit": "outside"}),
    ("w=300&h=300&fit=cover", {**SQUARE, "fit": "cover"}),
    ("w=300&h=300&fit=fill", {**SQUARE, "fit": "fill"}),
    ("w=300&h=300&fit=contain&cbg=black", {**SQUARE, "fit": "contain", "bg": "000000"}),
    ("w=300&h=300&fit=inside&we", {"w": "300", "h": "300", "fit": "inside", **FIRST}),
    ("w=300&h=300&fit=outside&we", {"w": "300", "h": "300", "fit": "outside", **FIRST}),
    ("w=300&h=300&fit=contain&we", {"w": "300", "h": "300", "fit": "contain", **FIRST}),
    ("w=300&h=300&fit=cover&we", {**SQUARE, "fit": "cover", "enlarge": "0"}),
    ("w=300&h=300&fit=fill&we", {**SQUARE, "fit": "fill", "enlarge": "0"}),
    # docs/crop
    ("w=300&h=300&fit=cover&a=top", {**SQUARE, "fit": "cover", "g": "top"}),
    (
        "w=300&h=300&fit=cover&a=focal&fpy=0.45",
        {**SQUARE, "fit": "cover", "fp": "0.5,0.45"},
    ),
    ("w=300&h=300&fit=cover&a=attention", {**SQUARE, "fit": "cover", "g": "smart"}),
    ("cx=680&cy=500&cw=300&ch=300", {"rect": "680,500,300,300", **FIRST}),
    ("cx=10%25&cw=50%25&w=300&precrop", {**WIDE, "rect": "10p,0,50p,100p"}),
    ("cx=10%25", {"rect": "10p,0,90p,100p", **FIRST}),
    ("w=300&trim=10", {**WIDE, "trim": "10"}),
    ("trim", {"trim": "10", **FIRST}),
    # docs/mask
    (
        "w=300&h=300&fit=cover&mask=circle&mbg=red&mtrim",
        {**SQUARE, "fit": "cover", "radius": "max", "bg": "ff0000"},
    ),
    # docs/orientation
    ("h=300&flip", {"h": "300", "enlarge": "1", "flip": "v", **FIRST}),
    ("h=300&flop", {"h": "300", "enlarge": "1", "flip": "h", **FIRST}),
    ("h=300&ro=45&rbg=red", {"h": "300", "enlarge": "1", "rot": "45", "bg": "ff0000", **FIRST}),
    ("ro=-450", {"rot": "270", **FIRST}),
    ("ro", FIRST),
    # docs/adjustment
    ("w=400&bg=black", {"w": "400", "enlarge": "1", "bg": "000000", **FIRST}),
    ("bg=55CCCCCC", {"bg": "cccccc55", **FIRST}),
    ("w=300&blur=5", {**WIDE, "blur": "5"}),
    ("w=300&blur=5&dpr=2", {**WIDE, "blur": "2.5", "dpr": "2"}),
    ("w=300&con=25", {**WIDE, "con": "25"}),
    (
        "w=300&h=300&fit=cover&a=focal&fpx=0.6&filt=greyscale",
        {**SQUARE, "fit": "cover", "fp": "0.6,0.5", "gray": "1"},
    ),
    ("filt=sepia", {"sepia": "100", **FIRST}),
    ("filt=negate", {"invert": "1", **FIRST}),
    ("w=300&gam=3", {**WIDE, "gam": "0.333333"}),
    ("w=300&mod=2", {**WIDE, "bri": "100"}),
    ("mod=1.2,0.5,90", {"bri": "20", "sat": "-50", "hue": "90", **FIRST}),
    ("w=300&sat=0.5", {**WIDE, "sat": "-50"}),
    ("w=300&hue=90", {**WIDE, "hue": "90"}),
    ("hue=-30", {"hue": "330", **FIRST}),
    ("w=300&sharp=3", {**WIDE, "sharp": "3"}),
    ("sharp", {"sharp": "1", **FIRST}),
    ("w=300&tint=red", {**WIDE, "tint": "ff0000"}),
    # docs/format
    ("w=100&maxage=31d", {"w": "100", "enlarge": "1", **FIRST}),
    ("w=300&il", {**WIDE, "progressive": "1"}),
    ("h=300&output=gif&n=-1", {"h": "300", "enlarge": "1", "fmt": "gif"}),
    ("w=300&output=webp", {**WIDE, "fmt": "webp"}),
    ("w=300&q=20", {**WIDE, "q": "20"}),
    ("output=json", {"fmt": "json", **FIRST}),
    ("page=2", {"page": "2"}),
    ("output=webp&ll", {"fmt": "webp", "lossless": "1", **FIRST}),
    ("l=9&af&filename=image", FIRST),
    # earlier versions
    ("w=300&h=300&t=squaredown", {**SQUARE, "fit": "cover", "enlarge": "0"}),
    ("crop=100,200,720,530", {"rect": "720,530,100,200", **FIRST}),
    ("w=300&h=300&t=square&a=crop-25-45", {**SQUARE, "fit": "cover", "fp": "0.25,0.45"}),
]


@pytest.mark.parametrize(("query", "params"), EXAMPLES, ids=[each for each, _ in EXAMPLES])
def test_options_become_parameters(query: str, params: dict[str, str]) -> None:
    assert translate(f"url=images.weserv.nl/lichtenstein.jpg&{query}").params == params


@pytest.mark.parametrize(
    ("url", "subject"),
    [
        ("images.weserv.nl/a.jpg", SourceUrl("http://images.weserv.nl/a.jpg")),
        ("//images.weserv.nl/a.jpg", SourceUrl("http://images.weserv.nl/a.jpg")),
        ("ssl:images.weserv.nl/a.jpg", SourceUrl("https://images.weserv.nl/a.jpg")),
        ("https://images.weserv.nl/a.jpg", SourceUrl("https://images.weserv.nl/a.jpg")),
        ("https%3A%2F%2Fa.example%2Fb%2520c.jpg", SourceUrl("https://a.example/b%20c.jpg")),
        ("/a%20b.jpg", SourcePath("site", "a b.jpg")),
        (ID, ImageId(ID)),
    ],
)
def test_url_is_a_url_with_or_without_scheme_a_path_or_an_id(url: str, subject: object) -> None:
    assert translate(f"url={url}").subject == subject


REFUSED: list[tuple[str, str, str]] = [
    ("w=50%25", "w", "sizes are pixels"),
    ("wdith=3", "wdith", "Did you mean width?"),
    ("w=3&width=4", "width", "given twice (it was given as w before)"),
    ("fit=conatin", "fit", "Did you mean contain?"),
    ("a=topp", "a", "Did you mean top?"),
    ("w=300&cx=680&cy=500&cw=300&ch=300", "cx", "precrop beside it"),
    ("cx=5", "cx", "cx, cy, cw and ch together"),
    ("trim=300", "trim", "a whole number of 1–254"),
    ("mask=heart", "mask", "circles and rounded corners"),
    ("mask=hart", "mask", "Did you mean heart?"),
    ("w=300&h=900&fit=cover&mask=circle", "mask", "only where the answer is square"),
    ("filt=duotone", "filt", "no duotone"),
    ("start=red", "start", "no duotone"),
    ("sharp=1,2,3", "sharp", "flat and jagged areas alike"),
    ("sat=3", "sat", "a number of 0–2"),
    ("bg=reddish", "bg", "alpha first"),
    ("w=3&h=4&fit=contain&bg=red&cbg=blue", "cbg", "bg has set bg to ff0000 already"),
    ("con=5&mod=1.2&bri=10", "mod", "bri has set bri"),
    ("sat=1&mod=1,1", "mod", "sat is given beside it"),
    ("output=tiff", "output", "no TIFF"),
    ("n=3", "n", "one frame or all"),
    ("page=-1", "page", "counted from 0"),
    ("encoding=base64", "encoding", "not with data URLs"),
    ("default=ssl:example.org/noimage.jpg", "default", "instead of one that is not there"),
    ("maxage=soon", "maxage", "31d"),
    ("loop=3", "loop", "as often as the upload"),
]


@pytest.mark.parametrize(("query", "field", "said"), REFUSED, ids=[each for each, *_ in REFUSED])
def test_what_cannot_be_mapped_says_so(query: str, field: str, said: str) -> None:
    error = refusal(lambda: translate(f"url=example.org/a.jpg&{query}"))
    assert (error.status, error.field) == (400, field)
    assert said in f"{error.detail} {error.allowed}"


def test_a_picture_is_named_and_named_whole() -> None:
    assert refusal(lambda: translate("w=3")).field == "url"
    assert refusal(lambda: translate("url=/a.png", source=None)).field == "url"
    assert refusal(lambda: translate(f"url={ID}", b"more")).status == 404
    asked = "url=example.org/a.jpg%3Fv=2"
    assert refusal(lambda: translate(asked)).given == "?v=2"
    found = translate(asked, drop_query=True).subject
    assert found == SourceUrl("http://example.org/a.jpg")


@given(queries([*KNOWN, *ALIASES, "wdith"]), queries(["url"]))
def test_any_bytes_are_translated_or_refused(query: bytes, url: bytes) -> None:
    sound(lambda: translate(query + b"&url=a.example/b.png"))
    sound(lambda: translate(url))


def test_the_page_names_every_option_and_its_examples_are_true() -> None:
    text = page("weserv")
    shown = words(text)
    missing = {name for name in (*KNOWN, *ALIASES, *FITS) if name not in shown}
    assert not missing
    assert all(form in text for form in FORMATS if form not in ("av1", "tif"))
    found = examples(text, "/weserv/?")
    assert len(found) == 3
    for each in found:
        assert translate(each).params


def test_its_urls_are_the_renditions_of_ours(migrated: Moved) -> None:
    image = migrated.image
    for query, own in (
        ("w=80&q=75", "w=80&q=75"),
        ("w=200&h=100&fit=cover&a=bottom&output=webp", "w=200&h=100&fit=cover&g=bottom&fmt=webp"),
        ("w=900&we", "w=900"),
        ("w=900", "w=900&enlarge=1"),
        ("w=900&h=900&fit=cover&we", "ar=1:1"),
        ("w=90&h=60&t=squaredown", "w=90&h=60&fit=cover"),
        ("w=200&h=200&fit=contain&cbg=123456", "w=200&h=200&fit=contain&bg=123456"),
        ("ro=90&flop&output=png", "rot=90&flip=h&fmt=png"),
        ("cx=3&cy=4&cw=50&ch=40&n=-1", "rect=3,4,50,40"),
    ):
        migrated.same(f"/weserv/?url={image}&{query}", f"/img/{image}?{own}")
    host = migrated.url("a%2520b/%25C3%25BC.png")
    for url in (host, host.removeprefix("http://"), "/a%20b/%C3%BC.png"):
        migrated.same(f"/weserv/?url={url}&w=80", "/img/shop/a%20b/%C3%BC.png?w=80")


def test_problems_speak_of_its_options(migrated: Moved) -> None:
    problem = migrated.problem(f"/weserv/?url={migrated.image}&width=99999")
    assert (problem["field"], problem["given"], problem["parameter"]) == ("width", "99999", "w")
    assert migrated.problem(f"/weserv/?url={migrated.image}&fti=cover")["nearest"] == "fit"
    migrated.problem("/weserv/?url=elsewhere.example/a.png&w=8", 404)
    migrated.problem("/weserv/", 400)
