"""Originals kept encrypted: the file is in the data directory, its key is not in the database.

Each picture has a key of its own, made when it is first needed and destroyed with the last original
it opens. It also makes the HMAC that a manifest calls "before": who holds the original and the key
can show that this was it, and once the key is gone nobody can tell anything from it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpa.core import keyfile
from helpa.core.errors import NotFound
from helpa.core.files import DataDir, sync_folder
from helpa.core.ids import is_id, new_id

KEY_BYTES, NONCE_BYTES = 32, 12
"""AES-256-GCM with the nonce of NIST SP 800-38D, 8.2; each key of ours seals a handful of files."""

FOLDER = "keys"


class Seals:
    """Keys of pictures, and what they seal.

    Args:
        files: where sealed files are.
        folder: where keys are; unset is the data directory's own.
    """

    def __init__(self, files: DataDir, folder: Path | None = None) -> None:
        self._files = files
        self._folder = folder or files.root / FOLDER

    def _path(self, image: str) -> Path:
        if not is_id(image):
            raise ValueError(image)
        return self._folder / image

    def _key(self, image: str) -> bytes:
        """Return the key of a picture, making it where there is none; blocks."""
        path = self._path(image)
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            keyfile.create(path, secrets.token_hex(KEY_BYTES))
        return bytes.fromhex(path.read_text(encoding="ascii"))

    def before(self, image: str, path: Path, *, kept: bool) -> str:
        """Return the HMAC-SHA-256 of a file under a picture's key, in hex; blocks.

        Args:
            image: its id.
            path: the file.
            kept: whether the key is; else it is forgotten right here.
        """
        key = self._derived(self._key(image), b"before") if kept else secrets.token_bytes(KEY_BYTES)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        return hmac.new(key, digest, hashlib.sha256).hexdigest()

    def seal(self, image: str, path: Path) -> str:
        """Keep a file encrypted under a picture's key; return its name; blocks.

        Raises:
            StorageFull: the disk has no room.
        """
        name, nonce = new_id(), secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._derived(self._key(image), b"original"))
        sealed = cipher.encrypt(nonce, path.read_bytes(), f"{image}/{name}".encode())
        self._files.write_sealed(name, nonce + sealed)
        return name

    def open(self, image: str, name: str) -> bytes:
        """Return what was sealed; blocks.

        Raises:
            NotFound: the file or the key is gone, or is not the one it was.
        """
        try:
            key = bytes.fromhex(self._path(image).read_text(encoding="ascii"))
            data = (self._files.sealed / name).read_bytes()
            nonce, sealed = data[:NONCE_BYTES], data[NONCE_BYTES:]
            cipher = AESGCM(self._derived(key, b"original"))
            return cipher.decrypt(nonce, sealed, f"{image}/{name}".encode())
        except (OSError, ValueError, InvalidTag):
            raise NotFound("The original of this image is gone, or its key is.") from None

    def erase(self, name: str) -> None:
        """Remove a sealed file; blocks."""
        (self._files.sealed / name).unlink(missing_ok=True)

    def forget(self, image: str) -> None:
        """Destroy the key of a picture: what it sealed is lost, in every copy; blocks."""
        path = self._path(image)
        with contextlib.suppress(FileNotFoundError):
            # Its blocks may be given to another file unwritten: the name alone is no key.
            descriptor = os.open(path, os.O_WRONLY)
            try:
                os.write(descriptor, b"0" * (2 * KEY_BYTES))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            path.unlink(missing_ok=True)
            sync_folder(self._folder)

    @staticmethod
    def _derived(key: bytes, purpose: bytes) -> bytes:
        kdf = HKDF(hashes.SHA256(), KEY_BYTES, None, b"helpa original 1 " + purpose)
        return kdf.derive(key)

    def stored(self, older_than: float) -> list[str]:
        """Return the names of sealed files last changed before ``older_than``; blocks."""
        found = []
        for path in self._files.sealed.iterdir():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < older_than:
                    found.append(path.name)
        return found
