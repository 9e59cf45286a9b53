"""The server as its operator sees it: one encode, the queue, health, metrics, logs, draining."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from api.asking import connect, encodes, files_in, metric, problem, wait_until
from pictures import encode, jpeg, photograph, png
from plugins.workshop import Workshop
from serving import Server, environment, running_server, start_server, stop_server

LARGE = encode(photograph(1800, 1400), "JPEG", quality=90)


def at_once(server: Server, paths: list[str], token: str | None = None) -> list[httpx2.Response]:
    """Ask for many paths at the same time."""

    async def ask() -> list[httpx2.Response]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        limits = httpx2.Limits(max_connections=200)
        async with httpx2.AsyncClient(
            base_url=server.url, timeout=60, limits=limits, headers=headers
        ) as client:
            await asyncio.gather(*(client.get("/healthz") for _ in paths))
            return await asyncio.gather(*(client.get(path) for path in paths))

    return asyncio.run(ask())


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_64_equal_cold_requests_at_once_make_one_encode(server: Server, visibility: str) -> None:
    image = server.upload(LARGE, visibility=visibility, title=visibility)["id"]
    token = None if visibility == "public" else server.token
    before = encodes(server)
    spellings = ["?w=701&fmt=webp", "?fmt=webp&width=701", ".webp?w=701", "?fm=webp&w=701"]
    replies = at_once(server, [f"/img/{image}{s}" for s in spellings * 16], token)
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    assert encodes(server) == before + 1


def test_below_the_queue_limit_nobody_gets_503(tmp_path: Path) -> None:
    with running_server(tmp_path / "var", limits__queue="70", workers__count="2") as server:
        image = server.upload(LARGE)["id"]
        assert wait_until(lambda: metric(server, "helpa_jobs_total", outcome="done") >= 1)
        replies = at_once(server, [f"/img/{image}?w={w}&fmt=webp" for w in range(500, 570)])
        assert [reply.status_code for reply in replies] == [200] * 70


def test_above_the_queue_limit_misses_get_503_with_retry_after_and_hits_are_served(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path / "var", limits__queue="3", workers__count="2") as server:
        image = server.upload(LARGE)["id"]
        assert wait_until(lambda: metric(server, "helpa_jobs_total", outcome="done") >= 1)
        hot = f"/img/{image}?w=30"
        assert server.get(hot).status_code == 200
        paths = [f"/img/{image}?w={w}&fmt=avif" for w in range(1200, 1240)]
        replies = at_once(server, [each for path in paths for each in (path, hot)])
        misses, hits = replies[::2], replies[1::2]
        assert {reply.status_code for reply in hits} == {200}
        assert {reply.status_code for reply in misses} == {200, 503}
        for reply in misses:
            if reply.status_code == 503:
                members = problem(reply, 503)
                assert "limits.queue" in members["detail"]
                assert int(reply.headers["retry-after"]) >= 1
                assert reply.headers["cache-control"] == "public, max-age=1"
                assert reply.headers["x-robots-tag"] == "noindex"
        assert server.get("/readyz").status_code == 200
        for path in paths[:3]:
            assert wait_until(lambda p=path: server.get(p).status_code == 200, 40)  # type: ignore[misc]


def test_a_client_that_leaves_takes_its_job_out_of_the_queue(tmp_path: Path) -> None:
    with running_server(tmp_path / "var", workers__count="2") as server:
        image = server.upload(LARGE)["id"]
        before = encodes(server)
        sockets = []
        for width in range(1300, 1340):
            parts = urlsplit(server.url)
            connection = socket.create_connection((str(parts.hostname), parts.port or 80))
            asked = f"GET /img/{image}?w={width}&fmt=avif HTTP/1.1\r\nHost: x\r\n\r\n"
            connection.sendall(asked.encode())
            sockets.append(connection)
        time.sleep(0.3)
        for connection in sockets:
            connection.close()
        assert wait_until(lambda: metric(server, "helpa_queue_length") == 0)
        assert server.get(f"/img/{image}?w=31").status_code == 200
        assert encodes(server) - before < 30


def test_the_disk_tier_survives_a_restart_and_a_kill(tmp_path: Path) -> None:
    paths = [f"?w={width}&fmt=webp" for width in (100, 200, 300)]
    with running_server(tmp_path / "var") as server:
        image = server.upload(jpeg())["id"]
        first = [server.get(f"/img/{image}{path}") for path in paths]
        server.kill()
    with running_server(tmp_path / "var") as server:
        again = [server.get(f"/img/{image}{path}") for path in paths]
        assert [r.content for r in again] == [r.content for r in first]
        assert [r.headers["etag"] for r in again] == [r.headers["etag"] for r in first]
        assert metric(server, "helpa_requests_total", tier="disk") == 3
        assert encodes(server) == 0
        with server.client() as client:
            client.delete(f"/api/images/{image}")
        problem(server.get(f"/img/{image}{paths[0]}"), 404)
        assert wait_until(lambda: not files_in(server.data_dir / "cache"))


def test_a_rendition_damaged_on_the_disk_is_made_again(tmp_path: Path) -> None:
    with running_server(tmp_path / "var") as server:
        image = server.upload(jpeg())["id"]
        first = server.get(f"/img/{image}?w=222")
    (kept,) = files_in(tmp_path / "var" / "cache")
    kept.write_bytes(kept.read_bytes()[:-50])
    with running_server(tmp_path / "var") as server:
        assert server.get(f"/img/{image}?w=222").content == first.content
        assert encodes(server) == 1


def test_both_tiers_and_the_table_stay_within_their_bytes(tmp_path: Path) -> None:
    with running_server(
        tmp_path / "var",
        cache__disk_bytes="300000",
        cache__memory_bytes="200000",
        cache__ready_bytes="100000",
    ) as server:
        image = server.upload(jpeg())["id"]
        for width in range(100, 160):
            assert server.get(f"/img/{image}?w={width}").status_code == 200
        for tier, most in (("disk", 300_000), ("memory", 200_000), ("ready", 100_000)):
            held = metric(server, "helpa_cache_bytes", tier=tier)
            assert 0 < held <= most, tier
        assert sum(f.stat().st_size for f in files_in(server.data_dir / "cache")) <= 300_000


def test_metrics_count_requests_by_outcome_and_tier(tmp_path: Path) -> None:
    with running_server(tmp_path / "var") as server:
        image = server.upload(png())["id"]
        for path in ("?w=80", "?w=80", "?width=80", "?w=x"):
            server.get(f"/img/{image}{path}")
        server.get("/img/AAAAAAAAAAAAAAAAAAAAAA")
        with server.client() as client:
            client.post("/api/images", files={"file": b"no picture"})
        expected = {
            ("helpa_requests_total", "ok", "worker"): 1,
            ("helpa_requests_total", "ok", "ready"): 1,
            ("helpa_requests_total", "ok", "memory"): 1,
            ("helpa_requests_total", "InvalidValue", "none"): 1,
            ("helpa_requests_total", "NotFound", "none"): 1,
        }
        for (name, outcome, tier), count in expected.items():
            assert metric(server, name, outcome=outcome, tier=tier) == count, (outcome, tier)
        assert metric(server, "helpa_uploads_total", outcome="ok") == 1
        assert metric(server, "helpa_uploads_total", outcome="UnsupportedMedia") == 1
        assert metric(server, "helpa_uploaded_bytes_total") == len(png())
        assert metric(server, "helpa_sent_bytes_total") > 0
        assert metric(server, "helpa_encode_seconds_count", format="png") == 1
        assert metric(server, "helpa_open_seconds_count") == 1
        assert metric(server, "helpa_queue_wait_seconds_count") == 1
        assert metric(server, "helpa_workers") >= 2
        assert "helpa_worker_restarts" in server.get("/metrics").text


def test_metrics_are_for_this_machine_or_the_scope_metrics(server: Server) -> None:
    assert server.get("/metrics").status_code == 200
    allowed = server.make_token("metrics")
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        for value in ("127.0.0.1", "203.0.113.7", ""):
            with server.client(None) as client:
                problem(client.get("/metrics", headers={header: value}), 401)
            with server.client() as client:
                problem(client.get("/metrics", headers={header: value}), 403)
            with server.client(allowed) as client:
                assert client.get("/metrics", headers={header: value}).status_code == 200


def test_health_and_readiness_answer_and_are_not_kept(server: Server) -> None:
    for path, status in (("/healthz", "alive"), ("/readyz", "ready")):
        reply = server.get(path)
        assert (reply.status_code, reply.json()["status"]) == (200, status)
        assert reply.headers["cache-control"] == "no-store"


def test_a_request_id_is_taken_from_the_client_or_made(server: Server) -> None:
    given = server.get("/healthz", X_Request_Id="abc-123_x.y").headers["x-request-id"]
    assert given == "abc-123_x.y"
    made = [server.get("/healthz").headers["x-request-id"] for _ in range(3)]
    assert len(set(made)) == 3
    for odd in ("x" * 65, "a b", 'a"b', ""):
        assert server.get("/healthz", X_Request_Id=odd).headers["x-request-id"] != odd


def test_log_lines_are_json_and_carry_the_request_id_and_no_secret(server: Server) -> None:
    with server.client() as client:
        client.get("/api/images?q=x", headers={"X-Request-Id": "find-me-in-the-log"})
    assert wait_until(lambda: any("find-me-in-the-log" in line for line in server.log))
    lines = [json.loads(line) for line in list(server.log) if line.strip()]
    (found,) = [line for line in lines if line.get("request_id") == "find-me-in-the-log"]
    assert (found["method"], found["path"], found["status"]) == ("GET", "/api/images", 200)
    assert found["level"] == "info"
    assert re.match(r"\d{4}-\d\d-\d\dT", found["timestamp"])
    assert all(server.token not in line for line in server.log)


def test_sigterm_drains_and_then_ends_with_code_0(tmp_path: Path) -> None:
    # serving.py sets it in lower case, and to 0
    server = start_server(tmp_path / "var", DRAIN_SECONDS="4")
    try:
        image = server.upload(LARGE)["id"]
        assert server.get("/readyz").status_code == 200
        with server.client(None) as client:
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert wait_until(lambda: client.get("/readyz").status_code == 503, 3, 0.02)
            assert client.get("/readyz").json()["reason"] == "draining"
            assert client.get("/healthz").status_code == 200
            assert client.get(f"/img/{image}?w=100").status_code == 200
        assert server.process.wait(60) == 0
        assert time.monotonic() - began >= 3.9
    finally:
        stop_server(server)


HELD = """
from typing import Annotated
from helpa import Frame, Operation, Parameter, Stage, Step, hookimpl

