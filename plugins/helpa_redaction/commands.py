"""``helpa redaction …``."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

from helpa import Command, InvalidValue, NotFound, Parameter, Services, Unprocessable
from helpa_redaction import manifests, verification

MOST_BYTES = 100 * 2**20


async def verify(
    services: Services,
    manifest: Annotated[str, Parameter("File of the manifest, as the API answers it.")],
    picture: Annotated[str, Parameter("File of a picture as it was served.")],
    *,
    key: Annotated[
        str, Parameter("Public key that must have signed it; unset takes those of this server.")
    ] = "",
) -> str:
    """Check a served picture against its manifest.

    Fails where the manifest is not signed as it should be, or a region shows anything but its fill.
    """
    document = await asyncio.to_thread(_document, Path(manifest))
    trusted = [key] if key else manifests.public_keys(services)
    if document.get("key") not in trusted or not manifests.is_signed(document):
        raise Unprocessable(
            "The manifest is not signed by " + ("this key." if key else "this server.")
        )
    path = Path(picture)
    if not await asyncio.to_thread(path.is_file):
        raise NotFound(f"There is no file {picture}.")
    found = await verification.check(path, document["manifest"])
    if found.problems:
        raise Unprocessable(
            "The picture does not keep to its manifest: " + " ".join(found.problems)
        )
    return found.text


async def key(services: Services) -> str:
    """Print the public keys that this server signs manifests with, the present one first."""
    return "\n".join(manifests.public_keys(services))


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidValue(f"{path} is larger than a manifest can be.")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise InvalidValue(f"{path} is no JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("manifest"), dict):
        raise InvalidValue(f"{path} holds no manifest.")
    return document


COMMANDS = (Command("redaction verify", verify), Command("redaction key", key))
