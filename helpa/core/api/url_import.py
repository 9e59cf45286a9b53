"""Uploads that name a URL: what is asked, and the file that is fetched for it."""

from __future__ import annotations

from email.message import Message
from urllib.parse import unquote, urlsplit

from starlette.requests import Request

from helpa.core.api.bodies import json_body
from helpa.core.api.models import UrlUpload
from helpa.core.errors import Forbidden
from helpa.core.fetching import Fetched, Fetcher
from helpa.core.files import DataDir, base_name
from helpa.core.ingest import Incoming
from helpa.core.settings import Limits
from helpa.core.settings_fetch import Fetch


class UrlImport:
    """Fetches what an upload names.

    Args:
        fetcher: the one way out.
        files: where what it fetches arrives.
        settings: whether it may.
        limits: how large it may be.
    """

    def __init__(
        self, *, fetcher: Fetcher, files: DataDir, settings: Fetch, limits: Limits
    ) -> None:
        self._fetcher = fetcher
        self._files = files
        self._enabled = settings.enabled
        self._limits = limits

    async def asked(self, request: Request) -> UrlUpload:
        """Return what a JSON body asks for.

        Raises:
            Forbidden: imports are switched off.
            InvalidValue: a member is wrong.
        """
        if not self._enabled:
            raise Forbidden(
                "Imports by URL are switched off here (fetch.enabled).",
                field="url",
                allowed="the picture itself, as multipart field 'file' or as the raw body",
            )
        return await json_body(request, UrlUpload, self._limits)

    async def fetch(self, asked: UrlUpload) -> Incoming:
        """Return the file that a URL names.

        Raises:
            RequestError: as :meth:`Fetcher.fetch` says.
        """
        path = self._files.new_incoming()
        fetched = await self._fetcher.fetch(asked.url, path, max_bytes=self._limits.upload_bytes)
        assert isinstance(fetched, Fetched)
        name = asked.filename or sent_name(fetched) or url_name(asked.url)
        return Incoming(path, fetched.sha256, fetched.bytes, base_name(name))


def sent_name(fetched: Fetched) -> str:
    """Return the file name of a Content-Disposition header (RFC 6266), or nothing."""
    message = Message()
    try:
        message["Content-Disposition"] = fetched.headers.get("content-disposition", "")
        return message.get_filename("") or ""
    except (ValueError, LookupError):  # a charset there is not, a malformed header
        return ""


def url_name(url: str) -> str:
    """Return the last segment of a URL's path, or nothing."""
    return unquote(urlsplit(url).path.rpartition("/")[2])
