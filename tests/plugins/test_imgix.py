"""The plugin ``imgix``: /imgix/<path>?….

Facts are those of docs.imgix.com/apis/rendering (a page for each parameter, named above its
examples), of github.com/imgix/imgix-url-params (ranges and other names) and, for signatures, of the
tests of imgix's own libraries (github.com/imgix/imgix-python, tests/test_url_builder.py).
"""

from __future__ import annotations

import base64
from functools import partial

import pytest
from hypothesis import given

from helpa import ImageId, RequestError, SourcePath, SourceUrl, Translation
from helpa_imgix.geometry import CROPS, FITS, UNMAPPED_FITS
from helpa_imgix.output import FORMATS
from helpa_imgix.translate import signature
from helpa_imgix.translate import translate as raw_translate
from helpa_imgix.words import ALIASES, BASE64, KNOWN
from pictures import png
from plugins.moving import (
    ID,
    TOKEN,
    Moved,
    examples,
    outcome,
    page,
    queries,
    refusal,
    sound,
    words,
)
from serving import Server


def translate(
    query: bytes | str,
    path: bytes = b"users/1.png",
    *,
    token: str | None = None,
    source: str | None = "site",
    drop_query: bool = False,
) -> Translation:
    raw = query.encode() if isinstance(query, str) else query
    return raw_translate(path, raw, source=source, token=token, drop_query=drop_query)


BOX = {"w": "200", "h": "100"}
CROP = {**BOX, "fit": "cover", "enlarge": "1"}

