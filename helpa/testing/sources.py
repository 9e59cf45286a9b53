"""What every source of pictures must do, as tests to inherit."""

from __future__ import annotations

import asyncio
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from helpa.core.errors import ContentTooLarge, RequestError
from helpa.core.source import Fetched, Missing, Source, SourceAnswer, Unchanged

SECONDS = 30.0


class SourceContract(ABC):
    """Tests of a source; inherit them in a class whose name begins with ``Test``.

    ::

        class TestMySource(SourceContract):
            @pytest.fixture(autouse=True)
            def _shelf(self, tmp_path: Path) -> None:
                self.folder = tmp_path

            def open(self) -> Source:
                return MySource(self.folder)

            def put(self, path: str, data: bytes) -> None:
                ...

            def remove(self, path: str) -> None:
                ...
    """

    hostile: ClassVar[tuple[str, ...]] = (
        "..", "../a.png", "sub/../a.png", "sub/..", "./a.png", "/a.png", "//a.png", "sub//b.png",
        "a.png/", "sub", "sub/", "", ".", "a.png\0", "a.png\0.gif", "..\\a.png", "sub\\b.png",
        "%2e%2e/a.png", "~", "a.png/x", "A" * 5000,
    )  # fmt: skip
    """Paths that name no picture, though some name one if they are read carelessly."""

    @abstractmethod
    def open(self) -> Source:
        """Return a source that has what was put."""

    @abstractmethod
    def put(self, path: str, data: bytes) -> None:
        """Have a file there; one that is there already is replaced."""

    @abstractmethod
    def remove(self, path: str) -> None:
        """Have a file there no more."""

    def _fetch(
        self, path: str, validator: str = "", max_bytes: int = 10**6
    ) -> tuple[SourceAnswer, bytes | None]:
        """Return an answer, and what was left in the file, if any."""
        with tempfile.TemporaryDirectory(prefix="helpa-") as folder:
            into = Path(folder) / "into"
            try:
                answer = self._ask(self.open(), path, into, validator, max_bytes)
            except RequestError:
                assert not into.exists(), "a source that fails leaves nothing"
                raise
            assert into.exists() == isinstance(answer, Fetched), (
                f"{answer}, and the file is {'there' if into.exists() else 'not there'}"
            )
            return answer, into.read_bytes() if into.exists() else None

    @staticmethod
    def _ask(source: Source, path: str, into: Path, validator: str, max_bytes: int) -> SourceAnswer:
        work = source.fetch(path, into, validator=validator, max_bytes=max_bytes)
        return asyncio.run(asyncio.wait_for(work, SECONDS))

    def test_a_file_is_fetched_whole(self) -> None:
        """Also from a path of several segments, and with a name beyond ASCII."""
        files = {
            "a.png": b"first",
            "sub/b.png": bytes(range(256)) * 300,
            "sub/sub/c d.png": b"third",
            "sub/ä.png": b"fourth",
        }
        for path, data in files.items():
            self.put(path, data)
        for path, data in files.items():
            answer, found = self._fetch(path)
            assert isinstance(answer, Fetched), path
            assert found == data, path

    def test_what_is_held_is_not_fetched_again(self) -> None:
        """The validator of an answer stands for the file until it changes."""
        self.put("a.png", b"first")
        answer, _ = self._fetch("a.png")
        assert isinstance(answer, Fetched)
        assert answer.validator, "without a validator every look fetches everything"
        assert self._fetch("a.png", answer.validator) == (Unchanged(), None)
        assert isinstance(self._fetch("a.png", "something else")[0], Fetched)

    def test_a_changed_file_is_fetched_even_where_its_length_is_the_same(self) -> None:
        """And its validator is another."""
        self.put("a.png", b"first")
        answer, _ = self._fetch("a.png")
        assert isinstance(answer, Fetched)
        self.put("a.png", b"other")
        again, found = self._fetch("a.png", answer.validator)
        assert isinstance(again, Fetched)
        assert again.validator != answer.validator
        assert found == b"other"

    def test_what_is_not_there_is_missing(self) -> None:
        """Never there, there no more, or there under another spelling."""
        self.put("a.png", b"first")
        self.put("sub/b.png", b"second")
        for path in ("b.png", "sub/a.png", "a.pn", "a.png2", "other/b.png"):
            assert self._fetch(path) == (Missing(), None), path
        self.remove("a.png")
        assert self._fetch("a.png") == (Missing(), None)
        assert self._fetch("a.png", "whatever") == (Missing(), None)

    def test_a_file_too_large_is_refused_and_nothing_is_left(self) -> None:
        """A file of exactly the limit is taken."""
        self.put("a.png", bytes(5000))
        try:
            self._fetch("a.png", max_bytes=4999)
        except ContentTooLarge:
            pass
        else:
            raise AssertionError("5000 bytes were taken where 4999 are allowed")
        assert self._fetch("a.png", max_bytes=5000)[1] == bytes(5000)

    def test_a_path_that_leads_astray_brings_nothing(self) -> None:
        """The server sorts such paths out; a source must not rely on it."""
        self.put("a.png", b"first")
        self.put("sub/b.png", b"second")
        for path in self.hostile:
            try:
                answer, _ = self._fetch(path)
            except RequestError:
                continue
            assert isinstance(answer, Missing), path

    def test_many_at_once_get_their_own(self) -> None:
        """Requests share a source, not its answers."""
        paths = [f"sub/{number}.png" for number in range(8)]
        for path in paths:
            self.put(path, path.encode() * 1000)
        with tempfile.TemporaryDirectory(prefix="helpa-") as folder:

            async def main() -> None:
                source = self.open()

                async def one(number: int) -> None:
                    path, into = paths[number % len(paths)], Path(folder) / str(number)
                    answer = await source.fetch(path, into, validator="", max_bytes=10**6)
                    assert isinstance(answer, Fetched)
                    assert into.read_bytes() == path.encode() * 1000

                await asyncio.wait_for(asyncio.gather(*map(one, range(40))), SECONDS)

            asyncio.run(main())
