"""Bytes at equal looks: each server's formats over a ladder of qualities, and automatic formats."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import exp, log
from pathlib import Path
from typing import Any

from bench.cases import PICTURES, Effort
from bench.client import checked
from bench.looks import scores
from bench.process import BenchError
from bench.servers import AutoThumbor, Server
from bench.tables import table, times

WIDTH = 1200
TARGETS = (60, 70, 80)
LADDERS = {
    "jpeg": (30, 50, 68, 82, 93),
    "webp": (30, 55, 75, 88, 96),
    "avif": (30, 45, 60, 75, 88),
}
ACCEPTS = {
    "Chrome": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "WebP, no AVIF": "image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    "`*/*`": "*/*",
    "none": "",
}
"""What browsers send for a picture; curl sends ``*/*``, and some clients nothing."""

Rows = list[dict[str, Any]]
Ladder = tuple[str, str, str]
"""A server, a picture and a format."""


class Sizes:
    """The measurement: answers fetched into a folder, then scored."""

    def __init__(self, servers: Sequence[Server], effort: Effort, folder: Path) -> None:
        self.servers = servers
        self.effort = effort
        self.folder = folder
        self.rows: Rows = []

    def fetch(self, choosing: AutoThumbor | None) -> None:
        """Ask every server for every picture, format and quality, and for its own choice."""
        for picture in self.effort.judged:
            file = PICTURES[picture]
            for server in self.servers:
                for form, ladder in LADDERS.items():
                    for quality in _rungs(ladder, self.effort.rungs):
                        path = server.link(file, WIDTH, form, quality)
                        self._note(server, picture, path, form=form, quality=quality)
                if file.endswith(".png"):
                    # A quality would make some peers reduce the colours.
                    self._note(server, picture, server.link(file, WIDTH, "png"), form="png")
                asked = choosing if server.name == "thumbor" and choosing else server
                for name, accept in ACCEPTS.items():
                    path = asked.link(file, WIDTH)
                    self._note(asked, picture, path, accept=name, header=accept, of=server.name)

    def _note(self, server: Server, picture: str, path: str, **known: Any) -> None:
        header = known.pop("header", "")
        headers = {"Accept": header} if header else {}
        reply = checked(server.port, path, headers)
        body, media = reply.body, reply.headers["content-type"]
        kept = self.folder / f"sized-{len(self.rows)}-{server.name}"
        kept.write_bytes(body)
        row = {"server": known.pop("of", server.name), "picture": picture, "bytes": len(body)}
        row["media"] = media.partition(";")[0].rpartition("/")[2]
        self.rows.append(row | known | {"kept": kept.name})

    def judge(self, pictures: Path) -> Rows:
        """Score what was fetched, and return it.

        A server reduces a picture in one way whatever the quality, so the best answer of a ladder
        finds the reference nearest to it, and the others are scored against that one alone.
        """
        best: dict[Ladder, str] = {}
        first: Rows = []
        rest: Rows = []
        for row in sorted(self.rows, key=lambda row: ("form" not in row, -row.get("quality", 0))):
            (rest if _ladder(row) in best else first).append(row)
            best[_ladder(row)] = ""
        contents: dict[bytes, dict[str, Any]] = {}
        self._score(pictures, first, best, contents)
        self._score(pictures, rest, best, contents)
        for row in self.rows:
            wrong = row["format"].lower() != row.get("form", row.pop("media"))
            if wrong or row["width"] != WIDTH:
                raise BenchError(f"{row} is not what was asked for")
        return self.rows

    def _score(
        self,
        pictures: Path,
        rows: Rows,
        best: dict[Ladder, str],
        contents: dict[bytes, dict[str, Any]],
    ) -> None:
        pairs, asked = [], []
        for row in rows:
            content = (self.folder / row["kept"]).read_bytes()
            if content in contents:
                continue
            contents[content] = {}
            pair: dict[str, Any] = {
                "picture": str(pictures / PICTURES[row["picture"]]),
                "rendition": str(self.folder / row["kept"]),
            }
            if name := best[_ladder(row)]:
                pair["references"] = [name]
            pairs.append(pair)
            asked.append(content)
        contents |= dict(zip(asked, scores(pairs), strict=True))
        for row in rows:
            row |= contents[(self.folder / row.pop("kept")).read_bytes()]
            tried: dict[str, float] = row["references"]
            best[_ladder(row)] = best[_ladder(row)] or max(tried, key=lambda name: tried[name])


def _ladder(row: dict[str, Any]) -> Ladder:
    return row["server"], row["picture"], row["media"]


def _rungs(ladder: Sequence[int], count: int) -> list[int]:
    """So many qualities of a ladder, the ends among them."""
    step = (len(ladder) - 1) / (count - 1)
    return [ladder[round(index * step)] for index in range(count)]


def measure(
    servers: Sequence[Server], effort: Effort, pictures: Path, folder: Path
) -> dict[str, Any]:
    """Fetch and score; the thumbor that chooses formats runs only meanwhile."""
    sizes = Sizes(servers, effort, folder)
    choosing = None
    if any(server.name == "thumbor" for server in servers):
        choosing = AutoThumbor(pictures, folder)
    try:
        sizes.fetch(choosing)
    finally:
        if choosing is not None:
            choosing.process.stop()
    print(f"scoring {len(sizes.rows)} renditions", flush=True)
    rows = sizes.judge(pictures)
    return {
        "ladders": [r for r in rows if "form" in r],
        "auto": [r for r in rows if "form" not in r],
    }


def at_score(rows: Rows, target: float) -> float | str:
    """The bytes that give a score, between the two measured qualities around it, or why not.

    Between them the logarithm of the bytes is taken to run straight along the score.
    """
    steps = sorted(rows, key=lambda row: row["quality"])
    found = [row["ssimulacra2"] for row in steps]
    for low, high in pairwise(steps):
        below, above = low["ssimulacra2"], high["ssimulacra2"]
        if below <= target <= above and below < above:
            share = (target - below) / (above - below)
            return exp(log(low["bytes"]) + share * (log(high["bytes"]) - log(low["bytes"])))
    return f"from {min(found):.0f}" if target < min(found) else f"to {max(found):.0f}"


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value / 1000:.1f}"


def _ratio(found: dict[str, float | str]) -> str:
    own = found.get("helpa")
    peers = {n: v for n, v in found.items() if n != "helpa" and not isinstance(v, str)}
    if own is None or isinstance(own, str) or not peers:
        return "–"
    name = min(peers, key=lambda peer: peers[peer])
    return f"{times(own / peers[name])} {name}"


def _pick(rows: Rows, **wanted: str) -> Rows:
    return [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]


def _names(rows: Rows, what: str) -> list[str]:
    return list(dict.fromkeys(row[what] for row in rows))


def _equal(rows: Rows, servers: Iterable[str]) -> Iterable[list[str]]:
    for picture in _names(rows, "picture"):
        for form in LADDERS:
            own = {name: _pick(rows, picture=picture, form=form, server=name) for name in servers}
            for target in TARGETS:
                found = {name: at_score(steps, target) for name, steps in own.items()}
                shown = [_shown(value) for value in found.values()]
                yield [f"{picture} {form}", str(target), *shown, _ratio(found)]
        kept = {name: _pick(rows, picture=picture, form="png", server=name) for name in servers}
        if all(kept.values()):
            found = {name: float(steps[0]["bytes"]) for name, steps in kept.items()}
            shown = [_shown(value) for value in found.values()]
            yield [f"{picture} png", "lossless", *shown, _ratio(found)]


def _automatic(rows: Rows, servers: Sequence[str]) -> Iterable[list[str]]:
    for picture in _names(rows, "picture"):
        for accept in ACCEPTS:
            own = [_pick(rows, picture=picture, accept=accept, server=s)[0] for s in servers]
            cells = [
                cell
                for row in own
                for cell in (
                    row["format"].lower(),
                    f"{row['bytes'] / 1000:.1f}",
                    f"{row['ssimulacra2']:.1f}",
                )
            ]
            yield [f"{picture}, {accept}", *cells]


def tables(results: dict[str, Any]) -> list[str]:
    """Bytes at equal scores, and what each server answers when it chooses, as Markdown."""
    ladders, auto = results["ladders"], results["auto"]
    servers = _names(ladders, "server")
    head = [f"{WIDTH} wide", "score", *(f"{name} KB" for name in servers)]
    chosen = [f"{name} {what}" for name in servers for what in ("format", "KB", "score")]
    intro = (
        "The bytes at which a server's format reaches a score, between the qualities measured; "
        "“from” and “to” give the end of the measured range where the score lies outside of it. "
        "The last column compares with the smallest peer: below 1 Helpa's file is smaller."
    )
    return [
        intro,
        table([*head, "helpa ÷ best peer"], _equal(ladders, servers)),
        "**Formats chosen by the server for an Accept header**",
        table([f"{WIDTH} wide, Accept", *chosen], _automatic(auto, servers)),
    ]
