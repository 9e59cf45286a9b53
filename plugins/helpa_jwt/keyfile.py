"""The file of keys: made at the first start, read anew when it has changed."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpa import PluginError

if TYPE_CHECKING:
    from joserfc.jwk import ECKey  # which the command line does not wait for

NAME = "keys.json"
ALGORITHM, CURVE = "ES256", "P-256"
"""What services of every language can check (RFC 7518 recommends it)."""


@dataclass(frozen=True)
class SigningKey:
    """A key.

    Args:
        kid: its name in the head of a token.
        pair: the key itself, private and public part.
        made_at: when, in seconds since 1970.
        retires_at: when nothing that it has signed holds any more; None for the one that signs.
    """

    kid: str
    pair: ECKey = field(repr=False)
    made_at: float
    retires_at: float | None

    def public(self) -> dict[str, Any]:
        """Return what a set of keys says of it (RFC 7517)."""
        known = self.pair.as_dict(private=False)
        members = {name: known[name] for name in ("kty", "crv", "x", "y")}
        return {**members, "kid": self.kid, "use": "sig", "alg": ALGORITHM}


def load(folder: Path) -> tuple[SigningKey, ...]:
    """Return the keys, the one that signs first; makes it where there is none.

    Args:
        folder: of the plugin.

    Raises:
        PluginError: the file cannot be read.
    """
    path = folder / NAME
    try:
        state = _state(path)
    except FileNotFoundError:
        _create(path, _text([_new()]))
        state = _state(path)
    except OSError as error:
        raise PluginError("jwt", "read keys", f"{path}: {error.strerror}") from None
    now = time.time()
    held = _read(path, state.st_ino, state.st_mtime_ns, state.st_size)
    return tuple(key for key in held if key.retires_at is None or key.retires_at > now)


def _state(path: Path) -> os.stat_result:
    # Opened, for network file systems tell only then what has changed on another machine.
    with path.open("rb") as file:
        return os.fstat(file.fileno())


def rotate(folder: Path, retires_at: float, *, forget: bool = False) -> SigningKey:
    """Put a new key in front.

    Args:
        folder: of the plugin.
        retires_at: when the ones before it go, in seconds since 1970.
        forget: whether they go at once.

    Raises:
        PluginError: the file cannot be read.
    """
    with _alone(folder):
        kept = () if forget else load(folder)
        listed = [_new()]
        for key in kept:
            earlier = retires_at if key.retires_at is None else min(key.retires_at, retires_at)
            listed.append(_members(key) | {"retires_at": earlier})
        path = folder / NAME
        aside = _aside(path)
        _write(aside, _text(listed))
        aside.replace(path)
        _sync(folder)
    return load(folder)[0]


# What a file holds is told by its inode, its time and its size: nobody writes into it in place.
@functools.lru_cache(maxsize=8)
def _read(path: Path, _inode: int, _changed_ns: int, _size: int) -> tuple[SigningKey, ...]:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["keys"]
        keys = tuple(
            SigningKey(
                each["kid"],
                ECKey.import_key({**each["key"], "kid": each["kid"], "alg": ALGORITHM}),
                each["made_at"],
                each["retires_at"],
            )
            for each in listed
        )
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise PluginError("jwt", "read keys", f"{path}: {type(error).__name__}: {error}") from None
    if not keys or not keys[0].pair.is_private or keys[0].pair.curve_name != CURVE:
        raise PluginError("jwt", "read keys", f"{path} holds no private key; move it away")
    return keys


def _new() -> dict[str, Any]:
    from joserfc.jwk import ECKey

    pair = ECKey.generate_key(CURVE, private=True)
    return {
        "kid": pair.thumbprint(),
        "key": pair.as_dict(private=True),
        "made_at": time.time(),
        "retires_at": None,
    }


def _members(key: SigningKey) -> dict[str, Any]:
    return {"kid": key.kid, "key": key.pair.as_dict(private=True), "made_at": key.made_at}


def _text(listed: list[dict[str, Any]]) -> str:
    return json.dumps({"keys": listed}, indent=2)


def _create(path: Path, text: str) -> None:
    """Make the file, unless another process was first."""
    aside = _aside(path)
    _write(aside, text)
    try:
        # Processes that start together must agree: a link fails where the name is taken.
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
    _sync(path.parent)


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}")


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        _hand_over(descriptor, path.parent)
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _hand_over(descriptor: int, folder: Path) -> None:
    # What root makes on the command line, the server must be able to read.
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other commands out, so that no key is lost between two of them."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
