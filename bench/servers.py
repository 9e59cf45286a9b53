"""The servers that render, and how each is started and asked."""

import json
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.cases import QUALITY, Case
from bench.client import HOST, fetch, free_port
from bench.process import BenchError, Process

PEERS = Path(__file__).parent / ".peers"
MEDIA = {".jpg": "image/jpeg", ".png": "image/png"}
# Helpa refuses many cold renders from one address by default; every request here is one.
# Uploading the copies for that is more requests a minute than one token has.
HELPA_SETTINGS = {"HELPA_BUDGETS__ADDRESS_BURST": "0", "HELPA_RATES__TOKEN": "0"}


class Server(ABC):
    """A server that renders pictures from a folder."""

    name: str

    def __init__(self, pictures: Path, folder: Path) -> None:
        self.pictures = pictures
        self.folder = folder
        self.port = free_port()
        self.process = self.start()
        try:
            self.process.wait_ready(self.port, self.probe())
        except BenchError as failure:
            self.process.stop()
            raise BenchError(f"{self.name} {failure}") from failure

    @abstractmethod
    def start(self) -> Process:
        """Start it on its port."""

    @abstractmethod
    def probe(self) -> str:
        """A path that answers 200 once it serves."""

    @abstractmethod
    def link(self, file: str, width: int, form: str = "", quality: int | None = None) -> str:
        """The path of a rendition; without a format the server chooses it by Accept."""

    def fixed(self, case: Case) -> str:
        """A path that always means the same rendition."""
        return self.link(case.file, case.width, case.format, QUALITY)

    def paths(self, case: Case, count: int) -> list[str]:
        """So many paths, none of which the server can answer from a cache."""
        return [self.fixed(case)] * count


class Thumbor(Server):
    """thumbor with its file loader, two processes, and no storage of sources or results."""

    name = "thumbor"
    settings = ""

    def start(self) -> Process:
        """Start it with a configuration that names only loader and storage."""
        configuration = self.folder / f"{self.name}.conf"
        configuration.write_text(
            "LOADER = 'thumbor.loaders.file_loader'\n"
            f"FILE_LOADER_ROOT_PATH = {str(self.pictures)!r}\n"
            "STORAGE = 'thumbor.storages.no_storage'\n" + self.settings
        )
        binary = PEERS / "thumbor" / "bin" / "thumbor"
        argv = [binary, "-c", configuration, "-i", HOST, "-p", str(self.port), "--processes", "2"]
        return Process(argv, self.folder / f"{self.name}.log")

    def probe(self) -> str:
        """Its health check."""
        return "/healthcheck"

    def link(self, file: str, width: int, form: str = "", quality: int | None = None) -> str:
        """An unsigned URL with the format and quality filters."""
        filters = [f"format({form})"] if form else []
        filters += [f"quality({quality})"] if quality is not None else []
        between = f"filters:{':'.join(filters)}/" if filters else ""
        return f"/unsafe/{width}x0/{between}{file}"


class AutoThumbor(Thumbor):
    """The same with the settings by which it chooses a format itself."""

    name = "thumbor-auto"
    settings = "AUTO_WEBP = True\nAUTO_AVIF = True\n"


class Ipx(Server):
    """ipx as its own command serves a folder; it keeps no results."""

    name = "ipx"

    def start(self) -> Process:
        """Start its own command."""
        folder = PEERS / "npm"
        binary = folder / "node_modules" / ".bin" / "ipx"
        argv = [binary, "serve", "--dir", self.pictures, "--host", HOST, "--port", str(self.port)]
        environment = {"NODE_ENV": "production"}
        log = self.folder / "ipx.log"
        return Process(argv, log, environment=environment, folder=folder)

    def probe(self) -> str:
        """A small rendition."""
        return "/w_16,f_jpeg/screenshot-1440x900.png"

    def link(self, file: str, width: int, form: str = "", quality: int | None = None) -> str:
        """Modifiers, then the file."""
        modifiers = f"w_{width},f_{form or 'auto'}"
        return f"/{modifiers}/{file}" if quality is None else f"/{modifiers},q_{quality}/{file}"


