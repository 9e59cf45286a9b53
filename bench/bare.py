"""The least an ASGI server can do: bytes from a table, two headers, no framework."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Table:
    """An ASGI callable that answers the files of a folder out of memory."""

    def __init__(self, root: Path) -> None:
        self._answers = {}
        for path in root.iterdir():
            body = path.read_bytes()
            length = str(len(body)).encode()
            headers = [(b"content-type", b"image/jpeg"), (b"content-length", length)]
            start = {"type": "http.response.start", "status": 200, "headers": headers}
            self._answers[f"/{path.name}"] = start, {"type": "http.response.body", "body": body}

    async def __call__(self, scope: dict[str, Any], _receive: Receive, send: Send) -> None:
        """Answer one request."""
        start, body = self._answers[scope["path"]]
        await send(start)
        await send(body)


def main() -> None:
    """Serve a folder until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the folder")
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    given = parser.parse_args()
    uvicorn.run(
        Table(given.root),
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
