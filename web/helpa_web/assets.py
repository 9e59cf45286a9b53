"""Style sheet, scripts and icon, kept in memory under an address that changes with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from helpa import NotFound, Route

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The files pages load.

    One hash over all of them is a folder of their address, so that a script and the modules it
    imports by relative path are always of one version.

    Args:
        contents: bytes by file name.
    """

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        digest = hashlib.sha256()
        for name in sorted(contents):
            digest.update(f"{name}\0{len(contents[name])}\0".encode() + contents[name])
        self._contents = contents
        self.version = digest.hexdigest()[:16]

    @classmethod
    def packaged(cls) -> Assets:
        """Return those that came with this package."""
        folder = files("helpa_web") / "static"
        found = {each.name: each for each in folder.iterdir()}
        wanted = (name for name in found if PurePosixPath(name).suffix in MEDIA_TYPES)
        return cls({name: found[name].read_bytes() for name in wanted})

    def path(self, name: str) -> str:
        """Return where a file is.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self._contents:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def routes(self) -> list[Route]:
        """Return the route that serves them."""
        return [Route("GET", "/static/{version}/{name}", self.serve, "public", page=True)]

    async def serve(self, request: Request) -> Response:
        """Answer with a file."""
        name = request.path_params["name"]
        # Contents of today under an address of yesterday would stay in caches for a year.
        if request.path_params["version"] != self.version or name not in self._contents:
            raise NotFound("There is no such file.")
        headers = {
            "Content-Type": MEDIA_TYPES[PurePosixPath(name).suffix],
            "Cache-Control": FOR_EVER,
            "Content-Security-Policy": "default-src 'none'",
        }
        return Response(self._contents[name], headers=headers)
