"""The settings file and the variables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation
from helpa.core.settings import CONFIG_FILE


def check(installation: Installation) -> Iterator[Finding]:
    """Say which file is read, and name every mistake."""
    if installation.mistakes:
        advice = "`helpa config` prints every setting; nothing starts before this is right."
        for mistake in installation.mistakes:
            yield Finding("fail", "settings", mistake, advice)
        return
    path = Path(os.environ.get("HELPA_CONFIG") or CONFIG_FILE).absolute()
    count = sum(name.startswith("HELPA_") and name != "HELPA_CONFIG" for name in os.environ)
    variables = f"{count} HELPA_ variable{'' if count == 1 else 's'}"
    if path.is_file():
        yield Finding("ok", "settings", f"{path}, and {variables}")
    else:
        yield Finding("ok", "settings", f"no file (looked for {path}), {variables}")
