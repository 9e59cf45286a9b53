"""What a file is, by its first bytes, and what it is called when it is none of ours."""

from __future__ import annotations

import gzip
import io
import struct
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from helpa.core.sniff import HEAD_BYTES, READABLE, describe, sniff
from pictures import encode

PLAIN = Image.new("RGB", (20, 10), (200, 30, 40))


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    box = b"ftyp" + major + bytes(4) + b"".join(compatible)
    return struct.pack("!I", len(box) + 4) + box + b"\0\0\0\x10meta"


def heic() -> bytes:
    pillow_heif: Any = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    pillow_heif.from_pillow(PLAIN).save(buffer)
    return buffer.getvalue()


MADE: dict[str, Callable[[], bytes]] = {
    "jpg": lambda: encode(PLAIN, "JPEG"),
    "png": lambda: encode(PLAIN, "PNG"),
    "webp": lambda: encode(PLAIN, "WEBP"),
    "gif": lambda: encode(PLAIN, "GIF"),
    "avif": lambda: encode(PLAIN, "AVIF"),
    "tiff": lambda: encode(PLAIN, "TIFF"),
    "bmp": lambda: encode(PLAIN, "BMP"),
    "ico": lambda: encode(PLAIN, "ICO"),
    "heic": heic,
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


def test_every_readable_format_is_made_here() -> None:
    assert set(MADE) == set(READABLE)


@pytest.mark.parametrize("name", READABLE)
def test_a_file_of_every_readable_format_is_recognised(name: str) -> None:
    assert sniff(MADE[name]()[:HEAD_BYTES]) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"GIF87a", "gif"),
        (b"MM\x00*\x00\x00", "tiff"),
        (b"II+\x00\x08\x00", "tiff"),
        (ftyp(b"avis", b"msf1"), "avif"),
        (ftyp(b"mif1", b"avif", b"miaf"), "avif"),
        (ftyp(b"mif1", b"heic"), "heic"),
        (ftyp(b"heix"), "heic"),
        (b"<svg>", "svg"),
        (b"<SVG width='1'>", "svg"),
        (b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'>", "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg>", "svg"),
        (b"<?xml version='1.0'?><!-- <html> --><!DOCTYPE svg PUBLIC '-//W3C' 'x'>\n<svg>", "svg"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>\n<svg>", "svg"),
        (b"  \n<svg/>", "svg"),
    ],
)
def test_other_heads_of_readable_formats(head: bytes, name: str) -> None:
    assert sniff(head) == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",
        b"\x89PNG\r\n",
        b"\x89PNG\n\x1a\n" + bytes(20),
        b"GIF88a",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"RIFF\x00\x00\x00\x00WEB",
        b"BM",
        b"BMW is a car, and this is a text about cars of that make",
        b"\x00\x00\x01\x00\x00\x00" + bytes(20),
        b"\x00\x00\x02\x00\x01\x00" + bytes(20),
        b"II*\x01",
        ftyp(b"isom", b"mp42"),
        ftyp(b"mif1", b"miaf"),
        ftyp(b"qt  "),
        b"<html><svg></svg></html>",
        b"<!DOCTYPE html><html>",
        b"<svgx>",
        b"<rss><svg>",
        b"text before <svg>",
        b"<!-- <svg> -->",
        b"%PDF-1.7",
        b"\0" * 100,
    ],
)
def test_what_only_looks_like_a_picture_is_none(head: bytes) -> None:
    assert sniff(head) is None


def test_brands_are_only_looked_for_inside_their_box() -> None:
    assert sniff(ftyp(b"isom", b"mp42") + b"avifheic" * 10) is None


def test_the_version_of_a_brand_is_no_brand() -> None:
    assert sniff(b"\0\0\0\x14ftypisomavifmp42") is None


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("word/document.xml", "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"%PDF-1.7\n", "PDF"),
        (archive(), "ZIP"),
        (gzip.compress(b"<svg/>", mtime=0), "gzip"),
        (b"8BPS\0\1", "PSD"),
        (b"\xff\x0a\xff", "JPEG XL"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (ftyp(b"isom", b"mp42"), "isom"),
        (b"\x1aE\xdf\xa3" + bytes(20), "WebM"),
        (b"\x7fELF" + bytes(20), "program"),
        (b"#!/bin/sh\n", "script"),
        (b"<!doctype html><html>", "HTML"),
        (b"\n <HTML>", "HTML"),
        (b"<rss></rss>", "XML that is not SVG"),
        (b"hello, I am no picture", "text"),
        ("grüße ".encode() * 600, "text"),
        (bytes(range(128, 256)), "no known picture format"),
    ],
)
def test_other_files_are_named(data: bytes, words: str) -> None:
    head = data[:HEAD_BYTES]
    assert sniff(head) is None
    assert words in describe(head)


@given(st.binary(max_size=200))
def test_any_head_is_named_or_described(head: bytes) -> None:
    assert sniff(head) in (*READABLE, None)
    assert describe(head)


@given(st.sampled_from([b"<!--", b"<?xml", b"<!DOCTYPE", b" ", b"<!DOCTYPE [", b"-->", b">"]))
def test_a_hostile_head_is_looked_at_in_time(piece: bytes) -> None:
    # Under the test's own time limit: a backtracking expression would never come back.
    head = (piece * HEAD_BYTES)[:HEAD_BYTES]
    assert sniff(head) is None


@pytest.mark.parametrize(
    "piece",
    [
        b"<!---->",
        b"<?xml?>",
        b"<!DOCTYPE[]>",
        b" ",
        b"<!DOCTYPE[",
        b"]",
        b"<!--",
        b"<?xml",
        b"\n<",
        b"] ",
    ],
)
@pytest.mark.parametrize("before", [b"", b"<!DOCTYPE[", b"<!--", b"<?xml", b"<!DOCTYPE"])
def test_no_head_takes_long_to_look_at(before: bytes, piece: bytes) -> None:
    """A row of thirty comments once took the web process hours."""
    head = (before + piece * HEAD_BYTES)[: HEAD_BYTES - 1] + b"x"
    began = time.process_time()
    sniff(head)
    describe(head)
    assert time.process_time() - began < 0.2
