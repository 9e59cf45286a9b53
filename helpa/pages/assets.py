"""Style sheets, scripts and icons, kept in memory under an address that changes with them."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from helpa.core.errors import NotFound
from helpa.core.routes import Route

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The files that pages of a package load.

    One hash over all of them is a folder of their address, so that a script and the modules it
    imports by relative path are always of one version.

    Args:
        folder: what stands before the version: the name of the package.
        contents: bytes by file name.
    """

    def __init__(self, folder: str, contents: Mapping[str, bytes]) -> None:
        digest = hashlib.sha256()
        for name in sorted(contents):
            digest.update(f"{name}\0{len(contents[name])}\0".encode() + contents[name])
        self._contents = contents
        self._root = f"/static/{folder}"
        self.version = digest.hexdigest()[:16]

    def __contains__(self, name: str) -> bool:
        return name in self._contents

    @classmethod
    def packaged(cls, package: str, folder: str = "") -> Assets:
        """Return those in the folder ``static`` of a package; none where it has no such folder.

        Args:
            package: its name.
            folder: what stands before the version; unset is the package.
        """
        static = files(package) / "static"
        found = {each.name: each for each in static.iterdir()} if static.is_dir() else {}
        wanted = (name for name in found if PurePosixPath(name).suffix in MEDIA_TYPES)
        return cls(folder or package, {name: found[name].read_bytes() for name in wanted})

    @property
    def base(self) -> str:
        """Where they are, with a slash at its end."""
        return f"{self._root}/{self.version}/"

    def path(self, name: str) -> str:
        """Return where a file is.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self._contents:
            raise KeyError(name)
        return f"{self.base}{name}"

    def routes(self) -> list[Route]:
        """Return the route that serves them, or none where there are none."""
        if not self._contents:
            return []
        path = f"{self._root}/{{version}}/{{name}}"
        return [Route("GET", path, self.serve, "public", page=True, anonymous=True)]

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


@functools.cache
def kit_assets() -> Assets:
    """Return the files of the kit itself, which the server serves once for all plugins."""
    return Assets.packaged("helpa.pages", "helpa")
