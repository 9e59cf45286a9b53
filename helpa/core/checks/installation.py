"""What checks look at: the settings, the data directory, and what the codecs say of themselves."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from helpa.core.errors import PluginError
from helpa.core.files import DataDir
from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import Settings
from helpa.core.workers.process import clean_environment

PROBE_SECONDS = 20.0


@dataclass
class Installation:
    """A Helpa, running or not.

    Args:
        settings: its settings, or None where they hold mistakes.
        mistakes: those mistakes, a line each.
    """

    settings: Settings | None
    mistakes: list[str]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _plugins_lock: threading.Lock = field(default_factory=threading.Lock)
    _codecs: dict[str, Any] | str | None = None
    _plugins: tuple[PluginManager, list[PluginError]] | None = None

    def codecs(self) -> dict[str, Any] | str:
        """Return what the codecs can do, or why they cannot be asked; asks them once."""
        with self._lock:
            if self._codecs is None:
                self._codecs = _ask_codecs()
            return self._codecs

    def plugins(self) -> tuple[PluginManager, list[PluginError]]:
        """Return the plugins that work, and every error of those that do not; loads them once."""
        assert self.settings is not None
        with self._plugins_lock:
            if self._plugins is None:
                self._plugins = _load_plugins(self.settings)
            return self._plugins


def nearest_folder(path: Path) -> Path:
    """Return a folder, or the nearest above it that there is."""
    while not path.is_dir() and path != path.parent:
        path = path.parent
    return path


def data_dir(settings: Settings) -> DataDir:
    """Return the data directory, whether it is there or not."""
    return DataDir(settings.data_dir)


def _ask_codecs() -> dict[str, Any] | str:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "helpa.core.pixels.about"],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
        if done.returncode == 0:
            facts: dict[str, Any] = json.loads(done.stdout)
            return facts
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    said = done.stderr.strip().splitlines()
    return said[-1] if said else f"ended with {done.returncode}"


def _load_plugins(settings: Settings) -> tuple[PluginManager, list[PluginError]]:
    """Return the plugins that work, and every error of those that do not."""
    enabled = list(settings.enabled)
    tables = dict(settings.plugin)
    broken: list[PluginError] = []
    # What is broken becomes a finding, not a log line as well.
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        while True:
            try:
                manager = PluginManager(enabled, tables)
            except PluginError as error:
                broken.append(error)
                # Named twice in plugins, it is taken out once; a table without a plugin goes too.
                last = [i for i, each in enumerate(enabled) if each.name == error.plugin]
                if last:
                    del enabled[last[-1]]
                if error.plugin not in {each.name for each in enabled}:
                    tables.pop(error.plugin, None)
                continue
            return manager, broken + manager.broken
    finally:
        structlog.configure(**before)