EXAMPLES: list[tuple[str, dict[str, str]]] = [
    # size: w, h, fit, ar, max-w, crop, rect
    ("w=400&h=300", {"w": "400", "h": "300", "enlarge": "1"}),
    ("fit=clip&w=100&h=100", {"w": "100", "h": "100", "enlarge": "1"}),
    ("fit=max&w=100", {"w": "100"}),
    ("fit=crop&w=200&h=100", CROP),
    ("fit=min&w=200&h=100", {**BOX, "fit": "cover", "enlarge": "0"}),
    ("fit=scale&w=200&h=100", {**BOX, "fit": "fill", "enlarge": "1"}),
    (
        "fit=fill&fill=solid&fill-color=orange&w=200&h=100",
        {**BOX, "fit": "contain", "enlarge": "1", "bg": "ffa500"},
    ),
    ("fit=fillmax&w=200&h=100", {**BOX, "fit": "contain", "bg": "ffffff"}),
    ("ar=9:1&fit=crop", {"ar": "9:1", "fit": "cover", "enlarge": "1"}),
    ("ar=0.85:1&fit=crop", {"ar": "0.85:1", "fit": "cover", "enlarge": "1"}),
    ("w=280&ar=2:1&fit=crop", {"w": "280", "ar": "2:1", "fit": "cover", "enlarge": "1"}),
    ("w=280&ar=2:1", {"w": "280", "enlarge": "1"}),
    ("w=200&h=100&ar=2:1&fit=crop", CROP),
    ("fit=crop&w=500&h=100&max-w=200", CROP),
    ("fit=crop&w=20&h=100&min-w=200", CROP),
    ("h=100&max-w=200", {"h": "100", "enlarge": "1"}),
    ("fit=crop&w=200&h=100&crop=top,left", {**CROP, "g": "top-left"}),
    ("fit=crop&w=200&h=100&crop=left,bottom", {**CROP, "g": "bottom-left"}),
    ("fit=crop&w=200&h=100&crop=faces,top,right", {**CROP, "g": "face"}),
    ("fit=crop&w=200&h=100&crop=entropy", {**CROP, "g": "entropy"}),
    ("fit=crop&w=200&h=100&crop=edges", {**CROP, "g": "smart"}),
    (
        "fit=crop&w=200&h=100&crop=focalpoint&fp-x=.825&fp-y=.35",
        {**CROP, "fp": "0.825,0.35"},
    ),
    ("w=9&crop=top", {"w": "9", "enlarge": "1"}),
    ("rect=10,20,300,400", {"rect": "10,20,300,400"}),
    ("rect=0.25,0.5,0.5,0.5", {"rect": "25p,50p,50p,50p"}),
    ("rect=left,top,300,400", {"rect": "0,0,300,400"}),
    ("rect=center,middle,0.5,0.3", {"rect": "25p,35p,50p,30p"}),
    ("rect=right,bottom,0.5,0.3", {"rect": "50p,70p,50p,30p"}),
    ("rect=0,0,full,full", {"rect": "0,0,100p,100p"}),
    ("dpr=2&w=100", {"dpr": "2", "w": "100", "enlarge": "1"}),
    # rotation: orient's values, and what rot turns
    ("or=90", {"rot": "90"}),
    ("orient=2", {"flip": "h"}),
    ("orient=4", {"flip": "v"}),
    ("orient=5", {"rot": "90", "flip": "h"}),
    ("orient=8", {"rot": "270"}),
    ("orient=1", {}),
    ("rot=90", {"rot": "270"}),
    ("rot=180", {"rot": "180"}),
    ("rot=90&or=90", {}),
    ("flip=hv", {"flip": "hv"}),
    ("or=90&flip=h", {"rot": "90", "flip": "h"}),
    # border and padding
    ("pad=10", {"pad": "10"}),
    ("pad=10&pad-top=20", {"pad": "20,10,10,10"}),
    ("pad=10&w=220&h=120&fit=crop", {"pad": "10", **CROP}),
    ("border=10,FFAE00", {"border": "10,ffae00"}),
    ("border=10,80FFAE00&border-radius=50", {"border": "10,ffae0080", "radius": "50"}),
    # mask
    ("mask=ellipse&fit=crop&w=9&h=9", {"w": "9", "h": "9", "fit": "cover", "enlarge": "1",
                                       "radius": "max"}),
    ("mask=corners&corner-radius=50", {"radius": "50"}),
    ("mask=corners&corner-radius=50,50,0,0&mask-bg=f00", {"radius": "50,50,0,0", "bg": "ff0000"}),
    ("mask=corners&fit=crop&w=200&h=100", {**CROP, "radius": "20"}),
    # fill, trim
    ("bg=80AA00FF", {"bg": "aa00ff80"}),
    ("bg=AA0", {"bg": "aaaa00"}),
    ("trim=color", {"trim": "0"}),
    ("trim=color&trim-color=fff&trim-tol=12.4", {"trim": "12,ffffff"}),
    ("trim=auto", {"trim": "11"}),
    ("trim=auto&trim-md=5", {"trim": "5"}),
    # adjustment, stylize
    ("bri=25&con=-20&sat=-100&hue=90", {"bri": "25", "con": "-20", "sat": "-100", "hue": "90"}),
    ("gam=50", {"gam": "3.162278"}),
    ("gam=-100", {"gam": "0.1"}),
    ("gam=0&bri=0&sharp=0&px=0&blur=0&sepia=0", {}),
    ("invert=true", {"invert": "1"}),
    ("inv=false", {}),
    ("monochrome=7A0099", {"tint": "7a0099"}),
    ("mono=807A0099", {"tint": "7a009980"}),
    ("sepia=80", {"sepia": "80"}),
    ("blur=200", {"blur": "22"}),
    ("sharp=15", {"sharp": "1.5"}),
    ("px=8", {"px": "8"}),
    # format, automatic, palette
    ("fm=pjpg", {"fmt": "jpg", "progressive": "1"}),
    ("fm=png8", {"fmt": "png"}),
    ("fm=webp&lossless=true", {"fmt": "webp", "lossless": "1"}),
    ("fm=json", {"fmt": "json"}),
    ("fm=blurhash&auto=format", {"fmt": "blurhash"}),
    ("palette=json", {"fmt": "palette"}),
    ("palette=css&fm=jpg", {"fmt": "palette"}),
    ("auto=format&fm=jpg", {"fmt": "auto"}),
    ("auto=compress,enhance", {"q": "auto", "normalize": "1"}),
    ("auto=compress&auto=format&q=30", {"q": "30", "fmt": "auto"}),
    ("q=0", {"q": "1"}),
    ("cs=srgb&dpi=72&chromasub=444&ixlib=js-3.0&ixid=abc", {}),
    ("dl=name.jpg", {"dl": "name.jpg"}),
    ("dl", {"dl": "1"}),
    ("page=3", {"page": "2"}),
    ("frame=1", {"page": "0"}),
    # watermark
    (f"mark={ID}", {"wm": ID, "wm_g": "bottom-right", "wm_pad": "5"}),
    (
        f"mark={ID}&mark-align=top,left&mark-alpha=50&mark-scale=30&mark-pad=0&mark-tile=grid",
        {"wm": ID, "wm_g": "top-left", "wm_o": "50", "wm_s": "0.3", "wm_pad": "0", "wm_tile": "1"},
    ),
    (f"m={ID}&ma=middle&mw=0.25", {"wm": ID, "wm_g": "right", "wm_s": "0.25", "wm_pad": "5"}),
    (f"mark={ID}&mark-w=50&w=200&h=100&fit=crop",
     {**CROP, "wm": ID, "wm_g": "bottom-right", "wm_s": "0.25", "wm_pad": "5"}),
    ("mark-align=top", {}),
    # text; the Base64 example is that of docs.imgix.com/apis/url
    (
        "txt64=SGVsbG8sIFdvcmxkIQ",
        {"txt": "Hello, World!", "txt_size": "12", "txt_color": "000000",
         "txt_g": "bottom-right", "txt_pad": "10"},
    ),
    (
        "txt=HELLO+WORLD!&txt-size=62&txt-color=ff2e4357&txt-align=middle,center&txt-bg=fff",
        {"txt": "HELLO WORLD!", "txt_size": "62", "txt_color": "2e4357", "txt_g": "center",
         "txt_pad": "10",
         "txt_bg": "ffffff"},
    ),
    (
        "txt=a&txt-font=Futura+Condensed+Medium&txt-pad=0&txt-width=200",
        {"txt": "a", "txt_size": "12", "txt_color": "000000", "txt_g": "bottom-right",
         "txt_font": "futura-condensed-medium", "txt_pad": "0", "txt_w": "200"},
    ),
    ("txt-size=30", {}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "params"), EXAMPLES, ids=[each for each, _ in EXAMPLES])
