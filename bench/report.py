"""The results as Markdown tables, for the terminal and for RESULTS.md."""

from collections import defaultdict
from math import exp, log
from statistics import median
from typing import Any

from bench import costs, sizes
from bench.cases import CONCURRENCIES, PICTURES, Case
from bench.method import text as method
from bench.tables import table, times

Rows = list[dict[str, Any]]
HELPA = "helpa"
SUMMARY = (
    "How many times as many renders a second Helpa makes: the geometric mean over all "
    "renditions below. Above 1 Helpa is ahead. Mind what it prepares at upload: see there."
)


def _servers(rows: Rows) -> list[str]:
    return list(dict.fromkeys(sorted((row["server"] for row in rows), key=_rank)))


def _rank(name: str) -> int:
    order = [HELPA, "thumbor", "ipx", "bare ASGI", "nginx"]
    return order.index(name)


class Cold:
    """The cold renders, grouped by case, concurrency and server."""

    def __init__(self, rows: Rows) -> None:
        self.servers = _servers(rows)
        self.peers = [name for name in self.servers if name != HELPA and HELPA in self.servers]
        self._rows: dict[tuple[Case, int, str], Rows] = defaultdict(list)
        for row in rows:
            case = Case(row["picture"], row["width"], row["format"])
            self._rows[case, row["concurrency"], row["server"]].append(row)
        self.cases = list(dict.fromkeys(case for case, _, _ in self._rows))

    def rates(self, case: Case, concurrency: int, server: str) -> list[float]:
        """Renders a second, round by round."""
        rows = self._rows[case, concurrency, server]
        return [row["requests"] / row["seconds"] for row in rows]

    def milliseconds(self, case: Case, concurrency: int, server: str) -> float:
        """The median time of one request over all rounds."""
        rows = self._rows[case, concurrency, server]
        return float(median(ms for row in rows for ms in row["latencies_ms"]))

    def ratio(self, case: Case, concurrency: int, peer: str) -> float:
        """Helpa's rate over the peer's: the median of the rounds' own ratios."""
        pairs = zip(
            self.rates(case, concurrency, HELPA),
            self.rates(case, concurrency, peer),
            strict=True,
        )
        return median(own / other for own, other in pairs)

    def mean_ratio(self, concurrency: int, peer: str) -> float:
        """The geometric mean of all cases' ratios."""
        return exp(sum(log(self.ratio(c, concurrency, peer)) for c in self.cases) / len(self.cases))

    def processor(self, case: Case, server: str) -> float:
        """Processor milliseconds of the server's processes for one request, over all bursts."""
        rows = [row for c in CONCURRENCIES for row in self._rows[case, c, server]]
        seconds = float(sum(row["processor_seconds"] for row in rows))
        requests = int(sum(row["requests"] for row in rows))
        return 1000 * seconds / requests

    def processors(self) -> str:
        """One line a case: what a render costs, whoever else used the cores meanwhile."""
        head = ["rendition", *(f"{name} ms" for name in self.servers)]
        head += [f"{peer} ÷ helpa" for peer in self.peers]
        rows = []
        for case in self.cases:
            own = {name: self.processor(case, name) for name in self.servers}
            ratios = [times(own[peer] / max(own[HELPA], 0.01)) for peer in self.peers]
            rows.append([str(case), *(f"{value:.1f}" for value in own.values()), *ratios])
        return table(head, rows)

    def summary(self) -> str:
        """One line a concurrency."""
        head = ["clients", *(f"helpa ÷ {peer}" for peer in self.peers)]
        rows = [
            [str(c), *(times(self.mean_ratio(c, peer)) for peer in self.peers)]
            for c in CONCURRENCIES
        ]
        return table(head, rows)

    def detail(self, concurrency: int) -> str:
        """One line a case: times for a single client, rates for several."""
        single = concurrency == 1
        unit = "ms" if single else "/s"
        head = ["rendition", *(f"{name} {unit}" for name in self.servers)]
        head += [f"helpa ÷ {peer}" for peer in self.peers]
        rows = []
        for case in self.cases:
            values = [
                self.milliseconds(case, 1, name)
                if single
                else median(self.rates(case, concurrency, name))
                for name in self.servers
            ]
            ratios = [times(self.ratio(case, concurrency, peer)) for peer in self.peers]
            rows.append([str(case), *(f"{value:.1f}" for value in values), *ratios])
        return table(head, rows)


