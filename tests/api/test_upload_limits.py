"""Uploading: limits of bytes, pixels, frames, time and room; what is refused, and how."""

from __future__ import annotations

import re
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from api.asking import (
    connect,
    head_of,
    incoming,
    metric,
    multipart,
    originals,
    problem,
    read_all,
    read_head,
    status_of,
)
from disks import disk, fill
from pictures import animation, declared_png, encode, jpeg, png
from serving import Server, running_server

UPLOAD_LIMIT = 300_000


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with narrow limits."""
    with running_server(
        tmp_path_factory.mktemp("strict"),
        limits__upload_bytes=str(UPLOAD_LIMIT),
        limits__upload_idle_seconds="1",
        limits__upload_seconds="4",
        limits__header_seconds="1",
        limits__input_pixels="1000000",
        limits__frames="10",
        limits__animation_pixels="20000",
        limits__upload_files="3",
    ) as running:
        yield running


def refused(server: Server, data: bytes, status: int, name: str = "a.png") -> dict[str, object]:
    before = len(originals(server))
    with server.client() as client:
        reply = client.post("/api/images", files={"file": (name, data)})
    members = problem(reply, status)
    assert not incoming(server)
    assert len(originals(server)) == before
    return members


def archive() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("word/document.xml", "<x/>")
    return buffer.getvalue()


FOREIGN = {
    "PDF": b"%PDF-1.7\n1 0 obj",
    "HTML": b"<!DOCTYPE html><html><body><svg></svg></body></html>",
    "ZIP": archive(),
    "text": b"just some text, no picture",
    "video": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2mp41",
    "Photoshop": b"8BPS\x00\x01" + bytes(30),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(20),
    "XML": b"<?xml version='1.0'?><note/>",
    "no known": bytes(range(128, 256)) * 4,
}


@pytest.mark.parametrize("found", FOREIGN)
def test_what_is_no_picture_is_415_naming_what_it_is_and_what_is_accepted(
    server: Server, found: str
) -> None:
    members = refused(server, FOREIGN[found], 415)
    assert found in str(members["given"])
    assert found in str(members["detail"])
    for accepted in ("jpg", "png", "webp", "gif", "avif", "svg"):
        assert accepted in str(members["allowed"])


def test_an_empty_file_is_422_and_called_empty(server: Server) -> None:
    assert "empty" in str(refused(server, b"", 422)["detail"])
    with server.client() as client:
        reply = client.post("/api/images", content=b"", headers={"Content-Type": "image/png"})
    assert "empty" in problem(reply, 422)["detail"]


def webp() -> bytes:
    return encode(Image.linear_gradient("L").convert("RGB"), "WEBP", quality=90)


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (png(300, 200), 0.6),
        (jpeg(300, 200), 0.5),
        (webp(), 0.5),
        (encode(Image.linear_gradient("L"), "TIFF", compression="tiff_lzw"), 0.4),
        (encode(Image.linear_gradient("L"), "BMP"), 0.5),
        (encode(Image.effect_noise((300, 200), 90), "GIF"), 0.5),
        (animation("GIF"), 0.5),
    ],
    ids=["png", "jpg", "webp", "tiff", "bmp", "gif", "animation"],
)
def test_a_truncated_picture_is_422_and_says_what_is_damaged(
    server: Server, whole: bytes, part: float
) -> None:
    members = refused(server, whole[: int(len(whole) * part)], 422)
    assert members["field"] == "file"
    assert re.search(r"damaged|truncated|incomplete", str(members["detail"]))


def test_a_picture_with_broken_insides_is_422(server: Server) -> None:
    data = bytearray(png(300, 200))
    data[60:400] = bytes(340)
    refused(server, bytes(data), 422)
    refused(server, b"\x89PNG\r\n\x1a\n", 422)
    refused(server, b"\xff\xd8\xff\xe0", 422)
    refused(server, b"GIF89a", 422)


def test_a_declared_length_over_the_limit_is_413_before_the_body_is_read(strict: Server) -> None:
    head = head_of(
        strict,
        [
            "POST /api/images HTTP/1.1",
            "Content-Type: image/png",
            f"Content-Length: {UPLOAD_LIMIT + 1}",
        ],
    )
    with connect(strict) as connection:
        connection.sendall(head)
        assert status_of(read_head(connection)) == 413
    assert not incoming(strict)


@pytest.mark.parametrize("multi", [False, True], ids=["raw", "multipart"])
def test_a_file_over_the_limit_is_413_and_names_the_limit(strict: Server, multi: bool) -> None:
    data = b"\x89PNG\r\n\x1a\n" + bytes(UPLOAD_LIMIT)
    with strict.client() as client:
        if multi:
            reply = client.post("/api/images", files={"file": ("a.png", data)})
        else:
            reply = client.post("/api/images", content=data)
    members = problem(reply, 413)
    assert members["field"] == "limits.upload_bytes"
    assert str(UPLOAD_LIMIT) in members["allowed"]
    assert not incoming(strict)


def test_a_file_of_just_the_limit_is_taken(strict: Server) -> None:
    data = png(50, 50)
    data += bytes(UPLOAD_LIMIT - len(data))
    assert strict.upload(data)["bytes"] == UPLOAD_LIMIT


@pytest.mark.parametrize("multi", [False, True], ids=["raw", "multipart"])
def test_an_endless_upload_is_answered_413_and_stopped(strict: Server, multi: bool) -> None:
    media = "multipart/form-data; boundary=frontier" if multi else "image/png"
    head = head_of(
        strict,
        [
            "POST /api/images HTTP/1.1",
            f"Content-Type: {media}",
            "Transfer-Encoding: chunked",
        ],
    )
    start = b'--frontier\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    sent = 0
    with connect(strict) as connection:
        connection.settimeout(10)
        connection.sendall(head)
        piece = start if multi else b"\x89PNG\r\n\x1a\n"
        answered = threading.Event()
        received: list[bytes] = []

        def listen() -> None:
            received.append(read_all(connection))
            answered.set()

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            while sent < 200_000_000 and not answered.is_set():
                connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                sent += len(piece)
                piece = bytes(65536)
        except OSError:
            pass  # the server has closed: that is what stops an endless upload
        listener.join(30)
    assert answered.is_set()
    assert sent < 100_000_000
    assert status_of(received[0]) == 413
    assert not incoming(strict)


def test_a_client_that_stops_sending_is_answered_408_while_others_are_served(
    strict: Server,
) -> None:
    document = strict.upload(png(70, 50))
    head = head_of(
        strict,
        ["POST /api/images HTTP/1.1", "Content-Type: image/png", "Content-Length: 5000"],
    )
    began = time.monotonic()
    with connect(strict) as connection:
        connection.sendall(head + png()[:500])
        for width in range(20, 30):
            assert strict.get(f"/img/{document['id']}?w={width}").status_code == 200
        reply = read_all(connection)
    assert status_of(reply) == 408
    assert b"application/problem+json" in reply
    assert time.monotonic() - began < 20
    assert not incoming(strict)


def test_a_client_that_sends_a_byte_now_and_then_is_answered_408_in_the_end(
    strict: Server,
) -> None:
    head = head_of(
        strict,
        ["POST /api/images HTTP/1.1", "Content-Type: image/png", "Content-Length: 5000"],
    )
    with connect(strict) as connection:
        connection.sendall(head)
        connection.settimeout(0.3)
        ends = time.monotonic() + 30
        reply = b""
        while time.monotonic() < ends:
            try:
                connection.sendall(b"x")
                piece = connection.recv(65536)
                if not piece:
                    break
                reply += piece
            except TimeoutError:
                continue
            except OSError:
                break
    assert status_of(reply) == 408
    assert not incoming(strict)


def test_a_client_that_goes_away_leaves_nothing_behind(strict: Server) -> None:
    head = head_of(
        strict,
        ["POST /api/images HTTP/1.1", "Content-Type: image/png", "Content-Length: 5000"],
    )
    with connect(strict) as connection:
        connection.sendall(head + png()[:500])
        time.sleep(0.2)
    ends = time.monotonic() + 10
    while incoming(strict) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not incoming(strict)


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_come_in_time_ends_its_connection(strict: Server, sent: bytes) -> None:
    with connect(strict) as connection:
        connection.sendall(sent)
        began = time.monotonic()
        reply = read_all(connection, 20)
        assert time.monotonic() - began < 15
    assert reply == b"" or status_of(reply) == 408
    assert strict.get("/healthz").status_code == 200


def test_a_json_body_that_stops_coming_is_answered_408(strict: Server) -> None:
    document = strict.upload(png(71, 50))
    head = head_of(
        strict,
        [
            f"PATCH /api/images/{document['id']} HTTP/1.1",
            "Content-Type: application/json",
            "Content-Length: 500",
        ],
    )
    with connect(strict) as connection:
        connection.sendall(head + b'{"title": ')
        assert status_of(read_all(connection)) == 408


def test_a_json_body_over_its_limit_is_413(server: Server) -> None:
    document = server.upload(png(72, 50))
    with server.client() as client:
        reply = client.patch(f"/api/images/{document['id']}", json={"title": "x" * 2_000_000})
    assert problem(reply, 413)["field"] == "limits.body_bytes"


def test_a_picture_of_30000_by_30000_is_refused_without_decoding_it(server: Server) -> None:
    began = time.monotonic()
    members = refused(server, declared_png(30_000, 30_000), 413)
    assert time.monotonic() - began < 10
    assert "30000" in str(members["detail"])
    assert str(members["field"]).startswith("limits.")
    assert metric(server, "helpa_worker_restarts_total", reason="deadline") == 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_picture_over_the_pixel_limit_is_413_in_every_format(strict: Server, kind: str) -> None:
    data = encode(Image.new("RGB", (1100, 1000), "white"), kind)
    if len(data) > UPLOAD_LIMIT:
        data = encode(Image.new("1", (1100, 1000)), kind)
    members = refused(strict, data, 413)
    assert members["field"] == "limits.input_pixels"
    fits = encode(Image.new("1", (990, 1000)), "PNG")
    assert strict.upload(fits)["width"] == 990


def test_a_compressed_bomb_is_refused_and_others_are_served_meanwhile(server: Server) -> None:
    document = server.upload(png(73, 50))
    bomb = encode(Image.new("1", (12_000, 12_000)), "PNG")
    assert len(bomb) < 200_000
    answers: list[int] = []

    def attack() -> None:
        with server.client() as client:
            answers.append(client.post("/api/images", files={"file": bomb}).status_code)

    attackers = [threading.Thread(target=attack) for _ in range(4)]
    for each in attackers:
        each.start()
    for width in range(20, 40):
        assert server.get(f"/img/{document['id']}?w={width}").status_code == 200
    for each in attackers:
        each.join()
    assert answers == [413] * 4


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_over_the_limits_of_frames_or_pixels_is_413(strict: Server, kind: str) -> None:
    members = refused(strict, animation(kind, 11, 20, 20), 413, "a.gif")
    assert members["field"] == "limits.frames"
    members = refused(strict, animation(kind, 9, 60, 40), 413, "a.gif")
    assert members["field"] == "limits.animation_pixels"
    assert strict.upload(animation(kind, 8, 60, 40))["frames"] == 8


def test_more_files_than_a_smaller_limit_are_413(strict: Server) -> None:
    body = multipart([('name="file"; filename="a.png"', png(20, 20))] * 4)
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
    with strict.client() as client:
        reply = client.post("/api/images", content=body, headers=headers)
    assert problem(reply, 413)["field"] == "limits.upload_files"
    assert not incoming(strict)


def test_an_upload_while_the_disk_is_nearly_full_is_507_and_pictures_are_served(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path / "var") as server:
        document = server.upload(png())
    with running_server(tmp_path / "var", limits__free_bytes=str(2**60)) as server:
        before = originals(server)
        with server.client() as client:
            reply = client.post("/api/images", files={"file": png(33, 33)})
        problem(reply, 507)
        assert originals(server) == before
        assert not incoming(server)
        assert server.get(f"/img/{document['id']}?w=77").status_code == 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB."""
    with disk(tmp_path / "disk", 6) as folder:
        yield folder