def test_options_become_parameters(query: str, params: dict[str, str]) -> None:
    assert translate(query).params == params


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        (b"users/1.png", SourcePath("site", "users/1.png")),
        (b"%C3%BCsers/%E7%B1%B3.png", SourcePath("site", "üsers/米.png")),
        (b"http%3A%2F%2Favatars.com%2Fjohn-smith.png", SourceUrl("http://avatars.com/john-smith.png")),
        (b"https://avatars.com/john%2520smith.png", SourceUrl("https://avatars.com/john%20smith.png")),
        (ID.encode(), ImageId(ID)),
    ],
)  # fmt: skip
def test_a_path_is_of_the_source_a_url_or_an_id(path: bytes, subject: object) -> None:
    assert translate("w=3", path).subject == subject


REFUSED: list[tuple[str, str, str]] = [
    ("w=0.5", "w", "sizes are pixels"),
    ("wdith=3", "wdith", "Did you mean width?"),
    ("w=3&width=4", "width", "given twice (it was given as w before)"),
    ("fit=crp", "fit", "Did you mean crop?"),
    ("fit=clamp&w=3", "fit", "not with stretched edges"),
    ("fit=facearea,fill&w=3", "fit", "does not zoom in on faces"),
    ("fit=fill&fill=blur&w=3", "fill", "one colour"),
    ("fit=crop&h=200&max-w=1200", "max-w", "w beside it"),
    ("fit=crop&w=9&h=9&crop=top,bottom", "crop", "not opposite"),
    ("fit=crop&w=9&h=9&crop=focalpoint&fp-z=2", "fp-z", "does not zoom"),
    ("fit=crop&w=9&h=9&crop=focalpoint&fp-x=2", "fp-x", "a number of 0–1"),
    ("rect=right,bottom,100,100", "rect", "depends on the picture"),
    ("rect=10,0,full,9", "rect", "no room"),
    ("rect=1,2,3", "rect", "x,y,w,h"),
    ("rot=10", "rot", "covers its frame"),
    ("pad=50&w=100", "w", "more than the 100 px"),
    ("mask=ellipse&w=200", "mask", "circles, not ellipses"),
    ("mask=corners", "mask", "corner-radius beside it"),
    ("mask=https://a.example/mask.png", "mask", "circles and rounded corners"),
    ("border=10", "border", "width,colour"),
    ("border-top=10", "border-top", "on every side"),
    ("bg=80AA00F", "bg", "alpha first"),
    ("htn=10", "htn", "no halftone"),
    ("duotone=000,fff", "duotone", "no duotone"),
    ("blend64=Zm9v", "blend64", "blends no second picture"),
    ("exp=10", "exp", "bri, con, gam"),
    ("usm=20", "usm", "sharp"),
    ("fm=mp4", "fm", "does not write it"),
    ("auto=redeye", "auto", "red eyes"),
    ("auto=formt", "auto", "format, compress, enhance"),
    ("cs=adobergb1998", "cs", "sRGB"),
    ("mark=logo.png", "mark", "pictures by id"),
    (f"mark={ID}&mark-x=5", "mark-x", "by side and width"),
    (f"mark={ID}&mark-w=50", "mark-w", "a fraction, as 0.25"),
    (f"mark={ID}&mark-align=up", "mark-align", "one or two of"),
    ("txt=a&txt-fit=max", "txt-fit", "a size, a colour"),
    ("txt64=!", "txt64", "URL-safe Base64"),
    ("txt64=gICA", "txt64", "UTF-8 in URL-safe Base64"),
    ("auto64=Zm9ybWF0", "auto64", "There is no option 'auto64'"),
    ("expires=1538754140", "expires", "helpa sign"),
    ("ch=Width,DPR", "ch", "client hints"),
    ("transparency=grid", "transparency", "no grid"),
]


