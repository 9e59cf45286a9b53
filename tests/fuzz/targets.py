"""What is fuzzed: functions of bytes that return where all is well and raise where it is not.

They are the parsers that read what strangers send inside the web process, where a slow one holds
everybody up and a surprised one answers 500.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from starlette.requests import Request

import helpa_imgproxy.translate
import helpa_thumbor.translate
from core.language import GRAMMAR, VOCABULARY, picture, planner
from helpa.core import sniff
from helpa.core.accept import accept_class
from helpa.core.api.bodies import json_body
from helpa.core.api.models import ImageChange
from helpa.core.api.upload import receive
from helpa.core.api.url_import import UrlImport
from helpa.core.delivery import matches as names_tag
from helpa.core.dialect import SourcePath, Translation
from helpa.core.errors import InvalidValue, RequestError
from helpa.core.fetching import Fetcher
from helpa.core.files import DataDir
from helpa.core.problems import problem_reply
from helpa.core.query import Query, decode_path, split_path
from helpa.core.settings import Limits
from helpa.core.settings_fetch import Fetch
from helpa.core.signing import Grant, Key, Keyring, canonical_query, matches, signed_texts
from helpa_cloudflare.translate import translate as translate_cloudflare
from helpa_imgix.translate import translate as translate_imgix
from helpa_imgproxy.settings import ImgproxySettings, KeyPair
from helpa_thumbor.settings import ThumborSettings
from helpa_weserv.translate import translate as translate_weserv

SECONDS = 1.0
"""No parser needs longer for an input of a few kilobytes."""

LIMITS = Limits(upload_bytes=10_000, upload_files=3, upload_seconds=1, upload_idle_seconds=1)


THUMBOR = ThumborSettings(keys=(SecretStr("a secret that nobody who fuzzes will find"),))
IMGPROXY = ImgproxySettings(
    keys=(KeyPair(key=SecretStr("5ec2e7"), salt=SecretStr("5a17")),),
    sources={"local://": "files"},
    presets={"small": "rs:fill:300:400/pr:small"},
)

KEY = Key("k1", "a secret that nobody who fuzzes will find")
IMAGE = "A" * 22


def query(data: bytes) -> None:
    """The grammar of image URLs: refused, or one canonical text that stands for itself."""
    raw, _, extension = data.partition(b"\0")
    found: Query | None = None
    try:
        found = GRAMMAR.parse(raw, extension.decode("latin-1") or None)
    except InvalidValue as error:
        problem(json.dumps(error.problem(), ensure_ascii=False).encode("utf-8", "replace"))
        return
    text = found.canonical(VOCABULARY)
    again = GRAMMAR.parse(text.encode())
    assert again.values == found.values, (text, again.values, found.values)
    assert again.canonical(VOCABULARY) == text
    try:
        # A plan, or what must be measured first.
        planner().plan(found, picture(), 3)
    except RequestError as error:
        assert error.status in (400, 422), error


def signature(data: bytes) -> None:
    """Queries with signatures: none is right that was not made, every one is that was."""
    try:
        found = GRAMMAR.parse(data)
    except InvalidValue:
        return
    given = found.get("sig")
    for kind in Grant:
        texts = signed_texts(kind, found.texts)
        assert given is None or not matches(KEY, given, IMAGE, 1, texts)
        made = Keyring([KEY]).sign(kind.value, IMAGE, 1, texts)
        query = "&".join(filter(None, [canonical_query(found.texts), f"sig={made}"]))
        try:
            again = GRAMMAR.parse(query.encode())
        except InvalidValue as error:
            assert "at most" in error.detail, error  # longer than it came, for its encoding
            continue
        assert signed_texts(kind, again.texts) == texts
        assert matches(KEY, again.get("sig"), IMAGE, 1, texts)
        assert not matches(KEY, again.get("sig"), IMAGE, 2, texts)


def path(data: bytes) -> None:
    """The paths of image URLs."""
    try:
        image, extension = split_path(data)
    except RequestError as error:
        assert error.status == 404
        return
    assert len(image) == 22
    assert extension is None or extension.isalnum()


def thumbor(data: bytes) -> None:
    """URLs as thumbor writes them."""
    _foreign(lambda: helpa_thumbor.translate.translate(THUMBOR, data, b""))


def imgproxy(data: bytes) -> None:
    """URLs as imgproxy writes them."""
    _foreign(lambda: helpa_imgproxy.translate.translate(IMGPROXY, data, b""))


def _foreign(translate: Callable[[], Translation]) -> None:
    """Refused, or said in Helpa's words; never signed with a key that is not known."""
    try:
        found = translate()
        assert not found.signed
        assert set(found.params) <= set(found.spelling)
        if isinstance(found.subject, SourcePath):
            decode_path(found.subject.path)
        GRAMMAR.parse(found.query)
    except RequestError as error:
        assert error.status in (400, 403, 404), error
        problem(json.dumps(error.problem(), ensure_ascii=False).encode("utf-8", "replace"))


