"""Receiving files: multipart or raw, streamed to the disk, stopped at the limits while reading."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from helpa.core.api.models import UrlUpload
from helpa.core.api.url_import import UrlImport
from helpa.core.errors import ContentTooLarge, InvalidValue, RequestError, RequestTimeout
from helpa.core.files import DataDir, base_name, storage_errors
from helpa.core.ingest import Incoming
from helpa.core.settings import Limits

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD_BYTES = 8192
FIELDS = 32
HEADER_BYTES = 8192


@dataclass
class Received:
    """What an upload held.

    Args:
        files: those that arrived whole, or the error of each that did not.
        fields: form fields beside them.
        wanted: what a JSON body asked to be fetched, before it is.
    """

    files: list[Incoming | RequestError] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    wanted: UrlUpload | None = None

    @property
    def incoming(self) -> list[Incoming]:
        """The files that arrived whole."""
        return [each for each in self.files if isinstance(each, Incoming)]


class _File:
    """A file being written."""

    def __init__(self, path: Path, filename: str) -> None:
        self.path = path
        self.filename = filename
        self._hash = hashlib.sha256()
        self._bytes = 0
        with storage_errors():
            self._file: IO[bytes] = path.open("xb")

    def write(self, data: bytes, limit: int) -> None:
        self._bytes += len(data)
        if self._bytes > limit:
            raise too_large(limit)
        self._hash.update(data)
        with storage_errors():
            self._file.write(data)

    def finish(self) -> Incoming:
        with storage_errors():
            self._file.close()
        return Incoming(self.path, self._hash.hexdigest(), self._bytes, self.filename)

    def abandon(self) -> None:
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # on a full disk what is still buffered has no room
            self._file.close()


def too_large(limit: int) -> ContentTooLarge:
    """Return the error for a file over the limit."""
    return ContentTooLarge(
        f"The file is larger than {limit} bytes (limits.upload_bytes).",
        field="limits.upload_bytes",
        allowed=f"up to {limit} bytes",
    )


async def receive(request: Request, files: DataDir, limits: Limits, imports: UrlImport) -> Received:
    """Return what an upload holds; what it names by URL is fetched later.

    Raises:
        ContentTooLarge: a file or their number is over its limit.
        RequestTimeout: it came too slowly.
        Forbidden: it names a URL, and imports are switched off.
        InvalidValue: the multipart body is malformed.
        StorageFull: the disk has no room.
    """
    header = request.headers.get("content-type", "")
    media, options = parse_options_header(header)
    if media == b"multipart/form-data":
        boundary = options.get(b"boundary")
        if not boundary:
            raise InvalidValue("The multipart body names no boundary.", field="Content-Type")
        return await _multipart(request, boundary, files, limits)
    if media == b"application/json":
        asked = await imports.asked(request)
        said = asked.model_dump(exclude={"url", "tags"}, exclude_unset=True, exclude_none=True)
        return Received(fields=said, wanted=asked)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limits.upload_bytes:
        raise too_large(limits.upload_bytes)
    return await _raw(request, files, limits)


async def _pieces(request: Request, limits: Limits) -> AsyncIterator[bytes]:
    """Yield the body as it comes, within the limits of time."""
    ends = time.monotonic() + limits.upload_seconds
    stream = request.stream().__aiter__()
    while True:
        left = min(limits.upload_idle_seconds, ends - time.monotonic())
        try:
            async with asyncio.timeout(max(left, 0)):
                piece = await anext(stream, None)
        except TimeoutError:
            raise RequestTimeout(
                "The upload came too slowly (limits.upload_seconds, limits.upload_idle_seconds)."
            ) from None
        except ClientDisconnect:
            raise RequestTimeout("The client went away.") from None
        if piece is None:
            return
        yield piece


async def _raw(request: Request, files: DataDir, limits: Limits) -> Received:
    name = base_name(request.query_params.get("filename", ""))
    writing = _File(files.new_incoming(), name)
    try:
        async for piece in _pieces(request, limits):
            writing.write(piece, limits.upload_bytes)
        return Received([writing.finish()])
    except BaseException:
        writing.abandon()
        raise


async def _multipart(request: Request, boundary: bytes, files: DataDir, limits: Limits) -> Received:
    form = _Form(files, limits)
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for piece in _pieces(request, limits):
            parser.write(piece)
        parser.finalize()
        if not form.ended:
            raise InvalidValue("The multipart body ends before its last boundary.", field="body")
        return form.received
    except FormParserError as error:
        form.abandon()
        raise InvalidValue(f"The multipart body is malformed: {error}.", field="body") from None
    except BaseException:
        form.abandon()
        raise


class _Form:
    """Collects the parts of a multipart body as the parser meets them."""

    def __init__(self, files: DataDir, limits: Limits) -> None:
        self.received = Received()
        self.ended = False
        self._files = files
        self._limits = limits
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._file: _File | None = None
        self._field: tuple[str, bytearray] | None = None

    def callbacks(self) -> MultipartCallbacks:
        """Return the parser's callbacks."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def abandon(self) -> None:
        """Remove what was written."""
        if self._file is not None:
            self._file.abandon()
        for each in self.received.incoming:
            each.path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._headers = {}
        self._file = None
        self._field = None

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._bound()

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._bound()

    def _bound(self) -> None:
        if len(self._header_name) + len(self._header_value) > HEADER_BYTES:
            raise InvalidValue("A part of the multipart body has too long a header.", field="body")

    def _header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options or name == "file":
            if name != "file":
                raise InvalidValue(
                    f"Files come in the field 'file', not {name[:40]!r}.",
                    field=name[:40],
                    allowed="file",
                )
            if len(self.received.files) >= self._limits.upload_files:
                raise ContentTooLarge(
                    f"More than {self._limits.upload_files} files (limits.upload_files).",
                    field="limits.upload_files",
                    allowed=str(self._limits.upload_files),
                )
            filename = options.get(b"filename", b"").decode("utf-8", "replace")
            self._file = _File(self._files.new_incoming(), base_name(filename))
        else:
            if len(self.received.fields) >= FIELDS:
                raise InvalidValue("The form has too many fields.", field="body")
            if name in self.received.fields:
                raise InvalidValue(f"{name[:40]} is given twice.", field=name[:40])
            self._field = (name, bytearray())

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end], self._limits.upload_bytes)
        elif self._field is not None:
            self._field[1].extend(data[start:end])
            if len(self._field[1]) > FIELD_BYTES:
                raise InvalidValue(
                    f"The field {self._field[0][:40]!r} is longer than {FIELD_BYTES} bytes.",
                    field=self._field[0][:40],
                )

    def _part_end(self) -> None:
        if self._file is not None:
            self.received.files.append(self._file.finish())
            self._file = None
        elif self._field is not None:
            name, value = self._field
            try:
                self.received.fields[name] = value.decode("utf-8")
            except UnicodeDecodeError:
                raise InvalidValue(f"{name[:40]} is not UTF-8.", field=name[:40]) from None

    def _end(self) -> None:
        self.ended = True
