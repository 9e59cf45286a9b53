"""Servers to test against: one in this process, called without a network, and a real one."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
from PIL import Image
from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from helpa.core.app import Helpa
from helpa.core.errors import HelpaError, SettingsError
from helpa.core.files import DataDir
from helpa.core.mistakes import mistakes_of
from helpa.core.permissions import DEFAULT_SCOPES
from helpa.core.plugins import migrations
from helpa.core.plugins.manager import PluginManager, installed
from helpa.core.settings import Settings
from helpa.testing.pictures import encode

START_SECONDS = 60.0
STOP_SECONDS = 20.0

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Of clients, which speak no TLS to these servers: a context for each would take 40 ms."""

QUICK: dict[str, Any] = {
    "plugins": ("basics",),
    "cache": {"disk_bytes": 0},
    "drain_seconds": 0,
    "workers": {"count": 2},
    "log_level": "warning",
}
"""What tests change: the fewest workers, renditions in memory alone, no waiting at the end."""


class _Settings(Settings):
    """Settings that a test gives and nothing else: no variable, no file."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class Served(ABC):
    """What a test does with a server, wherever it runs.

    Args:
        url: what its absolute links begin with.
        data_dir: its folder.
    """

    def __init__(self, url: str, data_dir: Path) -> None:
        self.url = url
        self.data_dir = data_dir
        self._token = ""

    @property
    def token(self) -> str:
        """A token with the default scopes."""
        if not self._token:
            self._token = self.make_token(*DEFAULT_SCOPES)
        return self._token

    @abstractmethod
    def make_token(self, *scopes: str) -> str:
        """Return a new token with some scopes."""

    def client(self, token: str | None = "", **options: Any) -> httpx2.Client:
        """Return a client.

        Args:
            token: what it shows; empty takes :attr:`token`, None shows nothing.
            options: handed on to :class:`httpx2.Client`.
        """
        headers = {"Accept": "*/*"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token or self.token}"
        given = {
            "base_url": self.url, "timeout": 60, "verify": NO_TLS, **self._options(), **options,
        }  # fmt: skip
        return httpx2.Client(headers=headers, **given)

    def _options(self) -> dict[str, Any]:
        return {}

    def upload(
        self, data: bytes | Image.Image, filename: str = "picture", **fields: str
    ) -> dict[str, Any]:
        """Upload a picture and return its document.

        Args:
            data: an encoded picture, or an image, which goes as PNG or GIF.
            filename: what it is called.
            fields: other fields of the form, such as ``visibility``.
        """
        raw = encode(data) if isinstance(data, Image.Image) else data
        with self.client() as client:
            reply = client.post("/api/images", files={"file": (filename, raw)}, data=fields)
        assert reply.status_code == 201, reply.text
        document: dict[str, Any] = reply.json()
        return document

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Get a path as nobody in particular; ``Accept_Language="de"`` is a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.client(None) as client:
            return client.get(path, headers=named)


class App(Served):
    """A whole server in this process; only its pixel workers are processes of their own.

    Args:
        helpa: the server.
        loop: the event loop it runs in, on a thread of its own.
    """

    def __init__(self, helpa: Helpa, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(helpa.settings.base_url, helpa.settings.data_dir)
        self.helpa = helpa
        self._loop = loop

    def make_token(self, *scopes: str) -> str:
        """Return a new token with some scopes."""
        services = self.helpa.services(self.helpa.plugins.plugins[0])
        return (
            asyncio.run_coroutine_threadsafe(
                services.database.write(
                    lambda c: services.tokens.create(c, "test", scopes or DEFAULT_SCOPES)
                ),
                self._loop,
            )
            .result(STOP_SECONDS)
            .text
        )

    def _options(self) -> dict[str, Any]:
        return {"transport": _Transport(self.helpa, self._loop)}


class _Transport(httpx2.BaseTransport):
    """Hands requests of a plain client to an application in another thread's loop."""

    def __init__(self, application: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._asgi = httpx2.ASGITransport(app=application, raise_app_exceptions=False)
        self._loop = loop

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        reply = await self._asgi.handle_async_request(request)
        body = await reply.aread()
        return httpx2.Response(reply.status_code, headers=reply.headers.raw, content=body)


class _Given:
    """Stands for the entry point of a plugin that is handed over as a module."""

    dist = None

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def load(self) -> ModuleType:
        return self._module


def plugin_name(plugin: str | ModuleType) -> str:
    """Return what a plugin is enabled by: a module ``helpa_glow`` is ``glow``."""
    if isinstance(plugin, str):
        return plugin
    return plugin.__name__.rpartition(".")[2].removeprefix("helpa_")


def found_plugins(plugins: tuple[str | ModuleType, ...]) -> dict[str, Any]:
    """Return entry points by name: those installed, and modules that need not be."""
    modules = {plugin_name(p): _Given(p) for p in plugins if isinstance(p, ModuleType)}
    return {**installed(), **modules}


@contextmanager
def app(*plugins: str | ModuleType, folder: Path | None = None, **settings: Any) -> Iterator[App]:
    """Run a server in this process, with ``basics`` and some plugins enabled.

    Variables and settings files are not read. The drawing modules of a plugin are imported by
    workers, so they must be importable in a new process: install the plugin
    (``pip install -e .``) or put its folder on ``PYTHONPATH``.

    Args:
        plugins: names of installed plugins, or modules.
        folder: its data directory; a temporary one unless given.
        settings: as in the settings file, tables as dictionaries: ``limits={"queue": 5}``,
            ``plugin={"glow": {"strength": 3}}``.

    Raises:
        SettingsError: the settings hold mistakes.
        PluginError: a plugin cannot be used.
    """
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="helpa-")))
        chosen = _settings({"data_dir": folder, **settings}, plugins)
        files = DataDir(chosen.data_dir)
        files.create()
        manager = PluginManager(chosen.enabled, chosen.plugin, found_plugins(plugins))
        migrations.upgrade(manager, files.database, chosen.database)
        helpa = Helpa(chosen, manager)
        loop = stack.enter_context(_running(helpa))
        yield App(helpa, loop)