@pytest.mark.parametrize(("query", "field", "said"), REFUSED, ids=[each for each, *_ in REFUSED])
def test_what_cannot_be_mapped_says_so(query: str, field: str, said: str) -> None:
    error = refusal(lambda: translate(query))
    assert (error.status, error.field) == (400, field)
    assert said in f"{error.detail} {error.allowed}"


def test_what_asks_for_nothing_is_accepted() -> None:
    assert translate("exp=0&vib=0&fp-debug=false&htn=0&usm=0").params == {}


def test_a_path_needs_a_source_and_has_no_query() -> None:
    assert refusal(lambda: translate("", source=None)).field == "path"
    assert refusal(lambda: translate("", b"")).field == "path"
    assert refusal(lambda: translate("", b"%FF")).status == 404
    asked = b"http%3A%2F%2Fa.example%2Fb.png%3Fv%3D2"
    assert refusal(lambda: translate("", asked)).given == "?v=2"
    assert translate("", asked, drop_query=True).subject == SourceUrl("http://a.example/b.png")


def test_every_parameter_but_a_few_has_a_base64_variant() -> None:
    for name in sorted(set(BASE64) - {"txt64", "t64"}):
        plain = name.removesuffix("64")
        for value in ("10", "fff", "true"):
            encoded = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
            expected = outcome(partial(translate, f"{plain}={value}"))
            found = outcome(partial(translate, f"{name}={encoded}"))
            if isinstance(expected, RequestError):
                assert isinstance(found, RequestError), name
                assert (found.given, found.allowed) == (expected.given, expected.allowed)
                assert found.field == name
            else:
                assert isinstance(found, Translation), name
                assert found.params == expected.params


VECTORS = [
    (b"users/1.png", b"", "6797c24146142d5b40bde3141fd3600c"),
    (b"users/1.png", b"h=300&w=400", "1a4e48641614d1109c6a7af51be23d18"),
    (b"http%3A%2F%2Favatars.com%2Fjohn-smith.png", b"", "493a52f008c91416351f8b33d4883135"),
    (
        b"http%3A%2F%2Favatars.com%2Fjohn-smith.png",
        b"h=300&w=400",
        "a201fe1a3caef4944dcb40f6ce99e746",
    ),
]


@pytest.mark.parametrize(("path", "query", "expected"), VECTORS)
def test_signatures_are_those_of_imgix(path: bytes, query: bytes, expected: str) -> None:
    assert signature(path, query, TOKEN) == expected
    signed = b"&".join(filter(None, [query, b"s=" + expected.encode()]))
    found = translate(signed, path, token=TOKEN)
    assert not found.signed
    assert found.params == translate(query, path).params
    wrong = signed.replace(b"s=", b"w=7&s=" if b"w=" not in query else b"q=7&s=")
    assert refusal(lambda: translate(wrong, path, token=TOKEN)).status == 403
    assert refusal(lambda: translate(query + b"&s=%ff", path, token=TOKEN)).status == 403
    assert translate(wrong, path).params  # nobody checks it without a token


