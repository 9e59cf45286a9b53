"""A folder as a source, against what can stand in a folder."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from helpa import (
    BadGateway,
    ContentTooLarge,
    Fetched,
    Missing,
    Source,
    SourceAnswer,
    Unchanged,
)
from helpa.testing import SourceContract
from helpa_sources.folder import FolderSettings, FolderSource


class TestFolderSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "pictures"
        self.folder.mkdir()

    def open(self) -> Source:
        return FolderSource(FolderSettings(path=self.folder))

    def put(self, path: str, data: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(data)

    def remove(self, path: str) -> None:
        (self.folder / path).unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture, a sub-folder, and neighbours that are not to be read."""
    root = tmp_path / "pics"
    (root / "sub").mkdir(parents=True)
    (root / "a.png").write_bytes(b"picture")
    (root / "sub" / "b.png").write_bytes(b"other")
    (tmp_path / "pics-private").mkdir()
    (tmp_path / "pics-private" / "c.png").write_bytes(b"secret")
    (tmp_path / "secret.png").write_bytes(b"secret")
    return root


def fetch(
    folder: Path, path: str, validator: str = "", max_bytes: int = 1000
) -> tuple[SourceAnswer, bytes | None]:
    """Return the answer, and the bytes that were written, if any."""
    into = folder.parent / "into"
    into.unlink(missing_ok=True)
    source = FolderSource(FolderSettings(path=folder))
    work = source.fetch(path, into, validator=validator, max_bytes=max_bytes)
    answer = asyncio.run(asyncio.wait_for(work, 10))
    return answer, into.read_bytes() if into.exists() else None


def test_a_file_is_copied_and_known_by_its_validator(folder: Path) -> None:
    answer, data = fetch(folder, "sub/b.png")
    assert isinstance(answer, Fetched)
    assert data == b"other"
    assert fetch(folder, "sub/b.png", answer.validator) == (Unchanged(), None)
    (folder / "sub" / "b.png").write_bytes(b"newer")  # as many bytes as before
    again, data = fetch(folder, "sub/b.png", answer.validator)
    assert (again, data) != (answer, b"other")
    assert data == b"newer"


def test_a_file_put_in_place_of_another_is_another(folder: Path) -> None:
    answer, _ = fetch(folder, "a.png")
    assert isinstance(answer, Fetched)
    found = (folder / "a.png").stat()
    (folder / "new").write_bytes(b"quarrel")
    os.utime(folder / "new", ns=(found.st_atime_ns, found.st_mtime_ns))
    (folder / "new").rename(folder / "a.png")
    assert fetch(folder, "a.png", answer.validator)[1] == b"quarrel"


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(folder: Path) -> None:
    assert isinstance(fetch(folder, "a.png", max_bytes=7)[0], Fetched)
    with pytest.raises(ContentTooLarge):
        fetch(folder, "a.png", max_bytes=6)
    assert not (folder.parent / "into").exists()


@pytest.mark.parametrize(
    "path",
    [
        "none.png", "sub", "sub/none.png", "a.png/x", "none/a.png",
        "..", "../secret.png", "sub/../../secret.png", "../pics-private/c.png",
        "../pics/a.png", ".", "./a.png", "", "/", "//a.png", "sub//b.png", "a.png/",
        "/etc/passwd", "a.png\0.jpg", "sub\\b.png", ".hidden.png", "x" * 300,
    ],
)  # fmt: skip
def test_what_is_no_plain_path_of_a_file_in_it_is_missing(folder: Path, path: str) -> None:
    (folder / ".hidden.png").write_bytes(b"hidden")
    assert fetch(folder, path) == (Missing(), None)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("out.png", "../secret.png"),
        ("absolute.png", "/etc/passwd"),
        ("alike.png", "../pics-private/c.png"),
        ("inside.png", "a.png"),
        ("device.png", "/dev/zero"),
        ("loop.png", "loop.png"),
        ("self.png", "/proc/self/environ"),
    ],
)
def test_links_are_not_followed(folder: Path, name: str, target: str) -> None:
    (folder / name).symlink_to(target)
    assert fetch(folder, name) == (Missing(), None)


def test_links_to_folders_are_not_followed(folder: Path) -> None:
    (folder / "door").symlink_to("..")
    (folder / "alike").symlink_to("../pics-private")
    (folder / "here").symlink_to("sub")
    for path in ("door/secret.png", "alike/c.png", "door/pics/a.png", "here/b.png"):
        assert fetch(folder, path) == (Missing(), None)


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert fetch(link, "a.png")[1] == b"picture"


def test_fifos_and_sockets_are_missing_and_hold_nobody(folder: Path) -> None:
    os.mkfifo(folder / "fifo.png")
    assert fetch(folder, "fifo.png") == (Missing(), None)


@pytest.mark.skipif(os.geteuid() != 0, reason="ONLY ROOT MAKES DEVICE FILES")
def test_device_files_are_missing(folder: Path) -> None:
    try:
        os.mknod(folder / "zero.png", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("DEVICE FILES CANNOT BE MADE HERE")
    assert fetch(folder, "zero.png") == (Missing(), None)


def test_a_folder_that_is_away_is_a_failure_and_deletes_nothing(folder: Path) -> None:
    folder.rename(folder.parent / "away")
    with pytest.raises(BadGateway):
        fetch(folder, "a.png")


def test_a_file_that_turns_into_a_link_over_and_over_never_leads_out(folder: Path) -> None:
    """The swap an attacker with a hand in the folder would try, between look and open."""
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for make in (lambda p: p.symlink_to("../secret.png"), lambda p: os.mkfifo(p),
                         lambda p: p.write_bytes(b"picture")):  # fmt: skip
                make(folder / "aside")
                (folder / "aside").rename(folder / "swap.png")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen = {fetch(folder, "swap.png")[1] for _ in range(300)}
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"picture", None}
    assert b"picture" in seen