def held(
    frame: Frame, *, held: Annotated[int, Parameter("Until let go.", ge=0, le=9)] = 0
) -> Step | None:
    return Step({}, frame.size) if held else None

@hookimpl
def register_operations():
    return [Operation("held", stage=Stage.EFFECT, plan=held, draw="ext_held.drawing:held")]
"""

HELD_DRAWING = """
import os, time

def held(image, args, _):
    while not os.path.exists({let_go!r}):
        time.sleep(0.02)
    return image
"""


def test_requests_under_way_at_the_end_of_draining_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = tmp_path / "let-go"
    workshop = Workshop(tmp_path / "plugins", monkeypatch)
    workshop.install("held", HELD, drawing=HELD_DRAWING.format(let_go=str(let_go)))
    settings = {"workers__count": "2", "limits__render_seconds": "60"}
    server = start_server(tmp_path / "var", DRAIN_SECONDS="1", plugins=workshop.plugins, **settings)
    try:
        image = server.upload(LARGE)["id"]
        assert wait_until(lambda: metric(server, "helpa_jobs_total", outcome="done") >= 1)
        paths = [f"/img/{image}?w={800 + n}&fmt=webp&held=1" for n in range(8)]
        with ThreadPoolExecutor(len(paths)) as pool:
            asked = [pool.submit(server.get, path) for path in paths]
            assert wait_until(lambda: metric(server, "helpa_queue_length") == len(paths) - 2)
            server.process.send_signal(signal.SIGTERM)
            assert wait_until(lambda: refuses(server)), "draining has no end"
            assert not any(each.done() for each in asked), "nothing was under way at its end"
            let_go.touch()
            assert [each.result().status_code for each in asked] == [200] * len(paths)
        assert server.process.wait(60) == 0
    finally:
        let_go.touch()
        stop_server(server)


def refuses(server: Server) -> bool:
    """Whether nobody listens any more."""
    try:
        connect(server).close()
    except ConnectionError:
        return True
    return False


def test_a_signal_in_the_midst_of_a_log_line_is_obeyed(tmp_path: Path) -> None:
    """The handler of a signal once waited for the lock of the log line it had interrupted."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen(
        [sys.executable, "-m", "helpa", "serve", "--port", "0", "--data-dir", tmp_path / "var"],
        env=environment(drain_seconds="0.5"),
        stdout=subprocess.PIPE,
        stderr=writer,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Helpa is at ").strip()
        fill(writer)
        os.close(writer)
        # The reply is sent before its log line, for which the pipe has no room.
        assert httpx2.get(f"{url}/api/images", timeout=60).status_code == 401
        with pytest.raises(httpx2.TimeoutException):
            httpx2.get(f"{url}/healthz", timeout=1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)  # so that it finds the pipe full
        with os.fdopen(reader, encoding="utf-8") as log:
            lines = log.read().splitlines()
        assert process.wait(60) == 0
        assert any("server.draining" in line for line in lines)
    finally:
        process.kill()
        process.communicate()