@given(queries([*KNOWN, *ALIASES, *BASE64, "wdith"]), queries(["a/b"], "/"))
def test_any_bytes_are_translated_or_refused(query: bytes, path: bytes) -> None:
    for token in (None, TOKEN):
        sound(partial(translate, query, path, token=token))


def test_the_page_names_every_option_and_its_examples_are_true() -> None:
    text = page("imgix")
    shown = words(text)
    missing = {name for name in (*KNOWN, *ALIASES) if name not in shown}
    assert not missing
    assert all(f"fit={fit}" in shown for fit in (*FITS, *UNMAPPED_FITS))
    assert all(form in text for form in (*FORMATS, *CROPS) if form not in ("jpeg", "center"))
    found = examples(text, "/imgix/")
    assert len(found) == 3
    for each in found:
        path, _, query = each.partition("?")
        assert translate(query, path.encode()).params


def test_its_urls_are_the_renditions_of_ours(migrated: Moved) -> None:
    image = migrated.image
    for query, own in (
        ("w=80&q=75", "w=80&q=75"),
        ("w=900", "w=900&enlarge=1"),
        ("w=900&fit=max", "w=900"),
        ("w=900&h=900&fit=min", "ar=1:1"),
        ("w=90&h=60&fit=min", "w=90&h=60&fit=cover"),
        ("w=200&h=100&fit=crop&crop=bottom&fm=webp", "w=200&h=100&fit=cover&g=bottom&fmt=webp"),
        ("w=90&ar=1:1&fit=crop&crop=focalpoint&fp-x=.2", "w=90&ar=1:1&fit=cover&fp=0.2,0.5"),
        ("w=200&h=200&fit=fill&bg=123456", "w=200&h=200&fit=contain&bg=123456"),
        ("or=90&fm=pjpg", "rot=90&fmt=jpg&progressive=1"),
        ("rect=3,4,50,40&ixlib=js-1", "rect=3,4,50,40"),
        ("pad=10&w=100&fm=png", "pad=10&w=80&fmt=png"),
    ):
        migrated.same(f"/imgix/{image}?{query}", f"/img/{image}?{own}")
    url = migrated.url("a%20b/%C3%BC.png")
    for path in (
        "a%20b/%C3%BC.png",
        url.replace("%", "%25"),
        url.replace("%", "%25").replace("/", "%2F"),
    ):
        migrated.same(f"/imgix/{path}?w=80", "/img/shop/a%20b/%C3%BC.png?w=80")


def test_problems_speak_of_its_options(migrated: Moved) -> None:
    problem = migrated.problem(f"/imgix/{migrated.image}?width=99999")
    assert (problem["field"], problem["given"], problem["parameter"]) == ("width", "99999", "w")
    assert migrated.problem(f"/imgix/{migrated.image}?fti=crop")["nearest"] == "fit"
    migrated.problem("/imgix/none.png?w=8", 404)


def test_a_signature_opens_nothing_and_a_wrong_one_is_refused(migrated: Moved) -> None:
    hidden = migrated.server.upload(migrated.server.get(f"/img/{migrated.image}?fmt=png").content,
                                    visibility="signed")["id"]  # fmt: skip
    right = signature(hidden.encode(), b"w=9", TOKEN)
    migrated.problem(f"/imgix/{hidden}?w=9&s={right}", 404)
    right = signature(migrated.image.encode(), b"w=9", TOKEN)
    migrated.same(f"/imgix/{migrated.image}?w=9&s={right}", f"/img/{migrated.image}?w=9")
    problem = migrated.problem(f"/imgix/{migrated.image}?w=10&s={right}", 403)
    assert problem["field"] == "s"


def test_dialects_are_off_until_they_are_enabled(server: Server) -> None:
    image = server.upload(png())["id"]
    for path in (f"/imgix/{image}?w=9", f"/cdn-cgi/image/w=9/{image}", f"/weserv/?url={image}"):
        assert server.get(path).status_code == 404
