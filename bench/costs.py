"""What each operation and format costs Helpa: the same render with it and without it."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from io import BytesIO
from itertools import product
from math import sqrt
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from PIL import Image

from bench.cases import PICTURES, QUALITY, Effort
from bench.client import burst, checked, fetch
from bench.process import BenchError
from bench.servers import Helpa
from bench.tables import table, times
from helpa.core.control import CONTROL
from helpa.core.parameters import Definition
from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import PluginName, Settings
from helpa.core.vocabulary import AUTO_FORMAT, Vocabulary

PICTURE = "photo 6 MP"
WIDTH = 800
PLAIN = {"w": str(WIDTH), "fmt": "jpg", "q": str(QUALITY)}
WORDS = {"g": ("smart", "entropy", "face"), "q": ("auto",)}
"""Values that make a parameter do other work than the one it is shown with."""
FORMS = ("jpg", "webp")
"""The plain renders: what JPEG cannot do is compared with WebP."""
BLOCK = 10
"""So many operations are measured before the plain render is measured again."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Sample:
    """A query that shows one parameter or format.

    Args:
        of: the operation it belongs to.
        name: of the parameter or format.
        query: how it is asked for; ``{picture}`` stands for the id of another picture.
        looks: whether the operation looks at the pixels before it is planned.
        others: queries to try where the picture does not allow the first.
    """

    of: str
    name: str
    query: str
    looks: bool = False
    others: tuple[str, ...] = ()

    @property
    def added(self) -> str:
        """What it says that the plain render does not."""
        plain = {f"{name}={value}" for name, value in PLAIN.items()}
        return "&".join(word for word in self.query.split("&") if word not in plain)


def _documents() -> tuple[Callable[[Definition], str], frozenset[str], Image.Image]:
    # The documents' build knows a telling query for every parameter; it is no package.
    folder = str(Path(__file__).parent.parent / "docs")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    effects = import_module("effects")
    return effects.sample, effects.NO_PIXELS, import_module("scene").logo()


def vocabulary() -> Vocabulary:
    """Every word that the plugins enabled by default understand in a URL."""
    names: tuple[str, ...] = Settings.model_fields["plugins"].default
    manager = PluginManager([PluginName(name=name, optional=False) for name in names], {})
    return Vocabulary(manager.operations(), manager.encoders())


def samples(words: Vocabulary, width: int, height: int) -> list[Sample]:
    """A query for every parameter of every operation, and one for every format.

    Args:
        words: what there is.
        width: of the plain render, in pixels.
        height: of it; the boxes of samples are made as large.
    """
    shown, no_pixels, _ = _documents()
    groups = [("control", CONTROL, False)]
    groups += [(o.name, o.parameters, bool(o.measure)) for o in words.operations]
    found: dict[str, Sample] = {}
    for of, definitions, looks in groups:
        for definition in definitions:
            name = definition.name
            if name in found:
                found[name] = replace(found[name], of="several")
            elif name != "fmt" and name not in no_pixels:
                query, own = shown(definition), f"{name}={definition.parameter.example}"
                queries = tuple(_sized(text, width, height) for text in dict.fromkeys((query, own)))
                found[name] = Sample(of, name, queries[0], looks, queries[1:])
                for word in WORDS.get(name, ()):
                    text = _sized(f"{query}&{name}={word}", width, height)
                    found[f"{name}={word}"] = Sample(of, f"{name}={word}", text, looks)
    formats = sorted({*words.formats.values()} - {AUTO_FORMAT, *FORMS})
    return [*found.values(), *(Sample("format", f, f"w={WIDTH}&fmt={f}") for f in formats)]


def _sized(sample: str, width: int, height: int) -> str:
    given = dict(word.partition("=")[::2] for word in sample.split("&"))
    words = {**PLAIN, **given, "w": str(WIDTH)}
    sides = [given[side] for side in ("w", "h") if side in given]
    if not all(side.isdecimal() for side in sides):
        words["w"] = given.get("w", str(WIDTH))
    elif len(sides) == 2:
        scale = sqrt(width * height / (int(given["w"]) * int(given["h"])))
        words |= {side: str(round(int(given[side]) * scale)) for side in ("w", "h")}
    elif "h" in given:
        words["h"] = str(height)
        del words["w"]
    return "&".join(f"{name}={value}" for name, value in words.items())


def _plain(form: str) -> str:
    return f"w={WIDTH}&fmt={form}&q={QUALITY}"


