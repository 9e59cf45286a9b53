"""The nginx site we ship, run in front of a real server."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from api.asking import problem, wait_until
from deploy.proxying import DEPLOY, Proxy, needs, running_proxy, write_site
from helpa.core.server import KEEP_ALIVE_SECONDS
from helpa.core.settings import Limits, Settings
from pictures import png
from ports import free_port
from serving import Server, start_server, stop_server


def listening(server: Server) -> int:
    """Return the port a server listens on, whatever its public_url says."""
    found = psutil.Process(server.process.pid).net_connections("tcp")
    (port,) = {each.laddr.port for each in found if each.status == psutil.CONN_LISTEN}
    return int(port)


def behind(folder: Path, url: str, **settings: str) -> Server:
    """Start a server that is reached at ``url``."""
    if "trusted_proxies" in Settings.model_fields:
        settings["trusted_proxies"] = '["127.0.0.1/32"]'
    server = start_server(folder, public_url=url, **settings)
    server.url = f"http://127.0.0.1:{listening(server)}"
    return server


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Proxy]]:
    """A server, and nginx in front of it."""
    needs("openssl", "nginx")
    tls = free_port()
    server = behind(tmp_path_factory.mktemp("data") / "var", f"https://localhost:{tls}")
    try:
        with running_proxy(tmp_path_factory.mktemp("nginx"), listening(server), tls) as proxy:
            yield server, proxy
    finally:
        stop_server(server)


def test_nginx_finds_no_mistake_in_the_site(tmp_path: Path) -> None:
    (nginx,) = needs("nginx")
    main = write_site(tmp_path, 8000, free_port(), free_port())
    done = subprocess.run(
        [nginx, "-t", "-c", str(main), "-e", str(tmp_path / "error.log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_an_upload_and_its_renditions_pass_through(pair: tuple[Server, Proxy]) -> None:
    server, proxy = pair
    with proxy.client(server.token) as client:
        reply = client.post("/api/images", files={"file": ("a.png", png())})
        assert reply.status_code == 201, reply.text
        document = reply.json()
        assert document["url"].startswith(f"{proxy.url}/img/")
    with proxy.client() as client:
        path = f"/img/{document['id']}?w=120"
        shown = client.get(path, headers={"Accept": "image/webp"})
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        direct = server.get(path, Accept="image/webp")
        assert shown.content == direct.content
        for name in ("cache-control", "etag", "vary", "x-content-type-options"):
            assert shown.headers[name] == direct.headers[name]
        assert shown.headers.get_list("strict-transport-security") == ["max-age=31536000"]
        again = client.get(
            path, headers={"Accept": "image/webp", "If-None-Match": shown.headers["etag"]}
        )
        assert again.status_code == 304


def test_nginx_keeps_nothing_that_helpa_has_taken_back(pair: tuple[Server, Proxy]) -> None:
    server, proxy = pair
    path = f"/img/{server.upload(png(90, 60))['id']}"
    with proxy.client(server.token) as owner, proxy.client() as anybody:
        assert anybody.get(path).status_code == 200
        assert owner.delete(path.replace("/img/", "/api/images/")).status_code == 204
        assert problem(anybody.get(path), 404)


def test_an_upload_that_is_too_large_is_told_so_as_helpa_tells_it(
    pair: tuple[Server, Proxy],
) -> None:
    _, proxy = pair
    limit = Limits.model_fields["upload_bytes"].default
    (said,) = re.findall(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx/helpa.conf").read_text())
    assert limit < int(said) * 2**20 <= limit + 2**20
    # Announced and never sent: it must be refused by its length.
    head = f"POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: {60 * 2**20}\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", proxy.port), 10) as raw,
        proxy.trust.wrap_socket(raw, server_hostname="localhost") as connection,
    ):
        connection.sendall(head.encode())
        answer = b""
        while not answer.endswith(b"}\n") and (piece := connection.recv(65536)):
            answer += piece
    top, _, body = answer.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in top
    assert json.loads(body)["status"] == 413


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/metrics?x=1", "/x/../metrics"]
)
def test_metrics_are_refused_from_outside(pair: tuple[Server, Proxy], path: str) -> None:
    server, proxy = pair
    with server.client(server.make_token("metrics")) as client:
        assert "helpa_" in client.get("/metrics").text
    with proxy.client() as client:
        reply = client.get(proxy.url + path)
    assert reply.status_code in (401, 404)
    assert "helpa_encode" not in reply.text


def test_plain_http_is_led_to_our_name_whatever_the_client_says(
    pair: tuple[Server, Proxy],
) -> None:
    _, proxy = pair
    with httpx2.Client(base_url=f"http://127.0.0.1:{proxy.plain}") as client:
        reply = client.get("/i/x?y=1", headers={"Host": "localhost"})
        assert reply.status_code == 301
        assert reply.headers["location"] == f"{proxy.url}/i/x?y=1"
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/", headers={"Host": "evil.example"})


def test_another_name_gets_no_certificate(pair: tuple[Server, Proxy]) -> None:
    _, proxy = pair
    for name in ("evil.example", None):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", proxy.port), 5) as raw,
            pytest.raises(ssl.SSLError),
        ):
            context.wrap_socket(raw, server_hostname=name)


class Echo(ThreadingHTTPServer):
    """A server that answers what it was sent, and notes when the first byte of a body came."""

    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.first_bytes: list[float] = []


class EchoHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Echo

    def do_GET(self) -> None:
        body = json.dumps(
            {"path": self.path, "headers": [[k.lower(), v] for k, v in self.headers.items()]}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        left = int(self.headers["Content-Length"])
        if self.rfile.read(1):
            self.server.first_bytes.append(time.monotonic())
        self.rfile.read(left - 1)
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its base class names it so
        pass


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Echo, Proxy]]:
    """nginx in front of a server that tells what reached it."""
    needs("openssl", "nginx")
    server = Echo(("127.0.0.1", 0), EchoHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with running_proxy(tmp_path_factory.mktemp("echo"), server.server_port) as proxy:
            yield server, proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_a_client_claims_of_itself_does_not_reach_the_server(
    echo: tuple[Echo, Proxy],
) -> None:
    _, proxy = echo
    claims = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
    }
    with proxy.client() as client:
        sent = client.get("/", headers=claims).json()["headers"]
    values = {name: [v for n, v in sent if n == name.lower()] for name in claims}
    assert values["X-Forwarded-For"] in (["127.0.0.1"], ["::1"])
    assert values["X-Forwarded-Proto"] == ["https"]
    assert values["X-Forwarded-Host"] == values["X-Real-IP"] == values["Forwarded"] == []
    assert ["host", "localhost"] in sent


def test_the_path_reaches_the_server_as_it_was_sent(echo: tuple[Echo, Proxy]) -> None:
    _, proxy = echo
    path = "/img/a.png?txt=a%2Fb%20c&x=%C3%A9&w=%34"
    with proxy.client() as client:
        assert client.get(path).json()["path"] == path


def test_an_upload_reaches_the_server_while_it_is_sent(echo: tuple[Echo, Proxy]) -> None:
    server, proxy = echo
    server.first_bytes.clear()
    done_sending = 0.0

    def slowly() -> Iterator[bytes]:
        nonlocal done_sending
        yield b"x" * 20_000
        wait_until(lambda: server.first_bytes, 5)
        time.sleep(0.2)
        yield b"x" * 20_000
        done_sending = time.monotonic()

    with proxy.client() as client:
        reply = client.post("/api/images", content=slowly(), headers={"Content-Length": "40000"})
    assert reply.status_code == 200
    (first_byte,) = server.first_bytes
    assert first_byte < done_sending - 0.1


def test_connections_to_the_server_are_used_again(pair: tuple[Server, Proxy]) -> None:
    server, proxy = pair
    text = (DEPLOY / "nginx/upstream.conf").read_text()
    (kept,) = re.findall(r"keepalive_timeout (\d+)s;", text)
    assert int(kept) < KEEP_ALIVE_SECONDS, "the server would close what nginx is about to use"
    with proxy.client() as client:
        for _ in range(20):
            assert client.get("/healthz").status_code == 200
    connections = psutil.Process(server.process.pid).net_connections("tcp")
    assert sum(each.status == psutil.CONN_ESTABLISHED for each in connections) <= 3


def test_nginx_waits_for_as_long_as_the_server_may_take() -> None:
    limits = Limits()
    text = (DEPLOY / "nginx/helpa.conf").read_text()
    (said,) = re.findall(r"proxy_read_timeout (\d+)s;", text)
    longest = max(limits.render_seconds, limits.inspect_seconds)
    assert int(said) > limits.queue_seconds + longest


def test_a_server_that_drains_goes_on_answering_and_a_new_one_takes_over(tmp_path: Path) -> None:
    needs("openssl", "nginx")
    tls = free_port()
    url = f"https://localhost:{tls}"
    (tmp_path / "nginx").mkdir()
    server = behind(tmp_path / "var", url, drain_seconds="3")
    path = f"/img/{server.upload(png(90, 60))['id']}?w=40"
    try:
        with (
            running_proxy(tmp_path / "nginx", listening(server), tls) as proxy,
            proxy.client() as client,
        ):
            assert client.get("/readyz").status_code == 200
            server.process.send_signal(signal.SIGTERM)
            assert wait_until(lambda: client.get("/readyz").status_code == 503, 2.5)
            assert client.get("/readyz").json()["reason"] == "draining"
            assert client.get(path).status_code == 200
            assert server.process.wait(60) == 0
            gone = client.get(path)
            assert problem(gone, 503)["title"] == "Unavailable"
            assert gone.headers["retry-after"] == "5"
            assert gone.headers["cache-control"] == "no-store"
            server = behind(tmp_path / "var", url)
            proxy.lead_to(listening(server))

            def ready() -> bool:
                # A connection of its own each time: an old one stays with the old workers.
                with proxy.client() as fresh:
                    return fresh.get("/readyz").status_code == 200

            assert wait_until(ready, 30)
            with proxy.client() as fresh:
                assert fresh.get(path).status_code == 200
    finally:
        stop_server(server)