def fill(pipe: int) -> None:
    """Write to a pipe until it takes no more, and leave it blocking for others."""
    again = os.open(f"/proc/self/fd/{pipe}", os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(again, b"\n")
    os.close(again)


def test_ctrl_c_ends_the_server_within_seconds(tmp_path: Path) -> None:
    server = start_server(tmp_path / "var")
    try:
        server.upload(png())
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        server.process.wait(30)
        assert time.monotonic() - began < 5
        assert not any("Traceback" in line for line in server.log)
    finally:
        stop_server(server)


@pytest.fixture(scope="module")
def openapi(server: Server) -> dict[str, Any]:
    """The OpenAPI document."""
    reply = server.get("/api/openapi.json")
    assert reply.status_code == 200
    document: dict[str, Any] = reply.json()
    return document


def test_every_reference_of_the_openapi_document_leads_somewhere(
    openapi: dict[str, Any],
) -> None:
    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for each in node.values():
                yield from walk(each)
        elif isinstance(node, list):
            for each in node:
                yield from walk(each)

    references = set(walk(openapi))
    assert references
    for reference in references:
        node: Any = openapi
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert isinstance(node, dict)


def test_the_openapi_document_is_well_formed(openapi: dict[str, Any], server: Server) -> None:
    assert openapi["openapi"].startswith("3.1.")
    assert openapi["info"].keys() >= {"title", "version"}
    assert openapi["servers"] == [{"url": server.url}]
    ids = []
    for path, methods in openapi["paths"].items():
        assert path.startswith("/")
        for method, described in methods.items():
            assert method in {"get", "post", "put", "patch", "delete", "head"}
            ids.append(described["operationId"])
            assert described["summary"].endswith(".")
            in_path = {p["name"] for p in described["parameters"] if p["in"] == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path))
            assert all(p["required"] for p in described["parameters"] if p["in"] == "path")
            names = [(p["name"], p["in"]) for p in described["parameters"]]
            assert len(names) == len(set(names))
            assert all(p["schema"] for p in described["parameters"])
            assert described["responses"]
            for status, reply in described["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d", status)
                assert reply["description"]
    assert len(ids) == len(set(ids)), ids


