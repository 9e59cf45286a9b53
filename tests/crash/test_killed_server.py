"""``kill -9`` of the server in the middle of its work: nothing accepted is lost."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import struct
import threading
import time
from pathlib import Path

import httpx2
import psutil
import pytest
from PIL import Image

from api.asking import wait_until
from pictures import encode, opened
from serving import Server, start_server, stop_server

ROUNDS = 3


def noise(seed: int, size: tuple[int, int]) -> bytes:
    """Return a picture that nobody has uploaded before."""
    image = Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))
    return encode(image, "JPEG", quality=80)


class Load:
    """Uploads and transforms until told to stop."""

    def __init__(self, server: Server, token: str, seed: int, known: dict[str, str]) -> None:
        self.server = server
        self.token = token
        self.known = known
        self.acknowledged: dict[str, str] = {}
        self.unexpected: list[str] = []
        self.sent: set[str] = set()
        self._seed = seed
        self._stop = threading.Event()
        self._threads = [
            *(threading.Thread(target=self._upload, args=(n,)) for n in range(4)),
            *(threading.Thread(target=self._transform, args=(n,)) for n in range(2)),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _upload(self, number: int) -> None:
        count = 0
        with self.server.client(self.token) as client:
            while not self._stop.is_set():
                count += 1
                side = 200 + 150 * ((count + number) % 4)
                data = noise(self._seed * 10_000 + number * 1000 + count, (side, side))
                digest = hashlib.sha256(data).hexdigest()
                self.sent.add(digest)
                try:
                    reply = client.post("/api/images", files={"file": ("n.jpg", data)})
                except httpx2.HTTPError:
                    return
                if reply.status_code == 201:
                    self.acknowledged[reply.json()["id"]] = digest
                else:
                    self.unexpected.append(reply.text)

    def _transform(self, number: int) -> None:
        width = 20 + number
        with self.server.client(None) as client:
            while not self._stop.is_set():
                width += 2
                ids = [*self.known, *self.acknowledged]
                if not ids:
                    time.sleep(0.01)
                    continue
                try:
                    image = ids[width % len(ids)]
                    reply = client.get(f"/img/{image}?w={width}&fmt=webp")
                except httpx2.HTTPError:
                    return
                if reply.status_code != 200:
                    self.unexpected.append(reply.text)


def blobs(data_dir: Path) -> dict[str, tuple[str, str, str]]:
    """Return (blob, sha256, levels) by image id, as the database says."""
    connection = sqlite3.connect(data_dir / "helpa.sqlite3")
    try:
        rows = connection.execute(
            "SELECT i.id, b.id, b.sha256, b.levels FROM images i JOIN blobs b ON b.id = i.blob"
        ).fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    return {row[0]: row[1:] for row in rows}


def check(server: Server, token: str, acknowledged: dict[str, str], sent: set[str]) -> None:
    rows = blobs(server.data_dir)
    assert acknowledged.keys() <= rows.keys()
    for image, digest in acknowledged.items():
        blob, sha256, _ = rows[image]
        stored = (server.data_dir / "originals" / blob[:2] / blob).read_bytes()
        assert hashlib.sha256(stored).hexdigest() == sha256 == digest
    listed: list[dict[str, object]] = []
    cursor = None
    with server.client(token) as client:
        while True:
            params = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            body = client.get("/api/images", params=params).json()
            listed += body["images"]
            cursor = body["next_cursor"]
            if cursor is None:
                break
        assert acknowledged.keys() <= {document["id"] for document in listed}
        for document in listed:
            image = str(document["id"])
            blob, sha256, levels = rows[image]
            assert sha256 in sent
            stored = (server.data_dir / "originals" / blob[:2] / blob).read_bytes()
            assert hashlib.sha256(stored).hexdigest() == sha256
            for level in levels.split():
                path = server.data_dir / "levels" / blob[:2] / blob / level
                data = path.read_bytes()
                if path.suffix == ".raw":
                    width, height, bands = struct.unpack("!IIB", data[4:13])
                    assert len(data) == 13 + width * height * bands
                else:
                    assert opened(data).width > 0
            full = client.get(f"/img/{image}?fmt=jpg")
            assert full.status_code == 200, full.text
            assert opened(full.content).size == (document["width"], document["height"])


def offspring(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


@pytest.mark.slow
def test_a_killed_server_loses_no_acknowledged_upload_and_shows_nothing_half_written(
    tmp_path: Path,
) -> None:
    acknowledged: dict[str, str] = {}
    sent: set[str] = set()
    server = start_server(tmp_path / "var")
    token = server.token
    try:
        for number in range(ROUNDS):
            load = Load(server, token, number, dict(acknowledged))
            children = offspring(server)
            load.start()
            time.sleep(random.Random(number).uniform(0.8, 1.6))
            assert wait_until(lambda load=load: load.acknowledged, 60)  # type: ignore[misc]
            server.kill()
            load.stop()
            assert not load.unexpected
            acknowledged |= load.acknowledged
            sent |= load.sent
            _, alive = psutil.wait_procs(children, timeout=20)
            assert not alive, "worker processes outlived their server"
            server = start_server(tmp_path / "var")
            check(server, token, acknowledged, sent)
        extra = {path.name for path in (tmp_path / "var" / "originals").glob("??/*")}
        extra -= {blob for blob, _, _ in blobs(tmp_path / "var").values()}
        assert len(extra) < len(acknowledged), "most originals belong to nothing"
    finally:
        stop_server(server)


def test_a_deletion_interrupted_by_a_kill_is_finished_after_the_restart(tmp_path: Path) -> None:
    with_jobs_off = start_server(tmp_path / "var", jobs__embedded="false")
    try:
        image = with_jobs_off.upload(noise(1, (900, 900)))["id"]
        with_jobs_off.get(f"/img/{image}?w=50")
        with with_jobs_off.client() as client:
            assert client.delete(f"/api/images/{image}").status_code == 204
        with_jobs_off.kill()
        assert list((tmp_path / "var" / "originals").glob("??/*"))
    finally:
        stop_server(with_jobs_off)
    server = start_server(tmp_path / "var")
    try:
        assert server.get(f"/img/{image}?w=50").status_code == 404
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            left = [
                path
                for folder in ("originals", "levels", "cache")
                for path in (tmp_path / "var" / folder).rglob("*")
                if path.is_file()
            ]
            if not left:
                break
            time.sleep(0.05)
        assert not left
    finally:
        stop_server(server)


def test_leftovers_of_a_kill_are_not_readable_and_are_swept_in_the_end(tmp_path: Path) -> None:
    server = start_server(tmp_path / "var")
    try:
        server.upload(noise(2, (50, 50)))
        server.kill()
    finally:
        stop_server(server)
    old = time.time() - 7200
    halves = [
        tmp_path / "var" / "incoming" / "AAAAAAAAAAAAAAAAAAAAAA",
        tmp_path / "var" / "originals" / "BB" / "BBBBBBBBBBBBBBBBBBBBBB",
        tmp_path / "var" / "levels" / "CC" / "CCCCCCCCCCCCCCCCCCCCCC" / "2.png",
        tmp_path / "var" / "cache" / "aside" / "DDDDDDDDDDDDDDDDDDDDDD",
    ]
    for path in halves:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        for each in (path, path.parent):
            os.utime(each, (old, old))
    young = tmp_path / "var" / "originals" / "EE" / "EEEEEEEEEEEEEEEEEEEEEE"
    young.parent.mkdir()
    young.write_bytes(b"perhaps being committed by another process")
    connection = sqlite3.connect(tmp_path / "var" / "helpa.sqlite3")
    with connection:
        connection.execute("UPDATE jobs SET due_at = 0 WHERE kind = 'sweep'")
    connection.close()
    server = start_server(tmp_path / "var")
    try:
        for name in ("AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"):
            assert server.get(f"/img/{name}").status_code == 404
        ends = time.monotonic() + 20
        while any(path.exists() for path in halves) and time.monotonic() < ends:
            time.sleep(0.05)
        assert [path for path in halves if path.exists()] == []
        assert young.exists()
    finally:
        stop_server(server)
