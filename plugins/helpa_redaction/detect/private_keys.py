"""Finds private keys in PEM."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.continuation import APART
from helpa_redaction.detect.keys import JWT_START
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.rows import row_lefts
from helpa_redaction.detect.text import changes, entropy, finding, plain, tokens
from helpa_redaction.detect.words import Box, Line, union

BEGIN = re.compile(
    r"B?[EF]?[GC6][I1l|]N\s?(?:[A-Z0-9]+\s?){0,2}PR[I1l|]VA[TI]E\s?KE[YV]", re.IGNORECASE
)
END = re.compile(r"E?N[DO0]\s?(?:[A-Z0-9]+\s?){0,2}PR[I1l|]VA[TI]E\s?KE[YV]", re.IGNORECASE)
HEAD = re.compile(r"[-—–~\"“*]\s?BEG[I1l|]N")


def find(page: Page) -> Iterator[Finding]:
    """Return the private keys of a page, from the line that begins one to that which ends it."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        match = BEGIN.search(text)
        if match:
            yield _block(page, place, match)
    yield from _headless(page)
    for place, line in enumerate(page.lines):
        match = END.search(plain(line.text))
        if match and not BEGIN.search(plain(line.text)):
            held = _upwards(page, place)
            if held:
                boxes = (union(box.box for box in held),)
                yield Finding(
                    "private_key", boxes, 0.85, "the end of a private key in PEM", _joined(held)
                )


ASSIGNED = re.compile(r"[\w.\-]+=[^=\s]")
"""How a row begins that gives something to a name."""

AHEAD = re.compile(r"[\d\W]+|.*[=:][\s\"'|>]*")
"""The number of a line, a time, or a name: rows of a key may begin beneath it."""

REST = re.compile(r"[A-Za-z0-9+/=|@]{1,12}")
"""What had no room in a row of a key and stands beneath it."""

BEFORE = 12
"""Heights of a line between what numbers a row and the row at most."""

DASHES = 4.5
"""Heights of a line that the dashes before a head are wide, which are often taken for a rule."""


def _block(page: Page, place: int, match: re.Match[str]) -> Finding:
    first = page.lines[place]
    start = _dashes(first.text, match.start())
    if END.search(plain(first.text), match.end()):
        return finding(first, start, len(first.text), "private_key", 0.97, "a private key in PEM")
    head = first.part(start, len(first.text))
    held, boxes, bottom = [first], [head], head.bottom
    row = row_lefts(page.lines, page.places, first)
    lefts = [
        head.x,
        first.box.x,
        *(each.box.x for each in row if _is_ahead(each, head, first.height)),
    ]
    lefts += [
        each.box.x
        for each in page.near(first.box.x, head.bottom, head.right, head.bottom + 2 * first.height)
        if first.box.x < each.box.x < head.right and _base64("".join(plain(each.text).split()))
    ]
    height = max(first.height, 0.8 * first.box.h)  # capitals are lower than its other rows
    footer = False
    for number in range(place + 1, len(page.lines)):
        line = page.lines[number]
        if line.box.y - bottom > 1.6 * height:
            break
        if line.box.y <= first.box.y + 0.4 * first.height:
            continue
        text = plain(line.text)
        at = _row_start(line, text, lefts, max(height, line.height))
        if at is None:
            continue  # of another column, or what stands before each row of a log
        footer = bool(END.search(text))
        cut = len(held) > 1 and _is_row(held[-1]) and REST.fullmatch(text)
        if not footer and not cut and not _body(text[at:], first is held[-1]):
            if line.box.right < head.x:
                continue
            break
        held.append(line)
        boxes.append(line.part(at, len(text)))
        bottom = line.box.bottom
        if footer:
            break
    sure = 0.98 if footer else 0.9
    if not footer and len(held) > 2:
        boxes.append(_with_unread(page, union(boxes), held[1:])[1])
    return Finding("private_key", (union(boxes),), sure, "a private key in PEM", _joined(held))


def _is_ahead(line: Line, head: Box, height: float) -> bool:
    """Return whether a line on the left of a head is its number, a time, or the name before it."""
    return AHEAD.fullmatch(line.text) is not None and head.x - line.box.right < BEFORE * height


def _row_start(line: Line, text: str, lefts: list[float], height: float) -> int | None:
    """Return where in a line a row of a key begins; None where none can.

    Args:
        line: beneath the head, with its text.
        text: of it.
        lefts: where the head begins, the line that holds it, and what numbers that, in pixels.
        height: of that line, or of the one beneath where that has higher letters.
    """
    least, most = lefts[0] - DASHES * height, lefts[0] + 1.5 * height
    aligned = least < line.box.x < most or any(abs(line.box.x - x) < 2 * height for x in lefts[1:])
    if not aligned and not line.box.x < least < line.box.right:
        return None
    if aligned and END.search(text):
        return 0
    for token in tokens(text):  # numbers of lines and times stand before
        if aligned and len(token.group()) > 8:
            return token.start() if re.fullmatch(r"[\d\W]*", text[: token.start()]) else 0
        if not aligned and line.part(token.start(), token.end()).x > least:
            return token.start() if len(re.findall("[A-Za-z]", text[: token.start()])) < 4 else None
    return 0 if aligned else None