def test_the_openapi_document_lists_every_route_and_parameter(openapi: dict[str, Any]) -> None:
    expected = {
        "/api/images": {"get", "post"},
        "/api/images/{id}": {"get", "patch", "delete"},
        "/api/images/{id}/revisions": {"get"},
        "/api/jobs/{id}": {"get"},
        "/api/openapi.json": {"get"},
        "/healthz": {"get"},
        "/readyz": {"get"},
        "/metrics": {"get"},
        "/img/{id}": {"get"},
    }
    for path, methods in expected.items():
        assert openapi["paths"][path].keys() == methods
    image = {p["name"] for p in openapi["paths"]["/img/{id}"]["get"]["parameters"]}
    assert image >= {
        "id", "w", "h", "ar", "dpr", "fit", "enlarge", "g", "fp", "rect", "trim", "pad", "rot",
        "flip", "fmt", "q", "lossless", "progressive", "bg", "meta", "anim", "page", "p", "dl", "v",
    }  # fmt: skip
    listing = {p["name"] for p in openapi["paths"]["/api/images"]["get"]["parameters"]}
    assert listing == {"limit", "cursor", "q", "tag", "team", "owner"}
    upload = openapi["paths"]["/api/images"]["post"]
    form = upload["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"].keys() == {
        "file",
        "title",
        "alt",
        "tags",
        "visibility",
        "team",
    }
    assert {"201", "207", "400", "401", "408", "409", "413", "415", "422", "503", "507"} <= upload[
        "responses"
    ].keys()


def test_every_status_the_api_answers_is_in_the_openapi_document(
    openapi: dict[str, Any], server: Server
) -> None:
    unknown = "AAAAAAAAAAAAAAAAAAAAAA"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("post", "/api/images", {"content": b"text"}),
        ("post", "/api/images", {"content": b""}),
        ("get", "/api/images", {"params": {"limit": "0"}}),
        ("patch", "/api/images/{id}", {"json": {}}),
        ("patch", "/api/images/{id}", {"content": b"x"}),
        ("patch", "/api/images/{id}", {"json": {"x": 1}}),
        ("delete", "/api/images/{id}", {}),
        ("get", "/api/images/{id}", {}),
        ("get", "/api/images/{id}/revisions", {}),
        ("get", "/api/jobs/{id}", {}),
    ]
    read_only = server.make_token("links:write")
    for token in ("", None, read_only):
        with server.client(token) as client:
            for method, path, given in asked:
                reply = client.request(method.upper(), path.format(id=unknown), **given)
                listed = openapi["paths"][path][method]["responses"]
                assert str(reply.status_code) in listed, (method, path, reply.status_code)


def test_a_document_of_an_image_is_what_the_openapi_document_says(
    openapi: dict[str, Any], server: Server
) -> None:
    document = server.upload(png(55, 44))
    schema = openapi["components"]["schemas"]["ImageDocument"]
    assert document.keys() <= schema["properties"].keys()
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    for name, value in document.items():
        kind = schema["properties"][name].get("type")
        if kind:
            assert isinstance(value, kinds[kind]), name
    assert set(schema["required"]) - {"sha256"} <= document.keys()
