"""The doctor's round: every check at the same time, under one time limit."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable

from helpa.core.checks import (
    addresses,
    clock,
    codecs,
    configuration,
    database,
    disk,
    keys,
    ocr,
    plugins,
    server,
    stores,
    versions,
    workers,
    writing,
)
from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation

SECONDS = 30.0

Check = Callable[[Installation], Iterable[Finding]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("versions", versions.check),
    ("formats", codecs.check),
    ("ocr", ocr.check),
    ("settings", configuration.check),
    ("plugins", plugins.check),
    ("database", database.check),
    ("stores", stores.check),
    ("disk", disk.check),
    ("keys", keys.check),
    ("addresses", addresses.check),
    ("clock", clock.check),
    ("workers", workers.check),
    ("writing", writing.check),
    ("server", server.check),
)


def examine(
    installation: Installation,
    seconds: float = SECONDS,
    checks: Iterable[tuple[str, Check]] = CHECKS,
) -> list[Finding]:
    """Return what every check finds, in their order.

    Args:
        installation: what to look at.
        seconds: after which a check that has not ended is a failure.
        checks: (name, check).
    """
    named = list(checks)
    answers: queue.SimpleQueue[tuple[str, list[Finding]]] = queue.SimpleQueue()
    for name, check in named:
        # A daemon: one that hangs, on a dead network disk say, must not keep the command alive.
        threading.Thread(
            target=_run, args=(name, check, installation, answers), daemon=True
        ).start()
    found: dict[str, list[Finding]] = {}
    ends = time.monotonic() + seconds
    while len(found) < len(named) and (left := ends - time.monotonic()) > 0:
        try:
            name, findings = answers.get(timeout=left)
        except queue.Empty:
            break
        found[name] = findings
    late = f"no answer within {seconds:g} s"
    advice = "Something it asks hangs: a disk, a resolver, a lock."
    return [
        finding
        for name, _ in named
        for finding in found.get(name, [Finding("fail", name, late, advice)])
    ]


def _run(
    name: str,
    check: Check,
    installation: Installation,
    answers: queue.SimpleQueue[tuple[str, list[Finding]]],
) -> None:
    try:
        findings = list(check(installation))
    except Exception as error:  # noqa: BLE001  a check that breaks is a finding too
        text = f"could not be looked at: {type(error).__name__}: {error}"
        findings = [Finding("fail", name, text)]
    answers.put((name, findings))
