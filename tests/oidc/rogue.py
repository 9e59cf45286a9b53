"""An identity provider that says whatever a test tells it to."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from joserfc import jws
from joserfc.jwk import Key, RSAKey
from joserfc.registry import HeaderParameter

CLIENT = "helpa"
SECRET = "a secret: of+Helpa %"

Answer = Callable[[BaseHTTPRequestHandler], None]


class Rogue:
    """The provider.

    Args:
        url: where it is, and its issuer identifier.

    ``discovery`` and ``keys`` are what it answers, ``userinfo`` what it adds there to the subject;
    ``instead`` has, by path, what answers in their place; ``asked`` counts requests by path;
    ``proofs`` holds what clients proved themselves with.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.keys: list[Any] = [self.key.as_dict(private=False)]
        self.discovery: dict[str, Any] = {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize?tenant=1",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "userinfo_endpoint": f"{url}/userinfo",
            "end_session_endpoint": f"{url}/end",
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        self.userinfo: dict[str, Any] = {}
        self._subject: Any = None
        self.instead: dict[str, Answer] = {}
        self.asked: dict[str, int] = {}
        self.proofs: list[tuple[str, str, str]] = []
        self._codes: dict[str, dict[str, Any]] = {}

    @contextmanager
    def as_it_was(self) -> Iterator[None]:
        """Take back what is changed in the block."""
        kept = {name: copy.copy(value) for name, value in vars(self).items()}
        try:
            yield
        finally:
            vars(self).update(kept)

    def claims(self, nonce: str, **other: Any) -> dict[str, Any]:
        """Return claims that are right, but for some; None leaves one out."""
        now = int(time.time())
        said = {
            "iss": self.url,
            "sub": "rosa",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "email": "rosa@example.org",
            "email_verified": True,
            "name": "Rosa Luz",
        } | other
        self._subject = said["sub"]
        return {name: value for name, value in said.items() if value is not None}

    def signed(
        self, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None, key: Any = None
    ) -> str:
        """Return an ID token.

        Args:
            claims: what it says.
            header: beside the algorithm RS256 and the key's name.
            key: what signs it, in place of the provider's key.
        """
        whole = {"alg": "RS256", "kid": "one"} | dict(header or {})
        whole = {name: value for name, value in whole.items() if value is not None}
        signing: Key = key or self.key
        odd = {name: HeaderParameter("odd", "str") for name in whole.get("crit", ())}
        registry = jws.JWSRegistry(odd, algorithms=[whole["alg"]], strict_check_header=False)
        return jws.serialize_compact(whole, json.dumps(claims), signing, registry=registry)

    def forged(self, claims: Mapping[str, Any], secret: bytes | None) -> str:
        """Return an ID token signed with a secret that is none, or not signed.

        joserfc refuses to make these.
        """
        header = {"alg": "HS256" if secret is not None else "none", "kid": "one"}
        text = ".".join(encoded(json.dumps(each).encode()) for each in (header, claims))
        mac = b"" if secret is None else hmac.new(secret, text.encode(), hashlib.sha256).digest()
        return f"{text}.{encoded(mac)}"

    def grant(self, id_token: Any, **other: Any) -> str:
        """Return a code that becomes this ID token, once, with other members of the answer."""
        code = secrets.token_urlsafe(16)
        answer = {"access_token": "of " + code, "token_type": "Bearer", "id_token": id_token}
        self._codes[code] = answer | other
        return code

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request."""
        path = urlsplit(request.path).path
        self.asked[path] = self.asked.get(path, 0) + 1
        if path in self.instead:
            self.instead[path](request)
        elif path == "/.well-known/openid-configuration":
            send(request, self.discovery)
        elif path == "/keys":
            send(request, {"keys": self.keys})
        elif path == "/userinfo":
            send(request, {"sub": self._subject} | self.userinfo)
        elif path == "/token":
            self._token(request)
        else:
            send(request, {}, 404)

    def _token(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers["content-length"])
        form = {n: v[0] for n, v in parse_qs(request.rfile.read(length).decode()).items()}
        scheme, _, proof = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            client, _, secret = base64.b64decode(proof).decode().partition(":")
            self.proofs.append(("basic", unquote_plus(client), unquote_plus(secret)))
        else:
            self.proofs.append(("post", form.get("client_id", ""), form.get("client_secret", "")))
        found = self._codes.pop(form.get("code", ""), None)
        if found is None:
            send(request, {"error": "invalid_grant"}, 400)
        else:
            send(request, found)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def send(request: BaseHTTPRequestHandler, body: Any, status: int = 200) -> None:
    """Answer JSON, or bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request.send_response(status)
    request.send_header("content-type", "application/json")
    request.send_header("content-length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)


def redirect(to: str) -> Answer:
    """Return what sends elsewhere."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(307)
        request.send_header("location", to)
        request.send_header("content-length", "0")
        request.end_headers()

    return answer


def trickle(request: BaseHTTPRequestHandler) -> None:
    """Answer byte by byte, for as long as anybody listens: every single read succeeds."""
    request.send_response(200)
    request.end_headers()
    try:
        for _ in range(600):
            request.wfile.write(b" ")
            request.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


def flood(request: BaseHTTPRequestHandler) -> None:
    """Answer JSON without end."""
    request.send_response(200)
    request.end_headers()
    try:
        request.wfile.write(b'{"a": "')
        for _ in range(64):
            request.wfile.write(b"a" * (1 << 20))
    except OSError:
        pass


@contextmanager
def running_rogue() -> Iterator[Rogue]:
    """A provider on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_GET(self) -> None:
            rogue.answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: Any) -> None:
            pass

    class Listening(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            pass  # who asked has hung up, as tests expect

    listening = Listening(("127.0.0.1", 0), Handler)
    rogue = Rogue(f"http://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield rogue
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
