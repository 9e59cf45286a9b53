"""Pictures that differ only in one region, and all that a server tells of them afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import httpx2

from serving import Server

WHEN = re.compile(rb'"created_at":"[^"]*"')

SCOPES = (
    "images:read", "images:write", "images:delete", "originals:read", "links:write",
    "redaction-policies:write",
)  # fmt: skip


def told(
    server: Server, image: str, query: str, accept: str = "*/*"
) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body of a rendition, without what names the picture."""
    answer = server.get(f"/img/{image}?{query}", Accept=accept)
    headers = {
        name: value for name, value in answer.headers.items()
        if name not in ("date", "etag", "x-request-id", "content-length")
    }  # fmt: skip
    return answer.status_code, headers, WHEN.sub(b"", answer.content.replace(image.encode(), b"ID"))


def masked(document: Any, image: str) -> str:
    """Return a document without its id and its times."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", repr(document).replace(image, "ID"))
    return re.sub(r"'before': '[0-9a-f]{64}'", "'before': MAC", text)


def redact(
    client: httpx2.Client, image: str, region: Mapping[str, Any], style: str = "solid", **more: Any
) -> list[list[int]]:
    """Redact a region; return the rectangles that were filled."""
    body = {"regions": [region], "style": style, **more}
    answer = client.post(f"/api/images/{image}/redactions", json=body)
    assert answer.status_code == 201, answer.text
    covered: list[list[int]] = answer.json()["covered"]
    return covered


def assert_alike(
    server: Server,
    client: httpx2.Client,
    one: str,
    other: str,
    queries: Iterable[str],
    accepts: Iterable[str] = (),
) -> None:
    """Insist that nothing told of two pictures differs.

    Args:
        server: that has both.
        client: of somebody who may read them.
        one: id of a picture.
        other: id of the other.
        queries: of renditions.
        accepts: Accept headers that are tried where the query is empty.
    """
    assert server.get(f"/img/{one}?fmt=png").content  # something is there to compare
    for query in queries:
        for accept in ("*/*", *(accepts if not query else ())):
            assert told(server, one, query, accept) == told(server, other, query, accept), query
    for path in ("", "/manifest", "/revisions", "/markup"):
        documents = [client.get(f"/api/images/{each}{path}").json() for each in (one, other)]
        for document in documents:
            document.pop("signature", None)
        assert masked(documents[0], one) == masked(documents[1], other), path
