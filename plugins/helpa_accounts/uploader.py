"""Ways to upload with a token: a curl line, a custom uploader for ShareX."""

from __future__ import annotations

import shlex
from typing import Any
from urllib.parse import urlsplit


def curl(public_url: str, token: str) -> str:
    """Return a command that uploads a picture.

    Args:
        public_url: of the server.
        token: its text.
    """
    header = shlex.quote(f"Authorization: Bearer {token}")
    return f"curl -H {header} -F file=@picture.png {shlex.quote(f'{public_url}/api/images')}"


def sharex(public_url: str, token: str) -> dict[str, Any]:
    """Return what a .sxcu file holds (getsharex.com/docs/custom-uploader).

    Args:
        public_url: of the server.
        token: its text.
    """
    return {
        "Version": "14.0.0",
        "Name": f"Helpa ({urlsplit(public_url).netloc})",
        "DestinationType": "ImageUploader",
        "RequestMethod": "POST",
        "RequestURL": f"{public_url}/api/images",
        "Headers": {"Authorization": f"Bearer {token}"},
        "Body": "MultipartFormData",
        "FileFormName": "file",
        "URL": "{json:url}",
        "ThumbnailURL": "{json:links.thumb}",
        "ErrorMessage": "{json:detail}",
    }
