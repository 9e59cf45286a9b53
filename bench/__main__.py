"""The command: ``python -m bench [--quick] [--only cold|cached|memory|operations|bytes]``."""

import argparse
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from bench import cached, cold, costs, machine, report, sizes
from bench.cases import FULL, PICTURES, QUICK, Effort
from bench.client import RefusedError, burst
from bench.process import BenchError, Process
from bench.servers import HELPA_SETTINGS, PEERS, SERVERS, Helpa, Server

HERE = Path(__file__).parent
PARTS = ("cold", "cached", "memory", "operations", "bytes")


def pictures(given: Path | None) -> tuple[Path, str]:
    """The folder of the pictures, made where there is none yet, and how they came about."""
    if given is not None:
        missing = [name for name in PICTURES.values() if not (given / name).is_file()]
        if missing:
            raise BenchError(f"--pictures lacks {', '.join(missing)}")
        return given.resolve(), "given with --pictures"
    made = HERE / ".work" / "pictures"
    photo, page = PEERS / "photo.jpg", HERE / "dashboard.html"
    if not photo.exists():
        raise BenchError("no photograph: run bench/install.sh, or give your own with --pictures")
    seed = photo.read_bytes() + page.read_bytes() + (HERE / "pictures.py").read_bytes()
    mark, stamp = made / "stamp", hashlib.sha256(seed).hexdigest()
    if not mark.exists() or mark.read_text() != stamp:
        python = PEERS / "tools" / "bin" / "python"
        argv = [str(python), "-m", "bench.pictures", "--photo", str(photo), "--page", str(page)]
        subprocess.run([*argv, "--out", str(made)], cwd=HERE.parent, check=True, timeout=300)
        mark.write_text(stamp)
    return made, (made / "method").read_text()


def described(folder: Path, how: str) -> dict[str, str]:
    """Each picture's size in bytes and the beginning of its hash, and how they were made."""
    found = {"pictures": how}
    for name, file in PICTURES.items():
        content = (folder / file).read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[name] = f"{len(content)} bytes, sha256 {digest}…"
    return found


def weigh(results: dict[str, Any], name: str, moment: str, process: Process) -> None:
    """Note a server's memory."""
    row = {"server": name, "moment": moment} | process.weight().document()
    results.setdefault("memory", []).append(row)


class Run:
    """One run: servers started once, each part measured, all results in one document."""

    def __init__(self, effort: Effort, parts: tuple[str, ...], names: list[str]) -> None:
        self.effort = effort
        self.parts = parts
        self.names = names
        self.deadline = time.monotonic() + effort.minutes * 60
        self.results: dict[str, Any] = {}

    def measure(self, source: Path, folder: Path) -> None:
        """Measure all parts asked for."""
        with ExitStack() as stack:
            servers: list[Server] = []
            for name in self.names:
                print(f"starting {name}")
                server = SERVERS[name](source, folder)
                stack.callback(server.process.stop)
                servers.append(server)
            for server in servers:
                server.process.settle()
                weigh(self.results, server.name, "idle", server.process)
            self._prepare(servers)
            kept = self._cold(servers, folder) if "cold" in self.parts else []
            if self.parts == ("memory",):
                self._load(servers)
            if {"cold", "memory"} & set(self.parts):
                for server in servers:
                    server.process.settle()
                    weigh(self.results, server.name, "after the cold renders", server.process)
            if "cached" in self.parts:
                self._cached(servers, folder, stack)
            self._more(servers, source, folder)
        if kept:
            print("scoring")
            cold.judge(kept, source, folder)
            self.results["renditions"] = kept

    def _more(self, servers: list[Server], source: Path, folder: Path) -> None:
        if "operations" in self.parts:
            for server in servers:
                if isinstance(server, Helpa):
                    print("operations", flush=True)
                    self.results["operations"] = costs.measure(server, self.effort)
        if "bytes" in self.parts:
            print("bytes at equal looks", flush=True)
            self.results["bytes"] = sizes.measure(servers, self.effort, source, folder)

    def _prepare(self, servers: list[Server]) -> None:
        copies = self.effort.copies
        if "cold" not in self.parts:
            copies = QUICK.copies if self.parts == ("memory",) else 1
        for server in servers:
            if isinstance(server, Helpa):
                print(f"uploading {copies} copies of each picture", flush=True)
                if "cold" in self.parts:
                    self.results["uploads"] = cold.upload_costs(server, self.effort.uploads)
                server.prepare(copies)

    def _cold(self, servers: list[Server], folder: Path) -> list[dict[str, Any]]:
        print("cold renders")
        kept = cold.warm_up(servers, self.effort, folder)
        self.results["cold"] = cold.measure(servers, self.effort, self.deadline)
        return kept

    def _load(self, servers: list[Server]) -> None:
        print("cold renders, not timed")
        for case in self.effort.cases:
            for server in servers:
                burst(server.port, server.paths(case, QUICK.copies), 4)

    def _cached(self, servers: list[Server], folder: Path, stack: ExitStack) -> None:
        print("cached replies")
        helpa = next((server for server in servers if isinstance(server, Helpa)), None)
        field = cached.Field(helpa, servers[0], folder)
        stack.callback(field.close)
        for one in field.contestants:
            if helpa is None or one.process is not helpa.process:
                weigh(self.results, one.name, "idle", one.process)
        self.results["cached"] = cached.measure(field, self.effort)
        for one in field.contestants:
            weigh(self.results, one.name, "after the cached replies", one.process)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes; noisier")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    parser.add_argument(
        "--write",
        action="store_true",
        help="write RESULTS.md and results.json after a quick run too; a full run always does",
    )
    names = ", ".join(PICTURES.values())
    parser.add_argument("--pictures", type=Path, help=f"use your own, a folder with {names}")
    parser.add_argument(
        "--servers",
        default=",".join(SERVERS),
        help="the rendering servers, comma-separated",
    )
    given = parser.parse_args()
    given.servers = given.servers.split(",")
    if unknown := set(given.servers) - set(SERVERS):
        parser.error(f"unknown server {', '.join(sorted(unknown))}; there are {', '.join(SERVERS)}")
    if given.only == "operations":
        given.servers = [Helpa.name]
    return given


def _stopped(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> None:
    """Run what was asked for and write the report."""
    given = arguments()
    # So that the servers are ended on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stopped)
    effort = QUICK if given.quick else FULL
    run = Run(effort, (given.only,) if given.only else PARTS, given.servers)
    work = HERE / ".work"
    work.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=work))
    begin = time.monotonic()
    try:
        source, how = pictures(given.pictures)
        run.results |= {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "run": "quick" if given.quick else "full",
            "machine": machine.machine(),
            "versions": machine.versions(given.servers),
            "pictures": described(source, how),
            "helpa_settings": HELPA_SETTINGS,
        }
        run.measure(source, folder)
    except (BenchError, RefusedError, OSError, subprocess.SubprocessError) as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"done in {time.monotonic() - begin:.0f} s\n\n{report.tables(run.results)}")
    whole = given.only is None and len(given.servers) == len(SERVERS)
    if not whole or (given.quick and not given.write):
        print("\nNot a full run: RESULTS.md and results.json stay as they are.")
        return
    (HERE / "RESULTS.md").write_text(report.document(run.results))
    (HERE / "results.json").write_text(json.dumps(run.results, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