def _looks(rows: Rows) -> str:
    servers = _servers(rows)
    found = {(Case(r["picture"], r["width"], r["format"]), r["server"]): r for r in rows}
    head = ["rendition", *(f"{name} KB" for name in servers), *(f"{n} score" for n in servers)]
    lines = []
    for case in dict.fromkeys(case for case, _ in found):
        own = [found[case, name] for name in servers]
        sizes = [f"{row['bytes'] / 1000:.1f}" for row in own]
        lines.append([str(case), *sizes, *(f"{row['ssimulacra2']:.1f}" for row in own)])
    return table(head, lines)


def _uploads(rows: Rows) -> str:
    lines = []
    for picture in PICTURES:
        own = [row for row in rows if row["picture"] == picture]
        uploaded = median(row["upload_ms"] for row in own)
        first = median(row["first_rendition_ms"] for row in own)
        processor = 1000 * median(row["processor_seconds"] for row in own)
        lines.append([picture, f"{uploaded:.0f}", f"{first:.0f}", f"{processor:.0f}"])
    head = ["picture", "upload to 201, ms", "first w=400 webp after it, ms"]
    return table([*head, "processor in all, levels included, ms"], lines)


def _cached(rows: Rows) -> str:
    servers = _servers(rows)
    others = [name for name in servers if name != HELPA and HELPA in servers]
    head = ["body", *(f"{name} /s" for name in servers), *(f"helpa ÷ {name}" for name in others)]
    head += [f"{name} p99 ms" for name in servers]
    lines = []
    for size in dict.fromkeys(row["bytes"] for row in rows):
        own = {
            name: [row for row in rows if row["server"] == name and row["bytes"] == size]
            for name in servers
        }
        rates = {name: [row["requests_per_second"] for row in own[name]] for name in servers}
        ratios = [
            median(a / b for a, b in zip(rates[HELPA], rates[name], strict=True)) for name in others
        ]
        line = [f"{size / 1000:.1f} KB", *(f"{median(rates[name]):.0f}" for name in servers)]
        line += [f"{value:.2f}" for value in ratios]
        line += [f"{median(row['p99_ms'] for row in own[name]):.2f}" for name in servers]
        lines.append(line)
    return table(head, lines)


def _memory(rows: Rows) -> str:
    head = ["server and moment", "processes", "PSS MB", "RSS MB"]
    lines = [
        [
            f"{row['server']}, {row['moment']}",
            str(row["processes"]),
            f"{row['pss'] / 1024:.0f}",
            f"{row['rss'] / 1024:.0f}",
        ]
        for row in rows
    ]
    return table(head, lines)


def _ground(results: dict[str, Any]) -> str:
    machine = results["machine"]
    own = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
    lines = [["date", results["date"]], ["run", results["run"]], ["machine", own]]
    lines.append(["load before", ", ".join(map(str, machine["load_before"]))])
    lines += [[name, value] for name, value in results["versions"].items()]
    lines += [[name, value] for name, value in results["pictures"].items()]
    width = max(len(name) for name, _ in lines)
    return "\n".join(
        ["| | |", "| --- | --- |", *(f"| {name.ljust(width)} | {value} |" for name, value in lines)]
    )


def tables(results: dict[str, Any]) -> str:
    """All tables of what was measured."""
    parts: list[str] = []
    if rows := results.get("cold"):
        cold = Cold(rows)
        if cold.peers:
            parts += ["## Cold renders, in short", SUMMARY, cold.summary()]
        parts.append("## Cold renders, one by one")
        for concurrency in CONCURRENCIES:
            one = "One client: median time of a request"
            many = f"{concurrency} clients: renders a second"
            parts += [f"**{one if concurrency == 1 else many}**", cold.detail(concurrency)]
        parts += ["**Processor time of one render**", cold.processors()]
        parts += ["## Bytes and looks of the same renditions", _looks(results["renditions"])]
    if rows := results.get("uploads"):
        parts += ["## What Helpa spends at upload", _uploads(rows)]
    if found := results.get("operations"):
        parts += ["## What each operation costs", *costs.tables(found)]
    if found := results.get("bytes"):
        parts += ["## Bytes at equal looks", *sizes.tables(found)]
    if rows := results.get("cached"):
        parts += ["## Cached replies", _cached(rows)]
    if rows := results.get("memory"):
        parts += ["## Memory", _memory(rows)]
    return "\n\n".join(parts)


def document(results: dict[str, Any]) -> str:
    """The whole RESULTS.md."""
    intro = "Written by `python -m bench`; the raw numbers are in `results.json`."
    parts = ["# Benchmark results", intro, _ground(results), tables(results), method(results)]
    return "\n\n".join(parts)
