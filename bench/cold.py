"""Cold renders: every request makes the server decode, resize and encode."""

import struct
import time
import zlib
from pathlib import Path
from typing import Any

from bench.cases import CONCURRENCIES, PICTURES, Case, Effort
from bench.client import burst, checked
from bench.looks import scores as looks
from bench.process import BenchError
from bench.servers import Helpa, Server, first_look


def warm_up(servers: list[Server], effort: Effort, folder: Path) -> list[dict[str, Any]]:
    """Render every case once on every server, uncounted, and keep the results to be looked at."""
    found: list[dict[str, Any]] = []
    for case in effort.cases:
        for server in servers:
            body = checked(server.port, server.paths(case, 1)[0]).body
            kept = folder / f"rendition-{len(found)}-{server.name}"
            kept.write_bytes(body)
            found.append(_row(case, server) | {"bytes": len(body), "kept": kept.name})
    return found


def _row(case: Case, server: Server) -> dict[str, Any]:
    return {
        "picture": case.picture,
        "width": case.width,
        "format": case.format,
        "server": server.name,
    }


def measure(servers: list[Server], effort: Effort, deadline: float) -> list[dict[str, Any]]:
    """Send every server the same bursts, round by round; raise what a server refuses.

    Within a round one case at one concurrency visits all servers before the next case begins, and
    the order of the servers turns with every round, so that noise from outside meets them alike.
    """
    rows: list[dict[str, Any]] = []
    for turn in range(effort.rounds):
        if turn and time.monotonic() > deadline:
            print(f"  the time is used up after {turn} rounds")
            break
        order = servers[turn % len(servers) :] + servers[: turn % len(servers)]
        begin = time.monotonic()
        for case in effort.cases:
            for concurrency in CONCURRENCIES:
                count = effort.requests[concurrency]
                for server in order:
                    before = server.process.members()
                    took = burst(server.port, server.paths(case, count), concurrency)
                    rows.append(
                        _row(case, server)
                        | {
                            "concurrency": concurrency,
                            "round": turn,
                            "requests": count,
                            "seconds": round(took.seconds, 5),
                            "processor_seconds": round(server.process.used(before), 4),
                            "latencies_ms": [round(s * 1000, 2) for s in took.latencies],
                        }
                    )
        print(f"  round {turn + 1} of {effort.rounds}: {time.monotonic() - begin:.0f} s")
    return rows


def judge(renditions: list[dict[str, Any]], pictures: Path, folder: Path) -> None:
    """Add size, format and SSIMULACRA2 to what ``warm_up`` kept."""
    pairs = [
        {
            "picture": str(pictures / PICTURES[row["picture"]]),
            "rendition": str(folder / row.pop("kept")),
        }
        for row in renditions
    ]
    for row, scores in zip(renditions, looks(pairs), strict=True):
        answered = scores.pop("format").lower()
        if answered != row["format"] or scores["width"] != row["width"]:
            raise BenchError(f"{row} is {answered}, {scores['width']} wide")
        row |= scores


def upload_costs(server: Helpa, count: int) -> list[dict[str, Any]]:
    """What Helpa spends when a picture comes in, which its peers spend at each render."""
    rows = []
    for picture, file in PICTURES.items():
        content = (server.pictures / file).read_bytes()
        case = Case(picture, 400, "webp")
        for number in range(count):
            before = server.process.members()
            uploaded, first = first_look(server, distinct(content, number), case)
            server.process.settle()
            rows.append(
                {
                    "picture": picture,
                    "upload_ms": round(uploaded * 1000, 1),
                    "first_rendition_ms": round(first * 1000, 1),
                    "processor_seconds": round(server.process.used(before), 2),
                }
            )
    return rows


def distinct(content: bytes, number: int) -> bytes:
    """The same picture in different bytes: a comment is put into the file."""
    note = f"bench {number}".encode()
    if content.startswith(b"\xff\xd8"):
        return content[:2] + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note + content[2:]
    chunk = b"tEXt" + b"Comment\0" + note
    packed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    # After the signature (8 bytes) and IHDR (25 bytes), which must come first.
    return content[:33] + packed + content[33:]