class Helpa(Server):
    """Helpa, asked for another copy of the picture each time, so that every request is a miss."""

    name = "helpa"

    def __init__(self, pictures: Path, folder: Path) -> None:
        self.data = folder / "helpa-data"
        self.binary = Path(sys.executable).parent / "helpa"
        self.ids: dict[str, list[str]] = defaultdict(list)
        self.used: dict[Case, int] = defaultdict(int)
        super().__init__(pictures, folder)
        self.token = self._token()

    def start(self) -> Process:
        """Start it with its defaults, except for the budget of cold renders."""
        if not self.binary.exists():
            raise BenchError("helpa is not installed beside this Python: pip install -e . first")
        argv = [self.binary, "serve", "--host", HOST, "--port", str(self.port)]
        argv += ["--data-dir", self.data]
        # In a folder of its own, where no helpa.toml lies.
        log = self.folder / "helpa.log"
        return Process(argv, log, environment=HELPA_SETTINGS, folder=self.folder)

    def probe(self) -> str:
        """Its readiness check."""
        return "/readyz"

    def _token(self) -> str:
        argv = [str(self.binary), "token", "create", "--name", "bench", "--data-dir"]
        argv.append(str(self.data))
        run = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60)
        return run.stdout.strip()

    def upload(self, content: bytes, suffix: str) -> str:
        """Upload one picture and return its id."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": MEDIA[suffix]}
        reply = fetch(self.port, "/api/images", "POST", content, headers)
        if reply.status != 201:
            raise BenchError(f"helpa refused an upload: {reply.status} {reply.body[:500]!r}")
        return str(json.loads(reply.body)["id"])

    def prepare(self, copies: int) -> None:
        """Upload so many copies of each picture and wait until nothing works on them any more."""
        for file in sorted(self.pictures.glob("*.[jp][pn]g")):
            self.copy(file.name, copies)
        self.process.settle()

    def copy(self, file: str, copies: int) -> None:
        """Upload a picture until there are so many copies of it."""
        content, suffix = (self.pictures / file).read_bytes(), Path(file).suffix
        with ThreadPoolExecutor(2) as pool:
            missing = range(copies - len(self.ids[file]))
            jobs = [pool.submit(self.upload, content, suffix) for _ in missing]
            self.ids[file] += [job.result() for job in jobs]

    def path(self, identity: str, case: Case) -> str:
        """The URL of one rendition of one uploaded picture."""
        return f"/img/{identity}?{self._query(case.width, case.format, QUALITY)}"

    def link(self, file: str, width: int, form: str = "", quality: int | None = None) -> str:
        """The rendition of the first copy."""
        return f"/img/{self.ids[file][0]}?{self._query(width, form, quality)}"

    def _query(self, width: int, form: str, quality: int | None) -> str:
        words = [f"w={width}"]
        words += [f"fmt={'jpg' if form == 'jpeg' else form}"] if form else []
        words += [f"q={quality}"] if quality is not None else []
        return "&".join(words)

    def paths(self, case: Case, count: int) -> list[str]:
        """The same rendition of copies that no request has named in this case before."""
        begin = self.used[case]
        self.used[case] += count
        found = self.ids[case.file][begin : begin + count]
        if len(found) < count:
            raise BenchError(f"only {len(self.ids[case.file])} copies of {case.file}")
        return [self.path(identity, case) for identity in found]


SERVERS: dict[str, type[Server]] = {kind.name: kind for kind in (Helpa, Thumbor, Ipx)}


def first_look(server: Helpa, content: bytes, case: Case) -> tuple[float, float]:
    """Upload a picture never seen before: seconds to 201, and from there to a first rendition."""
    begin = time.perf_counter()
    identity = server.upload(content, Path(case.file).suffix)
    uploaded = time.perf_counter()
    reply = fetch(server.port, server.path(identity, case))
    rendered = time.perf_counter()
    if reply.status != 200:
        raise BenchError(f"helpa answered {reply.status} for the first rendition of {case.file}")
    return uploaded - begin, rendered - uploaded
