"""Making plugins as strangers would: real packages with metadata, put on PYTHONPATH."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpa.core.cli import main
from serving import environment


class Workshop:
    """A folder of installed packages.

    Args:
        folder: where.
        monkeypatch: for PYTHONPATH.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self.enabled: list[str | dict[str, object]] = ["basics"]
        folder.mkdir(parents=True, exist_ok=True)
        earlier = os.environ.get("PYTHONPATH")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), earlier])))

    def install(
        self, name: str, code: str, *, optional: bool = False, enable: bool = True, **more: str
    ) -> None:
        """Install a package with an entry point, and enable it.

        Args:
            name: of the entry point; the package is ``ext_<name>``.
            code: of its ``__init__``.
            optional: whether the server may start without it.
            enable: whether it is enabled at all.
            more: further modules by name.
        """
        package = self.folder / f"ext_{name}"
        package.mkdir()
        for module, text in {"__init__": code, **more}.items():
            (package / f"{module}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        info = self.folder / f"ext_{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: ext-{name}\nVersion: 1.2\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(f"[helpa]\n{name} = ext_{name}\n", encoding="utf-8")
        if enable:
            self.enabled.append({"name": name, "optional": True} if optional else name)

    @property
    def plugins(self) -> str:
        """The ``plugins`` setting."""
        return json.dumps(self.enabled)

    def refused_at_once(self, **settings: str) -> str:
        """Run ``helpa plugins`` in this process, which must fail; return what it says."""
        for name, value in {"plugins": self.plugins, **settings}.items():
            self._monkeypatch.setenv(f"HELPA_{name.upper()}", value)
        self._monkeypatch.syspath_prepend(str(self.folder))
        self._monkeypatch.chdir(self.folder)
        importlib.invalidate_caches()
        try:
            done = CliRunner().invoke(main, ["plugins"])
        finally:
            for name in [each for each in sys.modules if each.startswith("ext_")]:
                del sys.modules[name]
        assert (done.exit_code, done.stdout) == (1, ""), done.output
        return done.stderr

    def refused(self, **settings: str) -> str:
        """Try to start a server, which must fail; return what it says."""
        with subprocess.Popen(
            [sys.executable, "-m", "helpa", "serve", "--port", "0"],
            env=environment(data_dir=str(self.folder / "var"), plugins=self.plugins, **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                first = process.stdout.readline()
                assert first == "", f"the server started: {first}"
                _, errors = process.communicate(timeout=120)
            finally:
                process.kill()
        assert process.returncode > 0, errors
        return errors
