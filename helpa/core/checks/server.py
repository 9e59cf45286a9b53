"""The running server, if there is one."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from helpa.core.checks.addresses import is_loopback
from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation

SECONDS = 5.0
BYTES = 65536


def check(installation: Installation) -> Iterator[Finding]:
    """Ask the server where it listens, and again where the world reaches it."""
    settings = installation.settings
    if settings is None or settings.port == 0:
        return
    own = settings.model_copy(update={"public_url": None}).base_url
    here = _ready(own)
    there = _ready(settings.base_url) if settings.base_url != own else None
    yield _local(own, here)
    if there is None or isinstance(here, OSError):
        return
    if isinstance(there, OSError):
        advice = "Is the proxy up, its certificate valid, and the name in DNS?"
        yield Finding("warn", "server", f"{settings.base_url} does not answer: {there}", advice)
        return
    if there[0] not in (200, 503) or "status" not in there[1]:
        advice = "Something else answers there."
        text = f"{settings.base_url}/readyz answers {there[0]}, and not as Helpa does"
        yield Finding("warn", "server", text, advice)
        return
    yield Finding("ok", "server", f"{settings.base_url} reaches it")
    outside = urlsplit(settings.base_url)
    answer = _get(settings.base_url, "/metrics")
    if (
        not isinstance(answer, OSError)
        and answer[0] == 200
        and not is_loopback(outside.hostname or "")
    ):
        advice = "Let the proxy set X-Forwarded-For, or refuse /metrics."
        yield Finding("warn", "server", "its /metrics are open to the world", advice)


def _local(url: str, answer: tuple[int, dict[str, str]] | OSError) -> Finding:
    if isinstance(answer, ConnectionRefusedError):
        return Finding("ok", "server", f"none runs at {url}")
    if isinstance(answer, OSError):
        advice = "See its log; is it overloaded, or does something else listen there?"
        return Finding("warn", "server", f"{url} does not answer: {answer}", advice)
    status, document = answer
    if "status" not in document:
        text = f"something at {url} answers {status}, and not as Helpa does"
        return Finding("warn", "server", text, "Name another port, or stop it.")
    if status == 200:
        return Finding("ok", "server", f"{url} is ready")
    reason = document.get("reason", "it does not say why")
    return Finding("warn", "server", f"{url} is not ready: {reason}", "Wait, and look again.")


def _ready(url: str) -> tuple[int, dict[str, str]] | OSError:
    answer = _get(url, "/readyz")
    if isinstance(answer, OSError):
        return answer
    status, body = answer
    try:
        document = json.loads(body)
    except ValueError:
        document = {}
    return status, document if isinstance(document, dict) else {}


def _get(url: str, path: str) -> tuple[int, bytes] | OSError:
    """Return status and body; no redirect is followed and no proxy of the environment asked."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
    try:
        connection.request("GET", parts.path + path, headers={"Accept": "application/json"})
        reply = connection.getresponse()
        return reply.status, reply.read(BYTES)
    except http.client.HTTPException as error:
        return OSError(f"{type(error).__name__}: {error}")
    except OSError as error:
        return error
    finally:
        connection.close()
