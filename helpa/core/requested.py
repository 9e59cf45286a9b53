"""What a request for a rendition names: read from Helpa's own URLs and from every dialect's."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import structlog

from helpa.core.dialect import Dialect, SourcePath, SourceUrl
from helpa.core.errors import NotFound, RequestError
from helpa.core.mounts import Mounted
from helpa.core.query import decode_path, split_path, split_source

log = structlog.get_logger("helpa.requested")

PREFIX = "/img/"
"""What Helpa's own image URLs begin with."""

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Requested:
    """What a request names.

    Args:
        query: what is asked of the picture, percent-encoded, in Helpa's own words.
        image: id of the picture; empty where it is named by source and path.
        extension: of the path, or None.
        source: source and path, or None.
        granted: moment (seconds since 1970) until which a dialect's signature grants exactly this;
            None where there is none.
        spelling: what the URL calls a parameter, by canonical name, where it has its own words.
    """

    query: bytes
    image: str = ""
    extension: str | None = None
    source: tuple[str, str] | None = None
    granted: float | None = None
    spelling: Mapping[str, str] = field(default_factory=dict)

    def in_its_words(self, error: RequestError) -> RequestError:
        """Return the error with the URL's own name of the parameter it is about."""
        spelt = self.spelling.get(error.field or "")
        if spelt is None or spelt == error.field:
            return error
        told = copy.copy(error)  # others are told the same one
        told.extra = {"parameter": error.field, **error.extra}
        told.detail = f"{spelt}: {error.detail}"
        told.field = spelt
        return told


class Reader:
    """Reads URLs.

    Args:
        dialects: those that are enabled.
        mounts: sources by name.
    """

    def __init__(self, dialects: Iterable[Dialect], mounts: Mapping[str, Mounted]) -> None:
        self._dialects = {dialect.prefix: dialect for dialect in dialects}
        self._mounts = mounts
        self.prefixes = (PREFIX, *self._dialects)

    def read(self, raw_path: bytes, raw_query: bytes) -> Requested:
        """Return what a URL names.

        Args:
            raw_path: as it came, beginning with one of the prefixes once decoded.
            raw_query: as it came.

        Raises:
            NotFound: the path names no picture.
            InvalidValue: a dialect cannot say it in Helpa's words; names what.
            Forbidden: a dialect's signature is wrong.
        """
        for prefix, dialect in self._dialects.items():
            if raw_path.startswith(prefix.encode()):
                return self._translated(dialect, raw_path[len(prefix) :], raw_query)
        source = split_source(raw_path)
        if source is not None:
            return Requested(raw_query, source=source)
        image, extension = split_path(raw_path)
        return Requested(raw_query, image, extension)

    def _translated(self, dialect: Dialect, raw_path: bytes, raw_query: bytes) -> Requested:
        meant = dialect.translate(raw_path, raw_query)
        subject = meant.subject
        granted = meant.not_after if meant.signed else None
        if isinstance(subject, (SourcePath, SourceUrl)):
            if isinstance(subject, SourceUrl):
                source = self._locate(dialect, subject.url)
            else:
                source = subject.source, decode_path(subject.path)
            return Requested(meant.query, source=source, granted=granted, spelling=meant.spelling)
        image = str(subject)
        return Requested(meant.query, image, granted=granted, spelling=meant.spelling)

    def _locate(self, dialect: Dialect, url: str) -> tuple[str, str]:
        """Return the source that holds a URL, the one with the longest base, and the path there.

        Raises:
            NotFound: none does. Strangers do not learn which there are; the log says it.
        """
        wanted = _parts(url)
        best: tuple[int, str, str] | None = None
        for mounted in self._mounts.values():
            base = _parts(mounted.base_url) if mounted.base_url else None
            if base is None or wanted is None or base[0] != wanted[0]:
                continue
            folder = base[1].rstrip("/") + "/"
            if wanted[1].startswith(folder) and (best is None or len(folder) > best[0]):
                best = len(folder), mounted.name, wanted[1][len(folder) :]
        if best is None:
            log.info("dialect.no_source", dialect=dialect.name, url=url[:300])
            raise NotFound("There is no such picture.")
        return best[1], decode_path(best[2].encode())


def _parts(url: str) -> tuple[tuple[str, int | None], str] | None:
    """Return host with port, and raw path, of a URL without user and query; else None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    plain = parts.hostname and parts.username is None and parts.password is None
    if parts.scheme not in PORTS or not plain or parts.query:
        return None
    # The table says which scheme is fetched: links often name the other one, or none.
    named = None if port in (None, *PORTS.values()) else port
    return (str(parts.hostname), named), parts.path
