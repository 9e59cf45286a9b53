"""Files that nobody else may read."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation, data_dir

SIGNING_KEY = "signing.key"


def check(installation: Installation) -> Iterator[Finding]:
    """Say whether the signing key and the data directory are their owner's alone."""
    if installation.settings is None:
        return
    files = data_dir(installation.settings)
    if not files.root.is_dir():
        return  # said by the check of the database
    sound = True
    if stat.S_IMODE(files.root.stat().st_mode) & 0o077:
        sound = False
        text = f"{files.root} is open to other users of this machine"
        yield Finding("warn", "keys", text, f"chmod 700 {files.root}")
    key = files.root / SIGNING_KEY
    if not key.exists():
        if sound:
            yield Finding("ok", "keys", f"no {SIGNING_KEY} there; only the owner may look in")
        return
    mode = stat.S_IMODE(key.stat().st_mode)
    if mode & 0o177:
        text = f"{key} has mode {mode:04o}: others may sign links"
        yield Finding("fail", "keys", text, f"chmod 600 {key}, then change the key.")
    else:
        yield Finding("ok", "keys", f"{key} is its owner's alone")
