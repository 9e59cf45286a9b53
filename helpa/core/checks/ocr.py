"""Tesseract, which reads text in pictures where a plugin asks for it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation


def check(_: Installation) -> Iterator[Finding]:
    """Say whether it is there; suggestions of the redaction plugin need it."""
    program = shutil.which("tesseract")
    if program is None:
        advice = "To find text that should be redacted, install tesseract-ocr."
        yield Finding("ok", "ocr", "tesseract is not installed", advice)
        return
    done = subprocess.run(  # noqa: S603  the program found on PATH
        [program, "--list-langs"], capture_output=True, text=True, timeout=10, check=False
    )
    languages = [line for line in done.stdout.splitlines()[1:] if line.strip()]
    yield Finding("ok", "ocr", f"tesseract with {', '.join(languages) or 'no language'}")