class Costs:
    """The measurement: which samples give renditions of their own, then their cost in rounds."""

    def __init__(self, server: Helpa, effort: Effort) -> None:
        self.server = server
        self.effort = effort
        self.file = PICTURES[PICTURE]
        self.results: dict[str, Any] = {"rows": [], "same": [], "refused": []}
        self._used: dict[str, int] = {}
        self._tags: dict[str, Sample] = {}
        self._kept: dict[Sample, str] = {}
        self._apart: list[Sample] = []
        self._other = ""

    def run(self) -> dict[str, Any]:
        """Measure, and return what was found as plain values."""
        stored = BytesIO()
        _documents()[2].save(stored, "PNG")
        self._other = self.server.upload(stored.getvalue(), ".png")
        self.server.copy(self.file, 1)
        self._look()
        blocks = [
            list(self._kept)[begin : begin + BLOCK] for begin in range(0, len(self._kept), BLOCK)
        ]
        # The first copy was looked at; most of the others are used up by the plain render.
        rounds, count = self.effort.cost_rounds, self.effort.cost_requests
        copies = 1 + rounds * len(blocks) * count
        for sample in self._apart:
            self._used[sample.query] = copies
            copies += rounds * count
        self.server.copy(self.file, copies)
        # So that no request measured is the first that names its picture.
        for identity in self.server.ids[self.file]:
            checked(self.server.port, f"/img/{identity}?w=16&fmt=png")
        self.server.process.settle()
        deadline = time.monotonic() + self.effort.cost_minutes * 60
        for turn in range(rounds):
            if turn and time.monotonic() > deadline:
                print(f"  the time is used up after {turn} rounds")
                break
            begin = time.monotonic()
            for block in blocks:
                forms = FORMS if block is blocks[0] else ["jpg", *map(self._kept.get, block)]
                for form in filter(None, dict.fromkeys(forms)):
                    self._measure(turn, Sample("plain", form, _plain(form)), form)
                for sample in block:
                    self._measure(turn, sample, self._kept[sample])
            print(f"  round {turn + 1} of {rounds}: {time.monotonic() - begin:.0f} s", flush=True)
        return self.results

    def _fetch(self, query: str) -> tuple[str, bytes]:
        reply = fetch(self.server.port, self._path(self.server.ids[self.file][0], query))
        if reply.status != 200:
            problem = json.loads(reply.body)
            raise BenchError(f"{reply.status} {problem.get('detail', problem)}")
        return reply.headers["etag"], reply.body

    def _path(self, identity: str, query: str) -> str:
        return f"/img/{identity}?{query.replace('{picture}', self._other)}"

    def _look(self) -> None:
        for form in reversed(FORMS):
            tag, body = self._fetch(_plain(form))
            self._tags[tag] = Sample("plain", form, _plain(form))
            self.results["answers"] = {form: _size(body)} | self.results.get("answers", {})
        width, height = self.results["size"] = self.results["answers"]["jpg"]
        for sample in samples(vocabulary(), width, height):
            forms = FORMS if "fmt=jpg" in sample.query else FORMS[:1]
            failure = ""
            for form, query in product(forms, (sample.query, *sample.others)):
                own = replace(sample, query=query.replace("fmt=jpg", f"fmt={form}"))
                try:
                    tag, body = self._fetch(own.query)
                except BenchError as error:
                    failure = failure or str(error)
                    continue
                self._keep(own, form, tag, body)
                break
            else:
                row = {"parameter": sample.name, "query": sample.query, "answer": failure}
                self.results["refused"].append(row)

    def _keep(self, sample: Sample, form: str, tag: str, body: bytes) -> None:
        # Two queries of one tag are one rendition: the second would be answered from the store.
        known = self._tags.get(tag)
        if known is not None and sample.looks and sample.added:
            # It looked and found nothing to do; copies of its own show what the look costs.
            self._apart.append(sample)
        elif known is not None:
            row = {
                "parameter": sample.name,
                "query": sample.query,
                "as": known.name if known.of != "plain" else "plain",
            }
            self.results["same"].append(row)
            return
        self._tags.setdefault(tag, sample)
        self._kept[sample] = form
        self.results["answers"][sample.name] = _size(body) or [len(body)]

    def _measure(self, turn: int, sample: Sample, form: str) -> None:
        count = self.effort.cost_requests
        begin = self._used.get(sample.query, 1)
        self._used[sample.query] = begin + count
        identities = self.server.ids[self.file][begin : begin + count]
        paths = [self._path(identity, sample.query) for identity in identities]
        before = self.server.process.members()
        took = burst(self.server.port, paths, 1)
        self.results["rows"].append(
            {
                "of": sample.of,
                "name": sample.name,
                "query": sample.query,
                "added": sample.added,
                "plain": form,
                "round": turn,
                "requests": count,
                "processor_seconds": round(self.server.process.used(before), 5),
                "latencies_ms": [round(s * 1000, 2) for s in took.latencies],
            }
        )


