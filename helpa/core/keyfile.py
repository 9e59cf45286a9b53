"""Signing keys: those of the settings, or a file that a server makes at its first start."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from helpa.core.errors import SettingsError
from helpa.core.files import DataDir, sync_folder
from helpa.core.ids import new_id
from helpa.core.settings import Settings
from helpa.core.signing import Key, Keyring

NAME = "signing.key"


def keyring(settings: Settings, files: DataDir) -> Keyring:
    """Return the keys of the settings, or else of the data directory.

    Raises:
        SettingsError: the file of keys cannot be read.
    """
    given = [key.key() for key in settings.signing.keys]
    return Keyring(given or load(files.root))


def load(folder: Path) -> list[Key]:
    """Return the keys of a data directory, making the first where there is none.

    Raises:
        SettingsError: the file cannot be read.
    """
    path = folder / NAME
    if not path.exists():
        create(path, _text([new_key()]))
    return read(path)


def read(path: Path) -> list[Key]:
    """Return the keys in a file, the current one first.

    Raises:
        SettingsError: it is not what this module writes.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["keys"]
        keys = [Key(each["id"], each["secret"], each["retires_at"]) for each in listed]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read: {error!r}.") from None
    if not keys:
        raise SettingsError(f"{path} holds no key; delete it to have one made.")
    return keys


def rotate(folder: Path, retires_at: float) -> Key:
    """Put a new key in front; those before it retire.

    Args:
        folder: the data directory.
        retires_at: when, in seconds since 1970.
    """
    path = folder / NAME
    added = new_key()
    kept = [
        Key(key.id, key.secret, min(key.retires_at or retires_at, retires_at))
        for key in load(folder)
    ]
    aside = path.with_name(f"{NAME}.{new_id()}")
    _write(aside, _text([added, *kept]))
    aside.rename(path)
    sync_folder(folder)
    return added


def new_key() -> Key:
    """Return a new key of 256 random bits."""
    return Key(f"k{secrets.token_hex(3)}", secrets.token_urlsafe(32))


def create(path: Path, text: str) -> None:
    """Make a file that its owner alone may read, unless another process was first; blocks.

    Args:
        path: its name, which appears when all of it is on the disk.
        text: what it holds.
    """
    aside = path.with_name(f"{path.name}.{new_id()}")
    _write(aside, text)
    try:
        # Two processes that start together must agree: a link fails where the name is taken.
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
    sync_folder(path.parent)


def hand_over(descriptor: int, folder: Path) -> None:
    """Give a file that root has made to who owns the folder, so that the server can use it."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _text(keys: list[Key]) -> str:
    listed: list[dict[str, Any]] = [
        {"id": key.id, "secret": key.secret, "retires_at": key.retires_at} for key in keys
    ]
    return json.dumps({"keys": listed}, indent=2)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    hand_over(descriptor, path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
