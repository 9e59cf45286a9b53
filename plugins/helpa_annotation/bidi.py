"""In which order the characters of a line stand (Unicode Standard Annex 9).

Without embeddings, overrides and isolates, which no annotation may hold: what is left are the rules
P2–P3, W1–W7, N0–N2, I1–I2, L1 and L2.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

STRONG = ("L", "R", "AL")
NEUTRAL = ("B", "S", "WS", "ON")

PAIRS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⟦": "⟧", "⁅": "⁆", "❨": "❩", "❪": "❫", "❴": "❵"}
_CLOSING = {close: opening for opening, close in PAIRS.items()}


def levels(text: str) -> list[int]:
    """Return the level of every character of a paragraph; odd ones run from right to left."""
    given = [unicodedata.bidirectional(c) or "L" for c in text]
    base = int(next((t for t in given if t in STRONG), "L") != "L")
    if base == 0 and not any(t in ("R", "AL", "AN") for t in given):
        return [0] * len(text)
    types = _weak(given, base)
    _brackets(text, types, base)
    _neutral(types, base)
    found = []
    for kind in types:
        if base == 0:
            found.append({"L": 0, "R": 1}.get(kind, 2))
        else:
            found.append(1 if kind == "R" else 2)
    return found


def _weak(given: list[str], base: int) -> list[str]:
    """Resolve weak types (W1–W7); what has no width of its own goes with what is before it."""
    start = "R" if base else "L"
    types = list(given)
    for place, kind in enumerate(types):
        if kind in ("NSM", "BN"):  # W1
            types[place] = types[place - 1] if place else start
    strong = start
    for place, kind in enumerate(types):
        if kind in STRONG:
            strong = kind
        elif kind == "EN" and strong == "AL":  # W2
            types[place] = "AN"
    types = ["R" if kind == "AL" else kind for kind in types]  # W3
    for place in range(1, len(types) - 1):
        before, kind, after = types[place - 1 : place + 2]
        if before == after and (
            (kind in ("ES", "CS") and before == "EN") or (kind == "CS" and before == "AN")
        ):
            types[place] = before  # W4
    place = 0
    while place < len(types):  # W5
        if types[place] != "ET":
            place += 1
            continue
        end = place
        while end < len(types) and types[end] == "ET":
            end += 1
        if "EN" in (types[place - 1 : place] + types[end : end + 1]):
            types[place:end] = ["EN"] * (end - place)
        place = end
    types = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in types]  # W6
    strong = start
    for place, kind in enumerate(types):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":  # W7
            types[place] = "L"
    return types


def _direction(kind: str) -> str | None:
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind)


def _brackets(text: str, types: list[str], base: int) -> None:
    """Give both brackets of a pair one direction (N0)."""
    embedding, start = ("R", "R") if base else ("L", "L")
    opened: list[tuple[str, int]] = []
    pairs = []
    for place, character in enumerate(text):
        if types[place] != "ON":
            continue
        if character in PAIRS:
            if len(opened) == 63:
                break
            opened.append((PAIRS[character], place))
        elif character in _CLOSING:
            for depth in range(len(opened) - 1, -1, -1):
                if opened[depth][0] == character:
                    pairs.append((opened[depth][1], place))
                    del opened[depth:]
                    break
    for first, last in sorted(pairs):
        inside = {_direction(kind) for kind in types[first + 1 : last]} - {None}
        if not inside:
            continue
        taken = embedding
        if embedding not in inside:
            before = next((d for k in types[first - 1 :: -1] if (d := _direction(k))), start)
            taken = before if first and before != embedding else embedding
        types[first] = types[last] = taken


def _neutral(types: list[str], base: int) -> None:
    """Resolve what is left by what stands around it (N1, N2)."""
    embedding = "R" if base else "L"
    place = 0
    while place < len(types):
        if types[place] not in NEUTRAL:
            place += 1
            continue
        end = place
        while end < len(types) and types[end] in NEUTRAL:
            end += 1
        before = _direction(types[place - 1]) if place else embedding
        after = _direction(types[end]) if end < len(types) else embedding
        taken = before if before == after and before is not None else embedding
        types[place:end] = [taken] * (end - place)
        place = end


def line_levels(text: str, found: Sequence[int], base: int) -> list[int]:
    """Return the levels in a line: spaces at its end stand at the end of the paragraph (L1)."""
    left = list(found)
    for place in range(len(text) - 1, -1, -1):
        if unicodedata.bidirectional(text[place]) not in ("WS", "S", "B", "BN"):
            break
        left[place] = base
    return left


def base_level(text: str) -> int:
    """Return 1 where a paragraph runs from right to left, else 0 (P2, P3)."""
    kinds = (unicodedata.bidirectional(c) for c in text)
    return int(next((kind for kind in kinds if kind in STRONG), "L") != "L")


def visual(found: Sequence[int]) -> list[int]:
    """Return places in the order in which they are seen from left to right (L2)."""
    order = list(range(len(found)))
    for level in range(max(found, default=0), 0, -1):
        place = 0
        while place < len(order):
            if found[order[place]] < level:
                place += 1
                continue
            end = place
            while end < len(order) and found[order[end]] >= level:
                end += 1
            order[place:end] = order[place:end][::-1]
            place = end
    return order