def _settings(given: Mapping[str, Any], plugins: tuple[str | ModuleType, ...]) -> Settings:
    merged = {**QUICK, **given}
    for name in ("cache", "workers"):
        merged[name] = {**QUICK[name], **given.get(name, {})}
    enabled = [*merged["plugins"], *map(plugin_name, plugins)]
    merged["plugins"] = list(dict.fromkeys(enabled))
    try:
        return _Settings(**merged)
    except ValidationError as error:
        raise SettingsError("\n".join(mistakes_of(error, Settings))) from None


@contextmanager
def _running(helpa: Helpa) -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    started = threading.Event()
    stop = asyncio.Event()
    failed: list[BaseException] = []

    async def run() -> None:
        async with helpa.running():
            started.set()
            await stop.wait()

    def work() -> None:
        try:
            loop.run_until_complete(run())
        except BaseException as error:  # noqa: BLE001  raised again where the test waits
            failed.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=work, name="helpa-app", daemon=True)
    thread.start()
    started.wait(START_SECONDS)
    try:
        if failed:
            raise failed[0]
        yield loop
    finally:
        if not failed:
            loop.call_soon_threadsafe(stop.set)
        thread.join(STOP_SECONDS)
        if not thread.is_alive():
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
    if failed:
        raise failed[0]


class Server(Served):
    """A real server in a process of its own.

    Args:
        url: where it is.
        data_dir: its folder.
        process: its process.
        environment: what it was started with, and its port.
    """

    def __init__(
        self,
        url: str,
        data_dir: Path,
        process: subprocess.Popen[str],
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(url, data_dir)
        self.process = process
        self.environment = environment

    def make_token(self, *scopes: str) -> str:
        """Return a new token with some scopes, made by the command line."""
        named = itertools.chain.from_iterable(("--scope", scope) for scope in scopes)
        return self.command("token", "create", "--name", "test", *named).stdout.strip()

    def command(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``helpa <args> --data-dir …`` with this server's settings.

        Raises:
            AssertionError: it fails, unless ``check`` is False; says what it wrote.
        """
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", "helpa", *args, "--data-dir", str(self.data_dir)],
            env=dict(self.environment),
            cwd=self.data_dir,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done


@contextmanager
def serve(*plugins: str, folder: Path | None = None, **settings: Any) -> Iterator[Server]:
    """Run a real server on a free port of the loopback address.

    Args:
        plugins: names of installed plugins, enabled beside ``basics``.
        folder: its data directory; a temporary one unless given.
        settings: as in the settings file, tables as dictionaries.

    Raises:
        HelpaError: it does not start; says what it wrote.
    """
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="helpa-")))
        folder.mkdir(parents=True, exist_ok=True)
        environment = _environment(
            {"plugins": ["basics", *plugins], "drain_seconds": 0, **settings}
        )
        errors = stack.enter_context((folder / "server.log").open("w+", encoding="utf-8"))
        process = stack.enter_context(
            subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-m", "helpa", "serve", "--port", "0", "--data-dir", str(folder)],
                env=environment,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        )
        stack.callback(_stop, process)
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        if not first.startswith("Helpa is at "):
            process.wait(STOP_SECONDS)
            errors.seek(0)
            raise HelpaError(f"the server did not start: {errors.read().strip()}")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        url = first.removeprefix("Helpa is at ")
        known = environment | {"HELPA_PORT": url.rpartition(":")[2]}  # for links in commands
        yield Server(url, folder, process, known)


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return this process' environment with these settings and no other of Helpa's."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("HELPA_")}
    for name, value in settings.items():
        tables = value.items() if isinstance(value, Mapping) and name != "plugin" else ()
        for inner, each in tables:
            kept[f"HELPA_{name}__{inner}".upper()] = _text(each)
        if not tables:
            kept[f"HELPA_{name}".upper()] = _text(value)
    return kept


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