def _size(body: bytes) -> list[int]:
    try:
        with Image.open(BytesIO(body)) as opened:
            return list(opened.size)
    except OSError:
        return []


def measure(server: Helpa, effort: Effort) -> dict[str, Any]:
    """Measure the cost of every operation and format that Helpa has."""
    return Costs(server, effort).run()


def _processor(row: dict[str, Any]) -> float:
    return 1000 * float(row["processor_seconds"]) / int(row["requests"])


def _latency(row: dict[str, Any]) -> float:
    return float(median(row["latencies_ms"]))


class Cost:
    """What one sample costs beside the plain render, as the median of the rounds' differences."""

    def __init__(self, rows: Rows, plain: Rows) -> None:
        self.row = rows[0]
        self.processor = median(map(_processor, rows))
        self.latency = median(map(_latency, rows))
        pairs = [(row, [p for p in plain if p["round"] == row["round"]]) for row in rows]
        beside = partial(_against, pairs)
        self.more = median(own - other for own, other in beside(_processor))
        self.ratio = median(own / max(other, 0.01) for own, other in beside(_processor))
        self.later = median(own - other for own, other in beside(_latency))

    def cells(self, answers: dict[str, list[int]]) -> list[str]:
        """One line of the table."""
        answer = answers.get(self.row["name"], [])
        size = f"{answer[0]}×{answer[1]}" if len(answer) == 2 else f"{sum(answer)} bytes"
        return [
            f"`{self.row['name']}`",
            self.row["of"],
            f"`{_short(self.row['added'])}`",
            size,
            f"{self.processor:.1f}",
            f"{self.more:+.1f}",
            times(self.ratio),
            f"{self.latency:.1f}",
            f"{self.later:+.1f}",
        ]


def _against(
    pairs: Iterable[tuple[dict[str, Any], Rows]], value: Callable[[dict[str, Any]], float]
) -> Iterator[tuple[float, float]]:
    for row, plain in pairs:
        yield value(row), median(map(value, plain))


def _short(query: str) -> str:
    text = query.replace("{picture}", "<id>")
    return text if len(text) < 60 else f"{text[:57]}…"


HEAD = (
    "what",
    "of",
    "added to the plain render",
    "answer",
    "processor ms",
    "more ms",
    "÷ plain",
    "latency ms",
    "more ms",
)


def tables(results: dict[str, Any]) -> list[str]:
    """The costs as Markdown, dearest first, and what was not measured."""
    by_name: dict[tuple[str, str], Rows] = {}
    for row in results["rows"]:
        by_name.setdefault((row["of"], row["name"]), []).append(row)
    plain = {name: rows for (of, name), rows in by_name.items() if of == "plain"}
    found = [
        Cost(rows, plain["jpg" if of == "format" else rows[0]["plain"]])
        for (of, _), rows in by_name.items()
        if of != "plain"
    ]
    found += [
        Cost([row | {"of": "format"} for row in rows], plain["jpg"])
        for name, rows in plain.items()
        if name != "jpg"
    ]
    found.sort(key=lambda cost: -cost.more)
    width, height = results["size"]
    spread = quantiles([_processor(row) for row in plain["jpg"]], n=4)
    each = [
        f"`{_plain(name)}` costs {median(map(_processor, rows)):.1f} ms of the processor and "
        f"{median(map(_latency, rows)):.1f} ms of waiting"
        for name, rows in plain.items()
    ]
    intro = (
        f"The plain render, {PICTURE} → {width}×{height}: {'; '.join(each)}. Half of the plain "
        f"render's own bursts lay within {spread[2] - spread[0]:.1f} ms: smaller differences are "
        "noise."
    )
    parts = [intro]
    for title, listed in (
        ("Operations", [cost for cost in found if cost.row["of"] != "format"]),
        ("Formats, each at its own quality", [c for c in found if c.row["of"] == "format"]),
    ):
        if listed:
            cells = [cost.cells(results["answers"]) for cost in listed]
            parts += [f"**{title}**", table(HEAD, cells)]
    if same := results["same"]:
        names = ", ".join(f"`{row['parameter']}` ({row['as']})" for row in same)
        parts.append(f"The same rendition as another, which is named beside it: {names}.")
    if refused := results["refused"]:
        lines = [f"- `{_short(row['query'])}`: {row['answer']}" for row in refused]
        parts.append("\n".join(["Not for this picture, so not measured:", "", *lines]))
    return parts
