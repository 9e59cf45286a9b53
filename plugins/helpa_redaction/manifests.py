"""Manifests: what was done to a picture's pixels, by whom and when, signed; never content.

What is signed is the manifest as canonical JSON (sorted names, no blanks, ASCII) after a line that
says what it is. The key is made of the secret that all instances share, so that any of them signs
alike, and what it signed stays checkable after a rotation by the public key alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from helpa import Affine, NotFound, RevisionRow, Services, StoredImage
from helpa.api import timestamp

CONTEXT = b"helpa redaction manifest 1\n"
PURPOSE = "redaction manifest"
PIXELS = ("redaction", "edit")


def signing_key(services: Services) -> Ed25519PrivateKey:
    """Return the key that signs."""
    return Ed25519PrivateKey.from_private_bytes(services.secret(PURPOSE))


def public_keys(services: Services) -> list[str]:
    """Return the public keys that this server has signed with since its last rotation."""
    found = [Ed25519PrivateKey.from_private_bytes(each) for each in services.secrets(PURPOSE)]
    return [_text(key.public_key().public_bytes_raw()) for key in found]


def signed(services: Services, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with its signature."""
    key = signing_key(services)
    return {
        "manifest": dict(manifest),
        "key": _text(key.public_key().public_bytes_raw()),
        "signature": _text(key.sign(CONTEXT + canonical(manifest))),
    }


def is_signed(document: Mapping[str, Any]) -> bool:
    """Whether a manifest is signed by the key that it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(document["key"]))
        key.verify(_bytes(document["signature"]), CONTEXT + canonical(document["manifest"]))
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def canonical(manifest: Any) -> bytes:
    """Return the bytes that are signed."""
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode()


def manifest_of(image: StoredImage, rows: Sequence[RevisionRow], revision: int) -> dict[str, Any]:
    """Return what was done to a picture up to a revision.

    Args:
        image: which.
        rows: its revisions, oldest first.
        revision: the last of which is told.

    Raises:
        NotFound: it has no such revision.
    """
    told = [row for row in rows if row.revision <= revision]
    if not told or told[-1].revision != revision:
        raise NotFound("There is no such revision.", given=str(revision))
    done = [row for row in told if row.reason in PIXELS]
    size = done[-1].details["result"] if done else None
    if size is None:
        size = (
            [image.size.width, image.size.height]
            if not any(row.reason in PIXELS for row in rows)
            else next(row.details["size"] for row in rows if row.reason in PIXELS)
        )
    return {
        "version": 1,
        "image": image.id,
        "revision": revision,
        "width": size[0],
        "height": size[1],
        "covered": list(_covered(done)),
        "changes": [_change(row) for row in done],
        "original": rows[0].original,
    }


def _change(row: RevisionRow) -> dict[str, Any]:
    details = {name: value for name, value in row.details.items() if name != "transform"}
    return {
        "revision": row.revision,
        "change": row.reason,
        "by": row.actor,
        "at": timestamp(row.created_at),
        **details,
    }


def _covered(done: Sequence[RevisionRow]) -> Iterator[dict[str, Any]]:
    """Yield every filled rectangle where it lies in the last revision, later ones on top."""
    for place, row in enumerate(done):
        later = [after.details for after in done[place + 1 :]]
        style = {name: row.details[name] for name in ("style", "colour", "cell")
                 if name in row.details}  # fmt: skip
        for rect in row.details.get("covered", ()):
            moved = _moved(rect, later)
            if moved is not None:
                yield {"rect": moved, **style}


def _moved(rect: Sequence[int], later: Sequence[Mapping[str, Any]]) -> list[int] | None:
    """Return where a rectangle lies after some changes, or None where nothing of it is left."""
    left, top, right, bottom = rect[0], rect[1], rect[0] + rect[2], rect[1] + rect[3]
    for change in later:
        if "transform" not in change:
            continue
        transform, (width, height) = Affine(*change["transform"]), change["result"]
        corners = [transform.apply(left, top), transform.apply(right, bottom)]
        xs, ys = sorted(round(x) for x, _ in corners), sorted(round(y) for _, y in corners)
        left, right = max(0, xs[0]), min(width, xs[1])
        top, bottom = max(0, ys[0]), min(height, ys[1])
        if left >= right or top >= bottom:
            return None
    return [left, top, right - left, bottom - top]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
