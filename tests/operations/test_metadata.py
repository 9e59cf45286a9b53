"""Nothing that came with an upload goes out with an answer."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from operations.making import p3_profile, png_chunk, with_segment
from operations.seeing import levels_of, upload
from pictures import animation, encode, photograph
from serving import Server

MARK = "SECRETMARK"
EXIF, GPS, XMP, IPTC, COMMENT, THUMB, TAIL, EXTRA = (
    f"{MARK}-{name}" for name in ("exif", "gps", "xmp", "iptc", "comment", "thumb", "tail", "extra")
)
PROFILE = "PROFILEMARKER"
NOTICE, ARTIST = "(c) NOTICEMARK 2026", "ARTISTMARK Ada"


def exif_block(*, rights: bool = True) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = EXIF
    exif[ExifTags.Base.ImageDescription] = EXIF
    exif[ExifTags.Base.Software] = EXIF
    if rights:
        exif[ExifTags.Base.Copyright] = NOTICE
        exif[ExifTags.Base.Artist] = ARTIST
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = EXIF.encode()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.5)
    gps[ExifTags.GPS.GPSAreaInformation] = GPS.encode()
    return exif


def xmp_packet() -> bytes:
    return (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-"
        f"syntax-ns#'><rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:a='{XMP}'/>"
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def iptc_segment() -> bytes:
    caption = b"\x1c\x02\x78" + struct.pack("!H", len(IPTC)) + IPTC.encode()
    resource = b"8BIM\x04\x04\x00\x00" + struct.pack("!I", len(caption)) + caption
    return b"Photoshop 3.0\0" + resource + bytes(len(caption) % 2)


def embedded_thumbnail() -> bytes:
    small = encode(Image.new("RGB", (40, 30), (1, 2, 3)), "JPEG", comment=THUMB)
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0)
    second = struct.pack("<I", 14) + struct.pack("<H", 2)
    offset = 14 + 2 + 2 * 12 + 4
    second += struct.pack("<HHII", 0x0201, 4, 1, offset)
    second += struct.pack("<HHII", 0x0202, 4, 1, len(small)) + bytes(4)
    return b"Exif\0\0" + head + second + small


def full_jpeg(image: Image.Image) -> bytes:
    data = encode(image, "JPEG", quality=90, exif=exif_block(), icc_profile=p3_profile(),
                  comment=COMMENT, xmp=xmp_packet())  # fmt: skip
    return with_segment(data, 0xED, iptc_segment()) + TAIL.encode() * 5


def thumbnail_jpeg(image: Image.Image) -> bytes:
    data = encode(image, "JPEG", quality=90, comment=COMMENT)
    data = with_segment(data, 0xE2, b"MPF\0" + EXTRA.encode())
    data = with_segment(data, 0xE5, EXTRA.encode())
    tail = encode(image.resize((9, 9)), "JPEG", comment=TAIL)
    return with_segment(data, 0xE1, embedded_thumbnail()) + tail


def full_png(image: Image.Image) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", COMMENT)
    texts.add_text("Description", COMMENT * 300, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp_packet().decode())
    data = encode(image, "PNG", pnginfo=texts, exif=exif_block(), icc_profile=p3_profile())
    end = data.index(b"IDAT") - 4
    data = data[:end] + png_chunk(b"prVt", EXTRA.encode()) + data[end:]
    return data + TAIL.encode() * 5


def full_webp(image: Image.Image) -> bytes:
    return encode(image, "WEBP", quality=90, exif=exif_block(), icc_profile=p3_profile(),
                  xmp=xmp_packet()) + TAIL.encode()  # fmt: skip


def full_avif(image: Image.Image) -> bytes:
    return encode(image, "AVIF", speed=10, exif=exif_block().tobytes(), icc_profile=p3_profile(),
                  xmp=xmp_packet()) + TAIL.encode()  # fmt: skip


def full_tiff(image: Image.Image) -> bytes:
    return encode(image, "TIFF", exif=exif_block(), icc_profile=p3_profile(),
                  tiffinfo={700: xmp_packet(), 270: EXIF}) + TAIL.encode()  # fmt: skip


def full_gif(image: Image.Image) -> bytes:
    return encode(image.quantize(64), "GIF", comment=COMMENT) + TAIL.encode()


def full_bmp(image: Image.Image) -> bytes:
    return encode(image, "BMP") + TAIL.encode()


def full_svg(image: Image.Image) -> bytes:
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{image.width}' height='{image.height}'>"
        f"<!-- {COMMENT} --><metadata>{XMP}</metadata><title>{EXTRA}</title>"
        "<rect width='50%' height='50%' fill='red'/></svg>"
    ).encode()


MAKERS: list[Callable[[Image.Image], bytes]] = [
    full_jpeg, thumbnail_jpeg, full_png, full_webp, full_avif, full_tiff, full_gif, full_bmp,
    full_svg,
]  # fmt: skip
FORMATS = ("jpg", "png", "webp", "avif", "gif", "json")


def leaks(data: bytes) -> list[str]:
    """Return the marks found in some bytes, in any of the encodings they may take."""
    found = []
    for mark in (MARK, PROFILE, "NOTICEMARK", "ARTISTMARK", "adobe:ns:meta", "8BIM"):
        spelt = {mark.encode(), mark.encode("utf-16-le"), mark.encode("utf-16-be")}
        found += [mark for each in spelt if each in data]
    return found


def test_the_marks_are_in_the_uploads() -> None:
    image = photograph(100, 80)
    for make in MAKERS:
        assert MARK in leaks(make(image)), make.__name__
    whole = full_jpeg(image)
    for mark in (EXIF, GPS, XMP, IPTC, COMMENT, TAIL, "NOTICEMARK", PROFILE):
        assert mark.encode() in whole or mark.encode("utf-16-be") in whole, mark
    opened = Image.open(io.BytesIO(whole))
    assert opened.info["icc_profile"] == p3_profile()
    assert opened.getexif().get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_no_metadata_is_in_any_answer_level_or_document(
    server: Server, make: Callable[[Image.Image], bytes]
) -> None:
    document = upload(server, make(photograph(660, 420)), "picture")
    assert leaks(json.dumps(document).encode()) == []
    for fmt in FORMATS:
        for query in ("w=200", "w=600"):
            if (fmt, query) == ("avif", "w=600"):
                continue  # slow, and nothing new
            reply = server.get(f"/img/{document['id']}?fmt={fmt}&{query}")
            assert reply.status_code == 200, (fmt, reply.text)
            assert leaks(reply.content) == [], (fmt, query)
            assert leaks(str(reply.headers).encode()) == []
            if fmt != "json":
                image = Image.open(io.BytesIO(reply.content))
                assert not image.getexif(), (fmt, query)
                assert not set(image.info) & {"exif", "xmp", "icc_profile", "comment", "photoshop"}
    for path in levels_of(server, document["id"]).values():
        assert leaks(path.read_bytes()) == [], path.name


def test_what_was_removed_is_said(server: Server) -> None:
    said = server.upload(full_jpeg(photograph(90, 70)))["removed_metadata"]
    assert {"exif", "gps", "xmp", "iptc", "icc"} <= set(said)
    assert "comment" in said
    assert "thumbnail" in server.upload(thumbnail_jpeg(photograph(90, 70)))["removed_metadata"]
    assert "comment" in server.upload(full_png(photograph(90, 70)))["removed_metadata"]
    assert "comment" in server.upload(full_gif(photograph(90, 70)))["removed_metadata"]
    assert server.upload(encode(photograph(90, 70), "PNG"))["removed_metadata"] == []


@pytest.mark.parametrize("fmt", ["jpg", "png", "webp", "avif"])
@pytest.mark.parametrize("make", [full_jpeg, full_png, full_webp], ids=lambda make: make.__name__)
def test_only_the_copyright_notice_is_kept_where_asked(
    server: Server, fmt: str, make: Callable[[Image.Image], bytes]
) -> None:
    document = server.upload(make(photograph(120, 90)))
    reply = server.get(f"/img/{document['id']}?fmt={fmt}&meta=copyright")
    assert reply.status_code == 200
    assert set(leaks(reply.content)) == {"NOTICEMARK", "ARTISTMARK"}
    exif = Image.open(io.BytesIO(reply.content)).getexif()
    assert NOTICE in str(exif.get(ExifTags.Base.Copyright))
    assert ARTIST in " ".join(str(value) for value in exif.values())
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert ExifTags.Base.Make not in exif
    plain = server.get(f"/img/{document['id']}?fmt={fmt}&meta=none")
    assert leaks(plain.content) == []


def test_a_picture_without_a_notice_gets_none(server: Server) -> None:
    data = encode(photograph(120, 90), "JPEG", exif=exif_block(rights=False))
    document = server.upload(data)
    kept = server.get(f"/img/{document['id']}?fmt=jpg&meta=copyright")
    assert kept.status_code == 200
    assert leaks(kept.content) == []
    assert not Image.open(io.BytesIO(kept.content)).getexif()


def test_gif_has_no_place_for_a_notice(server: Server) -> None:
    document = server.upload(full_jpeg(photograph(120, 90)))
    reply = server.get(f"/img/{document['id']}?fmt=gif&meta=copyright")
    assert reply.status_code == 400
    problem = reply.json()
    assert (problem["field"], problem["given"]) == ("meta", "copyright")
    assert "none" in problem["allowed"]


def test_animations_lose_their_comments_too(server: Server) -> None:
    frames = [Image.new("RGB", (60, 40), (50 * n, 90, 200)) for n in range(3)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=COMMENT)
    moving = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], xmp=xmp_packet(),
                    exif=exif_block(), icc_profile=p3_profile())  # fmt: skip
    for raw in (data, moving):
        assert leaks(raw)
        document = server.upload(raw)
        for fmt in ("gif", "webp"):
            reply = server.get(f"/img/{document['id']}?fmt={fmt}&w=30")
            assert reply.status_code == 200
            assert Image.open(io.BytesIO(reply.content)).n_frames == 3  # type: ignore[attr-defined]
            assert leaks(reply.content) == []
    assert leaks(animation()) == []
