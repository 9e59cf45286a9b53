"""Requests to a provider: bounded in time and bytes, redirected nowhere."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx2

from helpa_oidc.address import on_loopback
from helpa_oidc.failure import unusable

MAX_BYTES = 512 * 1024
"""Of an answer. Discovery documents have some 5 KB, key sets of large providers some 30 KB."""

Answer = dict[str, Any]


class Outgoing:
    """Asks a provider, and takes JSON objects only.

    Args:
        timeout: seconds for a whole exchange, from the connection to the last byte.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._tls: ssl.SSLContext | None = None

    async def get(self, url: str, *, bearer: str | None = None) -> Answer:
        """Return the JSON object at a URL.

        Raises:
            Failure: there is none, or it is too large or too slow.
        """
        headers = {"authorization": f"Bearer {bearer}"} if bearer is not None else {}
        status, answer = await self._exchange("GET", url, headers, None)
        if status != 200:
            raise unusable(f"{url} answered {status}")
        return answer

    async def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, Answer]:
        """Send a form; return status and JSON object of the answer.

        Raises:
            Failure: there is none, or it is too large or too slow.
        """
        return await self._exchange("POST", url, headers, form)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> tuple[int, Answer]:
        if self._tls is None:
            # The system's certificates and those of SSL_CERT_FILE; reading them takes some 20 ms.
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        sent = {"accept": "application/json", "accept-encoding": "identity", **headers}
        try:
            async with asyncio.timeout(self._timeout):
                async with (
                    httpx2.AsyncClient(
                        verify=self._tls,
                        timeout=self._timeout,
                        follow_redirects=False,
                        trust_env=not on_loopback(url),  # a proxy reaches its own machine, not ours
                    ) as client,
                    client.stream(method, url, headers=sent, data=form) as reply,
                ):
                    return reply.status_code, _object(url, await _body(url, reply))
        except TimeoutError:
            raise unusable(f"{url} took longer than {self._timeout:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError) as error:
            raise unusable(f"{url}: {type(error).__name__}: {error}") from None


async def _body(url: str, reply: httpx2.Response) -> bytes:
    if reply.headers.get("content-encoding", "identity") != "identity":
        raise unusable(f"{url} answered compressed, which was not asked for")
    body = bytearray()
    async for piece in reply.aiter_raw():
        body += piece
        if len(body) > MAX_BYTES:
            raise unusable(f"{url} answered more than {MAX_BYTES} bytes")
    return bytes(body)


def _object(url: str, body: bytes) -> Answer:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise unusable(f"{url} did not answer JSON") from None
    if not isinstance(found, dict):
        raise unusable(f"{url} answered JSON that is no object")
    return found
