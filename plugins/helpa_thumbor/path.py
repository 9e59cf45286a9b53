"""The parts of a thumbor URL, in the order it has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from helpa import invalid

PARTS = re.compile(
    r"""
    (?:(?P<debug>debug)/)?
    (?:(?P<meta>meta)/)?
    (?:(?P<trim>trim(?::(?:top-left|bottom-right))?(?::[0-9]+)?)/)?
    (?:(?P<crop>[0-9]+x[0-9]+:[0-9]+x[0-9]+)/)?
    (?:(?P<adaptive>adaptive-)?(?P<full>full-)?(?P<fit_in>fit-in)/)?
    (?:(?P<across>-)?(?P<width>[0-9]+|orig)?x(?P<down>-)?(?P<height>[0-9]+|orig)?/)?
    (?:(?P<halign>left|center|right)/)?
    (?:(?P<valign>top|middle|bottom)/)?
    (?:(?P<smart>smart)/)?
    (?P<filters>filters:)?
    """,
    re.VERBOSE,
)
FILTER = re.compile(r"([A-Za-z0-9_]+)\(([^()]*)\)([:/])")
DIGITS = 7
"""Longest number that is read; no picture is larger."""


@dataclass(frozen=True)
class Filter:
    """A filter with its arguments.

    Args:
        name: as thumbor calls it.
        arguments: decoded, without white space around them.
    """

    name: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}({','.join(self.arguments)})"


@dataclass(frozen=True)
class Parts:
    """What a URL says.

    Args:
        debug: whether it asks for focal points to be drawn.
        meta: whether it asks for the description instead of the picture.
        trim: as it stands there, or empty.
        crop: left, top, right and bottom in pixels, or None.
        fit_in: ``fit-in`` with what stands before it, or empty.
        size: as it stands there, or empty.
        width: in pixels, 0 for what follows from the height, ``orig`` for the picture's own.
        height: the same.
        across: whether it is mirrored left to right.
        down: whether it is mirrored top to bottom.
        halign: ``left``, ``center`` or ``right``.
        valign: ``top``, ``middle`` or ``bottom``.
        smart: whether what matters is looked for.
        filters: in order.
        image: the picture, decoded once.
    """

    debug: bool
    meta: bool
    trim: str
    crop: tuple[int, int, int, int] | None
    fit_in: str
    size: str
    width: int | str
    height: int | str
    across: bool
    down: bool
    halign: str
    valign: str
    smart: bool
    filters: tuple[Filter, ...]
    image: str


def read(path: bytes) -> Parts:
    """Return the parts of a path, percent-encoded as it is.

    Raises:
        InvalidValue: filters or numbers are malformed, no picture is named, or it is not UTF-8.
    """
    text = _text(path)
    found = PARTS.match(text)
    assert found is not None, "every part is optional"
    part = {name: value or "" for name, value in found.groupdict().items()}
    filters, end = _filters(text, found.end()) if part["filters"] else ((), found.end())
    image = _text(unquote_to_bytes(text[end:]))
    if not image or not image.isprintable():
        raise invalid("path", text, "a picture at the end: its URL, path or id")
    crop = (
        [_number("crop", each) for each in re.split("[x:]", part["crop"])] if part["crop"] else []
    )
    size = "x".join((part["across"] + part["width"], part["down"] + part["height"]))
    return Parts(
        debug=bool(part["debug"]),
        meta=bool(part["meta"]),
        trim=part["trim"],
        crop=(crop[0], crop[1], crop[2], crop[3]) if crop else None,
        fit_in=part["adaptive"] + part["full"] + part["fit_in"],
        size="" if size == "x" else size,
        width=_side(part["width"]),
        height=_side(part["height"]),
        across=bool(part["across"]),
        down=bool(part["down"]),
        halign=part["halign"] or "center",
        valign=part["valign"] or "middle",
        smart=bool(part["smart"]),
        filters=filters,
        image=image,
    )


def _filters(text: str, start: int) -> tuple[tuple[Filter, ...], int]:
    """Return the filters that begin at ``start``, and where the picture begins."""
    filters = []
    while True:
        found = FILTER.match(text, start)
        if found is None:
            allowed = "name(arguments):name(arguments)/, parentheses in arguments percent-encoded"
            raise invalid("filters", text[start:], allowed)
        name, arguments, after = found.groups()
        texts = [_text(unquote_to_bytes(each)).strip() for each in arguments.split(",")]
        filters.append(Filter(name, () if texts == [""] else tuple(texts)))
        start = found.end()
        if after == "/":
            return tuple(filters), start


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise invalid("path", raw.decode("latin-1"), "percent-encoded UTF-8") from None


def _side(text: str) -> int | str:
    return text if text == "orig" else _number("size", text or "0")


def _number(field: str, text: str) -> int:
    if len(text) > DIGITS:
        raise invalid(field, text, f"numbers of up to {DIGITS} digits")
    return int(text)
