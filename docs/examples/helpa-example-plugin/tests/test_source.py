from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from helpa import BadGateway, Source
from helpa.testing import App, SourceContract, assert_similar, encode, picture
from helpa_example.source import ZipSettings, ZipSource


class TestZipSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _archive(self, tmp_path: Path) -> None:
        self.path = tmp_path / "pictures.zip"
        self.files: dict[str, bytes] = {}

    def open(self) -> Source:
        return ZipSource(ZipSettings(path=self.path))

    def put(self, path: str, data: bytes) -> None:
        self.files[path] = data
        self._write()

    def remove(self, path: str) -> None:
        del self.files[path]
        self._write()

    def _write(self) -> None:
        with zipfile.ZipFile(self.path, "w") as archive:
            for path, data in self.files.items():
                archive.writestr(path, data)

    def test_an_archive_that_is_not_there_or_damaged_is_a_failure_not_an_empty_one(self) -> None:
        with pytest.raises(BadGateway):
            self._fetch("a.png")
        self.path.write_bytes(b"no archive")
        with pytest.raises(BadGateway):
            self._fetch("a.png")


def test_pictures_of_an_archive_are_served(helpa_app: Callable[..., App], tmp_path: Path) -> None:
    path = tmp_path / "pictures.zip"
    image = picture(200, 100)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("shoes/red.png", encode(image))
    server = helpa_app(
        "example", "sources", sources=[{"name": "shop", "kind": "zip", "path": str(path)}]
    )
    reply = server.get("/img/shop/shoes/red.png?fmt=png")
    assert_similar(reply.content, image, mean=0, maximum=0)
    assert server.get("/img/shop/shoes/blue.png").status_code == 404
