"""The systemd unit, as systemd itself reads it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from helpa.core.jobs import FINISH_SECONDS
from helpa.core.server import GRACE_SECONDS
from helpa.core.settings import Settings, variables

UNIT = Path(__file__).parents[2] / "deploy" / "systemd" / "helpa.service"
TEXT = UNIT.read_text()


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("THERE IS NO systemd-analyze: the unit was not checked")
    changed = TEXT.replace("/opt/helpa/bin/helpa", "/bin/true")
    assert changed != TEXT
    path = tmp_path / "helpa.service"
    path.write_text(changed)
    return path


def analyze(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *args], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_finds_no_mistake_in_the_unit(unit: Path) -> None:
    done = analyze("verify", str(unit))
    assert done.returncode == 0, done.stderr
    assert "helpa.service" not in done.stderr


def test_systemd_counts_little_exposure(unit: Path) -> None:
    # Tenths of 10, which a service without any hardening has; under 2 is "OK" and better.
    done = analyze("security", "--offline=true", "--threshold=15", "--no-pager", str(unit))
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overall exposure" in done.stdout


def test_only_the_server_is_told_to_stop_and_it_is_given_time() -> None:
    assert "\nKillMode=mixed\n" in TEXT
    (given,) = re.findall(r"^TimeoutStopSec=(\d+)$", TEXT, re.MULTILINE)
    drain = Settings.model_fields["drain_seconds"].default
    assert int(given) > drain + GRACE_SECONDS + 2 * FINISH_SECONDS


def test_the_variables_of_the_unit_exist() -> None:
    known = {name for name, *_ in variables()} | {"HELPA_CONFIG"}
    used = re.findall(r"^Environment=(HELPA_\w+)=", TEXT, re.MULTILINE)
    assert len(used) == 2
    assert set(used) <= known
