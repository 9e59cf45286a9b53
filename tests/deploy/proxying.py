"""nginx from Debian's package, with the site we ship, on free ports of loopback."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"

START_SECONDS = 10.0


def needs(*names: str) -> list[str]:
    """Return where programs are; skip loudly, or fail in CI, where one is lacking."""
    found = []
    for name in names:
        path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if path is None:
            reason = f"THERE IS NO {name} ON PATH"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        found.append(path)
    return found


@dataclass
class Proxy:
    """A running nginx.

    Args:
        url: where its TLS is, as ``https://localhost:port``.
        plain: the port of plain HTTP.
        folder: its files.
        process: it.
        trust: knows its certificate.
    """

    url: str
    plain: int
    folder: Path
    process: subprocess.Popen[bytes]
    trust: ssl.SSLContext

    @property
    def port(self) -> int:
        """The port of TLS."""
        return int(self.url.rpartition(":")[2])

    def client(self, token: str | None = None, **options: Any) -> httpx2.Client:
        """Return a client that trusts its certificate."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(
            base_url=self.url, verify=self.trust, headers=headers, timeout=60, **options
        )

    def lead_to(self, port: int) -> None:
        """Lead to another server, as `systemctl reload nginx` does."""
        master = psutil.Process(self.process.pid)
        old = master.children()
        (self.folder / "upstream.conf").write_text(upstream(port))
        self.process.send_signal(signal.SIGHUP)
        # Until the old workers have ended, a connection may reach either.
        _, alive = psutil.wait_procs(old, START_SECONDS)
        assert not alive


def upstream(port: int) -> str:
    """Return the upstream we ship, with the port of a server under test."""
    text = (DEPLOY / "nginx" / "upstream.conf").read_text()
    assert "127.0.0.1:8000" in text
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{port}")


def write_site(folder: Path, port: int, tls: int, plain: int) -> Path:
    """Write the site we ship for some ports, and what Debian's nginx.conf has around it."""
    openssl, _ = needs("openssl", "nginx")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", str(folder / "privkey.pem"),
         "-out", str(folder / "fullchain.pem")],
        check=True,
        capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "nginx" / "helpa.conf").read_text()
    site = site.replace("pictures.example.com$request_uri", f"localhost:{tls}$request_uri")
    site = site.replace("pictures.example.com", "localhost")
    site = site.replace("/etc/ssl/helpa/", f"{folder}/")
    site = re.sub(r"listen (\[::\]:)?443", lambda m: f"listen {m[1] or '127.0.0.1:'}{tls}", site)
    site = re.sub(r"listen (\[::\]:)?80\b", lambda m: f"listen {m[1] or '127.0.0.1:'}{plain}", site)
    if not socket.has_dualstack_ipv6():
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
    assert "example.com" not in site
    (folder / "helpa.conf").write_text(site)
    (folder / "upstream.conf").write_text(upstream(port))
    user = "user root;" if os.geteuid() == 0 else ""
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    aside = "\n".join(f"{name}_temp_path {folder}/{name};" for name in names)
    main = folder / "nginx.conf"
    main.write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log info;\n"
        "events { worker_connections 256; }\n"
        f"http {{\n{aside}\naccess_log off;\ninclude {folder}/upstream.conf;\n"
        f"include {folder}/helpa.conf;\n}}\n"
    )
    return main


@contextlib.contextmanager
def running_proxy(folder: Path, port: int, tls: int | None = None) -> Iterator[Proxy]:
    """nginx in front of a port, stopped at the end of the block."""
    (nginx,) = needs("nginx")
    tls, plain = tls or free_port(), free_port()
    main = write_site(folder, port, tls, plain)
    trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [nginx, "-c", str(main), "-e", str(folder / "error.log")], stdout=output, stderr=output
        )
    try:
        ends = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", tls), 1).close()
                break
            except OSError:
                said = (folder / "output").read_text()
                assert process.poll() is None, said
                assert time.monotonic() < ends, said
                time.sleep(0.02)
        yield Proxy(f"https://localhost:{tls}", plain, folder, process, trust)
    finally:
        process.terminate()
        process.wait(10)