def head(data: bytes) -> None:
    """What a file is by its first bytes."""
    found = sniff.sniff(data[: sniff.HEAD_BYTES])
    assert found is None or found in sniff.READABLE
    assert sniff.describe(data[: sniff.HEAD_BYTES])


def accept(data: bytes) -> None:
    """The Accept and If-None-Match headers."""
    assert accept_class(data) in range(4)
    assert names_tag(data, b'W/"x"') in (True, False)


def problem(data: bytes) -> None:
    """Problem documents that repeat what was sent."""
    text = data.decode("utf-8", "surrogateescape")  # with halves of pairs, as JSON may hold them
    error = InvalidValue(text, field=text, given=text, allowed=text, extra={"errors": [text]})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(problem_reply(error, send, []))
    start, body = sent
    headers = dict(start["headers"])
    assert int(headers[b"content-length"]) == len(body["body"])
    assert not any(b"\n" in value or b"\r" in value for value in headers.values())
    members = json.loads(body["body"])
    assert members["status"] == start["status"] == 400


def body(data: bytes) -> None:
    """JSON bodies."""
    request = _request(data, b"application/json")
    try:
        asyncio.run(json_body(request, ImageChange, LIMITS))
    except RequestError as error:
        assert error.status in (400, 413), error
        problem(json.dumps(error.problem(), ensure_ascii=False).encode("utf-8", "replace"))


def multipart(data: bytes) -> None:
    """Multipart bodies, the boundary and the heads of their parts."""
    boundary, _, rest = data.partition(b"\n")
    kind = b"multipart/form-data; boundary=" + boundary.replace(b"\r", b"")
    with tempfile.TemporaryDirectory() as folder:
        files = DataDir(Path(folder))
        files.create()
        try:
            fetch = Fetch()
            imports = UrlImport(fetcher=Fetcher(fetch), files=files, settings=fetch, limits=LIMITS)
            received = asyncio.run(receive(_request(rest, kind), files, LIMITS, imports))
        except RequestError as error:
            assert error.status in (400, 413, 415), error
            assert not list(files.incoming.iterdir()), "a refused upload left a file"
            return
        for each in received.incoming:
            assert each.path.stat().st_size == each.bytes
            assert not set(each.filename) & set("/\\\0\r\n"), each.filename
            assert len(each.filename) <= 255


def _request(data: bytes, kind: bytes) -> Request:
    pieces = [data[: len(data) // 2], data[len(data) // 2 :]]
    messages = [
        {"type": "http.request", "body": piece, "more_body": number == 0}
        for number, piece in enumerate(pieces)
    ]

    async def receive_next() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    scope = {
        "type": "http", "method": "POST", "path": "/api/images", "raw_path": b"/api/images",
        "query_string": b"", "headers": [(b"content-type", kind)],
    }  # fmt: skip
    return Request(scope, receive_next)


def imgix(data: bytes) -> None:
    """URLs as imgix writes them, with and without a token."""
    for token in (None, "a token"):
        _dialect(partial(translate_imgix, source="site", token=token, drop_query=False), data)


def cloudflare(data: bytes) -> None:
    """URLs as Cloudflare Images writes them."""
    _dialect(partial(translate_cloudflare, source="site", drop_query=False), data)


def weserv(data: bytes) -> None:
    """URLs as weserv writes them."""
    _dialect(partial(translate_weserv, source="site", drop_query=True), data)


def _dialect(translate: Callable[[bytes, bytes], Translation], data: bytes) -> None:
    raw_path, _, raw_query = data.partition(b"?")
    try:
        found = translate(raw_path, raw_query)
    except RequestError as error:
        assert error.status in (400, 403, 404), error
        problem(json.dumps(error.problem(), ensure_ascii=False).encode("utf-8", "replace"))
        return
    assert not found.signed
    assert found.spelling.keys() <= found.params.keys()
    assert b"=" in found.query or not found.params


TARGETS: dict[str, Callable[[bytes], None]] = {
    "query": query,
    "signature": signature,
    "path": path,
    "thumbor": thumbor,
    "imgproxy": imgproxy,
    "head": head,
    "accept": accept,
    "problem": problem,
    "body": body,
    "multipart": multipart,
    "imgix": imgix,
    "cloudflare": cloudflare,
    "weserv": weserv,
}


def run(name: str, data: bytes) -> None:
    """Give a target an input, and insist that it is done soon."""
    began = time.perf_counter()
    TARGETS[name](data)
    spent = time.perf_counter() - began
    assert spent < SECONDS, f"{spent:.1f} s for {len(data)} bytes"
