"""Cached replies: equal bytes from Helpa's memory, a bare ASGI callable and nginx, by wrk."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cases import Case, Effort
from bench.client import HOST, checked, free_port
from bench.process import BenchError, Process
from bench.servers import Helpa, Server

CONNECTIONS = 16
TARGETS = (20_000, 30_000)
NGINX = """\
{user}worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 10000000;
    default_type image/jpeg;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{ listen {host}:{port}; root {root}; }}
}}
"""


@dataclass(frozen=True)
class Body:
    """A reply of about a wanted size, and where it was found."""

    name: str
    path: str
    content: bytes


def bodies(server: Server) -> list[Body]:
    """JPEG renditions of the photograph whose sizes come nearest to those wanted."""
    tried = []
    for width in range(240, 640, 20):
        path = server.fixed(Case("photo 6 MP", width, "jpeg"))
        tried.append((path, checked(server.port, path).body))
    found = []
    for target in TARGETS:
        path, content = min(tried, key=lambda pair: abs(len(pair[1]) - target))
        found.append(Body(f"{target // 1000}", path, content))
    return found


@dataclass(frozen=True)
class Contestant:
    """A server that answers the same bytes, and the paths it answers them on."""

    name: str
    process: Process
    port: int
    paths: dict[str, str]


class Field:
    """All contestants of this part, started on ``enter`` and ended on ``close``."""

    def __init__(self, helpa: Helpa | None, source: Server, folder: Path) -> None:
        self.bodies = bodies(source)
        self.contestants: list[Contestant] = []
        root = folder / "static"
        root.mkdir()
        for body in self.bodies:
            (root / f"{body.name}.jpg").write_bytes(body.content)
        # nginx's worker may run as another user.
        for path in (folder, root):
            path.chmod(0o755)
        if helpa is not None:
            paths = {body.name: body.path for body in self.bodies}
            self.contestants.append(Contestant("helpa", helpa.process, helpa.port, paths))
        self._own: list[Process] = []
        try:
            self._add("bare ASGI", _bare(root, folder))
            self._add("nginx", _nginx(root, folder))
            self._check()
        except BaseException:
            self.close()
            raise

    def _add(self, name: str, started: tuple[Process, int]) -> None:
        process, port = started
        self._own.append(process)
        paths = {body.name: f"/{body.name}.jpg" for body in self.bodies}
        self.contestants.append(Contestant(name, process, port, paths))
        process.wait_ready(port, next(iter(paths.values())))

    def _check(self) -> None:
        for body in self.bodies:
            for one in self.contestants:
                if checked(one.port, one.paths[body.name]).body != body.content:
                    raise BenchError(f"{one.name} answers other bytes than {body.path}")

    def close(self) -> None:
        """End what was started here."""
        for process in self._own:
            process.stop()


def _bare(root: Path, folder: Path) -> tuple[Process, int]:
    port = free_port()
    argv = [sys.executable, "-m", "bench.bare", "--root", root, "--port", str(port)]
    return Process(argv, folder / "bare.log", folder=Path(__file__).parent.parent), port


def _nginx(root: Path, folder: Path) -> tuple[Process, int]:
    port = free_port()
    configuration = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    text = NGINX.format(user=user, folder=folder, host=HOST, port=port, root=root)
    configuration.write_text(text)
    argv = [nginx(), "-c", configuration, "-e", folder / "nginx-error.log"]
    return Process(argv, folder / "nginx.log"), port


def nginx() -> str:
    """Its command: Debian keeps it where users have no path to."""
    return shutil.which("nginx") or "/usr/sbin/nginx"


def wrk(port: int, path: str, seconds: int) -> dict[str, float]:
    """One run of wrk: requests a second, and the median and 99th percentile in ms."""
    argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    run = subprocess.run(
        [*argv, f"http://{HOST}:{port}{path}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 30,
    )
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise BenchError(f"wrk met errors on {path}:\n{run.stdout}")
    return {"requests_per_second": float(_number(r"Requests/sec:\s+([\d.]+)", run.stdout))} | {
        name: _milliseconds(_number(rf"^\s+{share}%\s+(\S+)$", run.stdout))
        for name, share in (("median_ms", 50), ("p99_ms", 99))
    }


def _number(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise BenchError(f"wrk printed something unexpected:\n{text}")
    return match.group(1)


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return round(float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit], 3)


def measure(field: Field, effort: Effort) -> list[dict[str, Any]]:
    """Run wrk against each contestant in turn, round by round, the order turning."""
    rows = []
    for body in field.bodies:
        for turn in range(effort.cached_rounds):
            shift = turn % len(field.contestants)
            for one in field.contestants[shift:] + field.contestants[:shift]:
                found = wrk(one.port, one.paths[body.name], effort.cached_seconds)
                row = {"server": one.name, "bytes": len(body.content), "round": turn}
                rows.append(row | found)
    return rows