ROW = re.compile(r"[A-Za-z0-9+/=|!@¢\]}é]")
LAST = re.compile(r"[A-Za-z0-9+/=|!@¢\]}é]{4,}")
PUBLIC = re.compile(r"CERTIFICATE|PUBLIC|ssh-rsa|ssh-ed25519|SIGNATURE|MESSAGE", re.IGNORECASE)


def _headless(page: Page) -> Iterator[Finding]:
    """Return blocks of base64 whose head is not in the picture, or was not read."""
    used: set[int] = set()
    for place, line in enumerate(page.lines):
        if place in used:
            continue
        held = [line]
        at = place
        while at in page.below and _is_row(held[-1]):
            at = page.below[at]
            apart = page.lines[at].box.y - held[-1].box.bottom > APART * line.height
            if apart or abs(page.lines[at].box.x - line.box.x) > 2 * line.height:
                break  # another column, or the next row of a table
            held.append(page.lines[at])
            used.add(at)
        rows = [each for each in held if _is_row(each)]
        if len(rows) < 3:
            continue
        if len(held) > len(rows) and not LAST.fullmatch("".join(held[-1].text.split())):
            held.pop()
        top = rows[0].box.y
        over = page.near(0, top - 4 * line.height, page.width, top)
        near = [each for each in over if top - 4 * line.height < each.box.y < top]
        if any(PUBLIC.search(plain(each.text)) for each in near):
            continue
        if any(JWT_START.search(plain(each.text)) for each in (*near, *held)):
            continue  # the rows of a token, which have few dots
        why = "lines of base64 as those of a private key"
        held += [each for each in near if HEAD.search(plain(each.text))]
        whole = union(each.box for each in held)
        box = union((whole, *_with_unread(page, whole, rows)))
        yield Finding("private_key", (box,), 0.7, why, _joined(held))


def _with_unread(page: Page, box: Box, rows: list[Line]) -> tuple[Box, Box]:
    """Return the boxes of the lines above and beneath a key, itself where something was read there.

    The dashes of its head and foot are taken for a rule, and the whole line is then not read.
    """
    pitch = (rows[-1].box.y - rows[0].box.y) / max(1, len(rows) - 1)
    above = Box(box.x, box.y - pitch, box.w, pitch)
    beneath = Box(box.x, box.bottom, box.w, pitch)

    def free(place: Box) -> bool:
        there = page.near(place.x, place.y, place.right, place.bottom)
        taken = any(line.box.overlap(place) > 0.2 * line.box.area for line in there)
        return not taken and place.y >= 0 and place.bottom <= page.height

    return (above if free(above) else box), (beneath if free(beneath) else box)


def _is_row(line: Line) -> bool:
    text = "".join(plain(line.text).split())
    return _base64(text) and (len(line.words) < 8 or changes(text) >= 16)


def _base64(text: str) -> bool:
    """Return whether letters are those of a whole row of a key, a few of them misread."""
    if re.search(r"=[^=]|:|^[A-Za-z]{2,8}_", text) or len(re.findall(r"[_\-]", text)) > 1:
        return False  # a name to which something is given, or base64url, which is in no such key
    known = len(re.findall(ROW, text))
    return 40 <= len(text) <= 80 and known > 0.92 * len(text) and entropy(text) > 4.2


def _escaped(text: str) -> bool:
    """Return whether letters are those of rows of a key within a string, of JSON for one."""
    known = len(re.findall(r"[A-Za-z0-9+/=\\\\|!@-]", text))
    return len(text) >= 40 and known > 0.94 * len(text) and entropy(text) > 4.2


def _dashes(text: str, at: int) -> int:
    while at and text[at - 1] in "-—–~ _=":
        at -= 1
    return at + (len(text[at:]) - len(text[at:].lstrip()))


def _body(text: str, first: bool) -> bool:
    """Return whether a line may be one of base64, or of the head of a key in PEM."""
    longest = max((len(token.group()) for token in tokens(text)), default=0)
    if first and re.match(r"(?:Proc-Type|DEK-Info|Version|Comment)", text):
        return True
    joined = "".join(text.split())
    if first and len(joined) >= 40 and len(re.findall(ROW, joined)) > 0.95 * len(joined):
        return True  # the first row of a key of OpenSSH is mostly one letter
    if _base64(joined) or _escaped(joined) or (LAST.fullmatch(joined) and joined.endswith("=")):
        return True
    return (
        longest >= 4
        and len(text.split()) <= 4
        and (longest >= 16 or len(text.split()) == 1)
        and bool(re.search("[A-Za-z0-9+/=]", text))
    )


FURTHEST = 20
"""Heights of a line above a row of a key from which on there is no further row of it."""


def _upwards(page: Page, place: int) -> list[Line]:
    last = page.lines[place]
    held, top = [last], last.box.y
    for number in range(place - 1, -1, -1):
        line = page.lines[number]
        if top - line.box.y > FURTHEST * last.height:
            break
        if (
            line.box.y >= last.box.y - 0.4 * last.height
            or top - line.box.bottom > 1.6 * last.height
        ):
            continue
        if BEGIN.search(plain(line.text)):
            return []
        if ASSIGNED.match(line.text) or JWT_START.search(plain(line.text)):
            break
        if abs(line.box.x - last.box.x) < 2 * last.height and _body(plain(line.text), first=False):
            held.append(line)
            top = line.box.y
    return held


def _joined(lines: list[Line]) -> str:
    # The first and last lines say only that it is a key.
    return "".join("".join(line.text.split()) for line in lines[1:])
