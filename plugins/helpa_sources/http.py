"""Pictures under a base URL, through the guarded fetcher."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from helpa import Fetched, FetchService, Missing, SourceAnswer, Unchanged, Unprocessable

_GONE = (404, 410)
_TRICK = re.compile(r"%(?:2e|2f|5c|00)", re.IGNORECASE)


class HttpSettings(BaseModel):
    """Where the pictures are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(description="What the path is appended to.")
    headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="Sent with each request: Authorization, for instance."
    )

    @field_validator("base_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@\\]+(/[^\s?#\\]*)?", value):
            raise ValueError("expected http://host/… or https://host/…, without query and user")
        return value.rstrip("/")

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in value.items():
            text = secret.get_secret_value()
            plain = text.isascii() and text.isprintable() and text == text.strip()
            if not plain or not re.fullmatch(r"[A-Za-z0-9-]+", name):
                raise ValueError(f"expected names and values of HTTP headers; {name!r} is none")
        return value


class HttpSource:
    """A server that has pictures.

    Args:
        settings: where.
        fetcher: the guarded way out.
    """

    def __init__(self, settings: HttpSettings, fetcher: FetchService) -> None:
        self._base = settings.base_url
        self._headers = {n: value.get_secret_value() for n, value in settings.headers.items()}
        self._fetcher = fetcher

    async def fetch(self, path: str, into: Path, *, validator: str, max_bytes: int) -> SourceAnswer:
        """Fetch what the server has under the base URL; never anything beside it.

        Raises:
            RequestError: the server failed, or may not be reached.
        """
        segments = path.split("/")
        if any(not s or s in (".", "..") or _TRICK.search(s) for s in segments):
            # Servers that decode twice would read these as separators.
            return Missing()
        url = "/".join([self._base, *(quote(segment, safe="") for segment in segments)])
        try:
            headers = await self._fetcher.fetch(
                url,
                into,
                max_bytes=max_bytes,
                headers=self._headers,
                conditions=_conditions(validator),
            )
        except Unprocessable as error:
            if error.extra.get("upstream_status") in _GONE:
                return Missing()
            raise
        if headers is None:
            return Unchanged()
        known = {n: headers[n] for n in ("etag", "last-modified") if headers.get(n)}
        return Fetched(json.dumps(known) if known else "")


def _conditions(validator: str) -> dict[str, str]:
    try:
        known = json.loads(validator or "{}")
    except ValueError:
        known = {}  # of another kind of source, which had this name before
    if not isinstance(known, dict):
        return {}
    if "etag" in known:
        return {"If-None-Match": known["etag"]}
    if "last-modified" in known:
        return {"If-Modified-Since": known["last-modified"]}
    return {}
