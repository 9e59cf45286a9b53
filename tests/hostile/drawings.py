"""Malicious SVG: what eats time and memory, what tries to load, what is no number."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator

from hostile.cases import Case
from pictures import declared_png

XMLNS = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"


def svg(inside: str, size: str = "width='80' height='60'", before: str = "") -> bytes:
    """Return a drawing."""
    return f"{before}<svg {XMLNS} {size}>{inside}</svg>".encode()


def _costly() -> Iterator[tuple[str, bytes]]:
    for depth in (200, 5_000, 300_000):
        yield f"{depth} groups deep", svg("<g>" * depth + "<rect/>" + "</g>" * depth)
        yield f"{depth} drawings deep", svg(f"<svg {XMLNS}>" * depth + "</svg>" * depth)
    yield "200,000 rectangles", svg("<rect x='1' width='9' height='9'/>" * 200_000)
    yield "100,000 attributes", svg("<rect " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>")
    uses = "<g id='u0'><rect width='9' height='9'/></g>"
    for level in range(1, 12):
        uses += f"<g id='u{level}'>" + f"<use xlink:href='#u{level - 1}'/>" * 10 + "</g>"
    yield "a bomb of uses", svg(f"<defs>{uses}</defs><use xlink:href='#u11'/>")
    patterns = "<pattern id='p0' width='1' height='1'><rect width='1' height='1'/></pattern>"
    for level in range(1, 9):
        patterns += (
            f"<pattern id='p{level}' width='.001' height='.001'>"
            f"<rect width='999' height='999' fill='url(#p{level - 1})'/></pattern>"
        )
    yield "patterns of patterns", svg(patterns + "<rect width='80' height='60' fill='url(#p8)'/>")
    region = "x='-9999999%' y='-9999999%' width='99999999%' height='99999999%'"
    shape = "<rect width='80' height='60' filter='url(#f)'/>"
    for name, primitive in {
        "blur": "<feGaussianBlur stdDeviation='999999'/>",
        "turbulence": "<feTurbulence baseFrequency='9' numOctaves='2147483647'/>",
        "morphology": "<feMorphology operator='dilate' radius='99999'/>",
        "convolution": "<feConvolveMatrix order='999' kernelMatrix='" + "1 " * 998001 + "'/>",
        "tile": "<feTile/><feTile/><feTile/>",
        "light": "<feDiffuseLighting><fePointLight/></feDiffuseLighting>" * 200,
        "500 blurs": "<feGaussianBlur stdDeviation='500'/>" * 500,
    }.items():
        yield f"a giant {name}", svg(f"<filter id='f' {region}>{primitive}</filter>{shape}")
    dashes = "<path d='M0 0H99999999' stroke='red' stroke-width='9' stroke-dasharray='.0001'/>"
    yield "a billion dashes", svg(dashes)
    yield "a million points", svg("<path d='M0 0 " + "L9 9 0 0" * 500_000 + "'/>")
    markers = "<marker id='m'><rect width='9' height='9'/></marker>"
    path = "M0 0 " + "L9 9 " * 200_000
    yield "a marker on 200,000 points", svg(f"{markers}<path d='{path}' marker-mid='url(#m)'/>")
    yield "enormous text", svg("<text font-size='1e9' y='50'>M</text>" * 50)
    yield "much text", svg(f"<text y='50' font-size='9'>{'M' * 500_000}</text>")
    yield "long style", svg(f"<style>{'a b c > d { fill: red }' * 50_000}</style><rect/>")
    masks = "".join(
        f"<mask id='m{n}' mask='url(#m{n + 1})'><rect width='9' height='9'/></mask>"
        for n in range(2000)
    )
    yield "a chain of masks", svg(f"{masks}<rect width='9' height='9' mask='url(#m0)'/>")


def _loops() -> Iterator[tuple[str, bytes]]:
    yield "a use of itself", svg("<use id='a' xlink:href='#a'/>")
    yield (
        "uses in a ring",
        svg("<g id='a'><use xlink:href='#b'/></g><g id='b'><use xlink:href='#a'/></g>"),
    )
    fill = "<rect width='80' height='60' fill='url(#p)'/>"
    yield "a pattern of itself", svg(f"<pattern id='p' width='9' height='9'>{fill}</pattern>{fill}")
    yield "a gradient of itself", svg(f"<linearGradient id='p' xlink:href='#p'/>{fill}")
    yield (
        "a mask of itself",
        svg("<mask id='m' mask='url(#m)'><rect mask='url(#m)'/></mask><rect mask='url(#m)'/>"),
    )
    yield (
        "a clip of itself",
        svg("<clipPath id='c' clip-path='url(#c)'><rect/></clipPath><rect clip-path='url(#c)'/>"),
    )
    yield (
        "a filter that draws itself",
        svg(
            "<filter id='f'><feImage xlink:href='#r'/></filter><rect id='r' width='9' height='9' filter='url(#f)'/>"
        ),
    )
    yield (
        "a marker of itself",
        svg(
            "<marker id='m'><path d='M0 0L9 9' marker-end='url(#m)'/></marker><path d='M0 0L9 9' marker-end='url(#m)'/>"
        ),
    )


def _sizes() -> Iterator[tuple[str, bytes]]:
    rect = "<rect width='100%' height='100%'/>"
    for size in ("65535", "2147483648", "1e9", "1e308", "0", "-5", "NaN", "inf", "1e-9", "9e99999",
                 "100%", "1000000%", "99999in", "", "0.4"):  # fmt: skip
        yield f"sides of {size}", svg(rect, f"width='{size}' height='{size}'")
        yield f"a view of {size}", svg(rect, f"viewBox='0 0 {size} {size}'")
    yield "a view of nothing", svg(rect, "width='50' height='50' viewBox='0 0 0 0'")
    yield "a long strip", svg(rect, "width='32767' height='1'")
    yield "a longer strip", svg(rect, "width='1' height='9000000'")


def _entities() -> Iterator[tuple[str, bytes]]:
    laughs = "<!ENTITY l0 'ha'>" + "".join(
        f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 11)
    )
    for name, doctype, text in (
        ("a billion laughs", laughs, "&l10;"),
        ("a quadratic swelling", f"<!ENTITY a '{'a' * 100_000}'>", "&a;" * 5_000),
        ("an entity of itself", "<!ENTITY a '&b;'><!ENTITY b '&a;'>", "&a;"),
        ("a parameter entity", "<!ENTITY % p '<!ENTITY q \"x\">'>%p;", "&q;"),
    ):
        yield name, svg(f"<text y='50'>{text}</text>", before=f"<!DOCTYPE svg [{doctype}]>")


def _odd() -> Iterator[tuple[str, bytes]]:
    bomb = base64.b64encode(declared_png(30_000, 30_000)).decode()
    href = f"<image width='80' height='60' xlink:href='data:image/png;base64,{bomb}'/>"
    yield "a picture that says it is enormous", svg(href)
    nested = svg("<rect width='9' height='9'/>")
    for _ in range(8):
        data = base64.b64encode(nested).decode()
        nested = svg(f"<image width='9' height='9' xlink:href='data:image/svg+xml;base64,{data}'/>")
    yield "drawings in drawings", nested
    yield "only the beginning", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
    yield "no namespace", b"<svg width='9' height='9'><rect/></svg>"
    yield "no end of a comment", b"<!-- " + b"-" * 4000 + b"<svg/>"
    yield "NUL in it", svg("<rect\0/>")
    yield "not UTF-8", svg("<text>x</text>").replace(b"x", b"\xff\xfe")
    yield "in UTF-16", svg("<rect/>").decode().encode("utf-16")
    yield "compressed", gzip.compress(svg("<rect/>"))
    yield (
        "scripts",
        svg(
            "<script>alert(1)</script><rect onload='alert(1)' width='9' height='9'/>"
            "<foreignObject><iframe src='javascript:alert(1)'/></foreignObject>"
            "<a xlink:href='javascript:alert(1)'><rect width='9' height='9'/></a>",
        ),
    )


def all_drawings() -> list[Case]:
    """Return every drawing that loads nothing from elsewhere."""
    groups = (_costly(), _loops(), _sizes(), _entities(), _odd())
    return [Case(name, data, "drawing.svg") for group in groups for name, data in group]


def loading(what: str) -> Iterator[tuple[str, bytes]]:
    """Yield drawings that load ``what``, an address, in every way there is."""
    box = "width='80' height='60'"
    rect = f"<rect {box} fill='none' style='fill:url({what}#a)'/>"
    yield "an image", svg(f"<image {box} href='{what}'/>")
    yield "an image by xlink", svg(f"<image {box} xlink:href='{what}'/>")
    yield "a use", svg(f"<use {box} xlink:href='{what}#a'/>")
    yield (
        "an image of a filter",
        svg(
            f"<filter id='f'><feImage xlink:href='{what}'/></filter><rect {box} filter='url(#f)'/>"
        ),
    )
    yield "an imported style", svg(f"<style>@import url('{what}');</style>{rect}")
    yield (
        "a font",
        svg(
            f"<style>@font-face{{font-family:x;src:url('{what}')}}</style><text y='40' font-family='x'>M</text>"
        ),
    )
    yield "a style sheet", svg(rect, before=f"<?xml-stylesheet href='{what}' type='text/css'?>")
    yield "a fill", svg(rect)
    yield "a text", svg(f"<text y='40'><tref xlink:href='{what}'/></text>")
    yield (
        "an inclusion",
        svg(f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{what}' parse='text'/>"),
    )
    yield "a document type", svg(rect, before=f"<!DOCTYPE svg SYSTEM '{what}'>")
    yield (
        "a parameter entity",
        svg(rect, before=f"<!DOCTYPE svg [<!ENTITY % p SYSTEM '{what}'>%p;]>"),
    )
    yield (
        "an entity",
        svg(
            "<text y='50' font-size='40'>&x;</text>",
            before=f"<!DOCTYPE svg [<!ENTITY x SYSTEM '{what}'>]>",
        ),
    )
    yield (
        "a frame",
        svg(
            f"<foreignObject {box}><iframe xmlns='http://www.w3.org/1999/xhtml' src='{what}'/></foreignObject>"
        ),
    )