def test_a_disk_that_is_really_full_answers_507_and_works_again_with_room(
    small_disk: Path,
) -> None:
    with running_server(
        small_disk / "var", limits__free_bytes="0", cache__disk_bytes="100000"
    ) as server:
        document = server.upload(png(200, 150))
        ballast = small_disk / "ballast"
        fill(ballast, 200_000)
        noise = encode(Image.effect_noise((900, 900), 90), "PNG")
        with server.client() as client:
            for path in ("multipart", "raw"):
                reply = (
                    client.post("/api/images", files={"file": noise})
                    if path == "multipart"
                    else client.post("/api/images", content=noise)
                )
                problem(reply, 507)
                assert not incoming(server)
        for width in range(10, 60):
            assert server.get(f"/img/{document['id']}?w={width}").status_code == 200
        assert server.get("/healthz").status_code == 200
        ballast.unlink()
        assert server.upload(noise)["width"] == 900


def test_the_queue_of_the_workers_is_bounded_for_uploads_as_well(tmp_path: Path) -> None:
    with running_server(tmp_path / "var", limits__queue="1", workers__count="2") as server:
        data = [
            encode(Image.effect_noise((1000, 1000), 20 + n), "PNG", compress_level=1)
            for n in range(10)
        ]
        replies = []

        def send(each: bytes) -> None:
            with server.client() as client:
                replies.append(client.post("/api/images", files={"file": each}))

        threads = [threading.Thread(target=send, args=(each,)) for each in data]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        statuses = {reply.status_code for reply in replies}
        assert statuses == {201, 503}
        for reply in replies:
            if reply.status_code == 503:
                problem(reply, 503)
                assert int(reply.headers["retry-after"]) >= 1
        assert not incoming(server)
        stored = sum(reply.status_code == 201 for reply in replies)
        assert len(originals(server)) == stored


def test_a_request_that_is_no_http_does_not_disturb_the_server(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100))
        connection.shutdown(socket.SHUT_WR)
        reply = read_all(connection)
    assert reply == b"" or status_of(reply) == 400
    assert server.get("/healthz").status_code == 200
