"""One contract for every store of renditions, and what the disk adds to it."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.renditions import Renditions
from helpa.core.stores import DiskStore, MemoryStore, Store, join
from helpa.testing import StoreContract


class TestMemoryStore(StoreContract):
    def open(self, capacity: int) -> Store:
        return MemoryStore(capacity)


class TestDiskStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "disk"

    def open(self, capacity: int) -> Store:
        return DiskStore(self.folder, capacity)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "get", "delete"]),
        st.sampled_from(["ga", "gb", "hc", "ga.hc", "ga.gb"]),
        st.sampled_from("123"),
        st.integers(0, 5000),
    ),
    max_size=40,
)


@given(STEPS)
def test_memory_keeps_true_books(steps: list[tuple[str, str, str, int]]) -> None:
    async def main() -> None:
        capacity = 24_000
        store = MemoryStore(capacity)
        model: dict[str, bytes] = {}
        for action, group, name, size in steps:
            key = f"{group}/{name}"
            if action == "put":
                value = bytes([size % 251]) * size
                model.setdefault(key, value)
                await store.put(key, value)
            elif action == "delete":
                await store.delete(group)
                ids = set(group.split("."))
                model = {
                    k: v for k, v in model.items() if not ids <= set(k.split("/")[0].split("."))
                }
            else:
                found = await store.get(key)
                assert found is None or found == model.get(key)
                if found is None:
                    model.pop(key, None)
            assert store.bytes <= capacity
            for gone in [k for k in model if await store.get(k) is None]:
                del model[gone]
            assert len(store) == len(model)
            assert store.bytes == sum(len(v) + 200 for v in model.values())

    asyncio.run(main())


# The disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("??/*/*") if path.is_file()]


def on_disk(folder: Path, check: Callable[[DiskStore], Awaitable[None]], size: int = 10**6) -> None:
    async def main() -> None:
        store = DiskStore(folder, size)
        try:
            await check(store)
        finally:
            await store.close()

    asyncio.run(main())


def only_file(folder: Path) -> Path:
    (path,) = files(folder)
    return path


@pytest.mark.parametrize("keep", ["none", "part of the head", "head", "all but one"])
def test_a_file_cut_short_is_not_served_and_is_made_anew(folder: Path, keep: str) -> None:
    async def check(store: DiskStore) -> None:
        await store.put("group/name", b"value" * 100)
        path = only_file(folder)
        raw = path.read_bytes()
        lengths = {"none": 0, "part of the head": 5, "head": 12, "all but one": len(raw) - 1}
        path.write_bytes(raw[: lengths[keep]])
        assert await store.get("group/name") is None
        assert files(folder) == []
        await store.put("group/name", b"value" * 100)
        assert await store.get("group/name") == b"value" * 100

    on_disk(folder, check)


def test_a_file_that_is_none_of_ours_is_not_served(folder: Path) -> None:
    async def check(store: DiskStore) -> None:
        await store.put("group/name", b"value")
        only_file(folder).write_bytes(b"something else that is long enough to have a head")
        assert await store.get("group/name") is None

    on_disk(folder, check)


def test_what_was_stored_survives_reopening(folder: Path) -> None:
    async def fill(store: DiskStore) -> None:
        for number in range(5):
            await store.put(f"group{number}/name", bytes([number]) * 5000)

    counted: list[int] = []

    async def look(store: DiskStore) -> None:
        for number in range(5):
            assert await store.get(f"group{number}/name") == bytes([number]) * 5000
        assert len(store) == 5
        counted.append(store.bytes)

    on_disk(folder, fill)
    on_disk(folder, look)
    on_disk(folder, look)
    assert counted[0] == counted[1] == 5 * 8192


def test_the_order_of_use_survives_reopening(folder: Path) -> None:
    async def fill(store: DiskStore) -> None:
        for number in range(6):
            await store.put(f"group/{number}", bytes(4000))

    on_disk(folder, fill)
    for path in files(folder):  # as if each were used at another moment; 3 and 0 last
        moment = 1_000_000 + {"3": 100, "0": 50}.get(path.name, int(path.name))
        os.utime(path, (moment, moment))

    async def look(store: DiskStore) -> None:
        kept = sorted(path.name for path in files(folder))
        assert kept == ["0", "3"]
        assert len(store) == 2
        assert store.bytes == 2 * 4096

    async def open_small(store: DiskStore) -> None:
        await store.get("group/0")  # waits until the stock is taken
        await store.close()
        await look(store)

    on_disk(folder, open_small, size=2 * 4096)


def test_reading_is_use_that_a_restart_remembers(folder: Path) -> None:
    async def fill(store: DiskStore) -> None:
        await store.put("group/a", b"a")
        path = only_file(folder)
        os.utime(path, (1000, 1000))
        await store.get("group/a")
        assert path.stat().st_mtime > 1000

    on_disk(folder, fill)


def test_what_a_kill_left_half_written_is_swept_and_never_seen(folder: Path) -> None:
    async def nothing(store: DiskStore) -> None:
        await store.get("group/a")

    on_disk(folder, nothing)
    left = folder / "aside" / "halfwritten"
    left.write_bytes(b"HLP1 and then the power went")
    young = folder / "aside" / "written_by_another_process"
    young.touch()
    os.utime(left, (time.time() - 100,) * 2)
    on_disk(folder, nothing)
    assert not left.exists()
    assert young.exists()
    assert files(folder) == []


def test_the_disk_is_bounded_by_whole_blocks(folder: Path) -> None:
    async def check(store: DiskStore) -> None:
        store._scanned.result()
        for number in range(40):
            await store.put(f"group{number}/a", b"tiny")
        assert len(files(folder)) == len(store) == 16
        assert store.bytes == 16 * 4096
        assert await store.get("group39/a") == b"tiny"
        assert await store.get("group0/a") is None

    on_disk(folder, check, size=16 * 4096)
    assert len([path for path in folder.glob("??/*") if path.is_dir()]) == 16


def test_a_refused_overwrite_does_not_spoil_the_count(folder: Path) -> None:
    async def check(store: DiskStore) -> None:
        await store.put("group/a", b"small")
        await store.put("group/a", bytes(50_000))
        assert store.bytes == 4096

    on_disk(folder, check)


def test_what_is_put_while_stock_is_taken_is_not_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan, link = DiskStore._scan, os.link
    written, scanned = threading.Event(), threading.Event()

    def late_scan(store: DiskStore) -> None:
        written.wait(2)
        scan(store)
        scanned.set()

    def late_link(source: Path, target: Path) -> None:
        written.set()
        scanned.wait(2)
        link(source, target)

    monkeypatch.setattr(DiskStore, "_scan", late_scan)
    monkeypatch.setattr(os, "link", late_link)

    async def check(store: DiskStore) -> None:
        await store.put("group/a", b"value")
        assert await store.get("group/a") == b"value"

    on_disk(folder, check)


def test_three_processes_on_one_folder_keep_its_bound_together(folder: Path) -> None:
    size = 4 * 2**20

    async def fill() -> None:
        stores = [DiskStore(folder, size) for _ in range(3)]
        for number in range(200):
            for which, store in enumerate(stores):
                await store.put(f"group{number}/{which}", bytes(40_000))
        taken = sum(-(-path.stat().st_size // 4096) * 4096 for path in files(folder))
        assert size * 0.7 < taken <= size + 3 * 2**20 + 50_000
        # What one deletes, no other has.
        assert await stores[0].get("group199/2") is not None
        await stores[1].delete("group199")
        for store in stores:
            assert await store.get("group199/2") is None
            await store.close()

    asyncio.run(fill())


def test_what_another_process_put_together_from_two_is_deleted_with_either(folder: Path) -> None:
    async def check(store: DiskStore) -> None:
        other = DiskStore(folder, 10**6)
        for base, mark in (("base", "mark"), ("base", "seal"), ("page", "mark")):
            await other.put(f"{join([base, mark])}/1", b"drawn from both")
        await store.put(f"{join(['base', 'mark'])}/2", b"drawn here")
        await store.delete("mark")
        for reader in (store, other):
            assert await reader.get(f"{join(['base', 'mark'])}/1") is None
            assert await reader.get(f"{join(['base', 'mark'])}/2") is None
            assert await reader.get(f"{join(['page', 'mark'])}/1") is None
            assert await reader.get(f"{join(['base', 'seal'])}/1") == b"drawn from both"
        assert [path.parent.name for path in files(folder)] == [join(["base", "seal"])]
        assert len(store) == len(other) == 1
        assert store.bytes == other.bytes == 4096
        await other.close()

    on_disk(folder, check)


def test_composites_are_counted_driven_out_and_found_again_as_others_are(folder: Path) -> None:
    async def fill(store: DiskStore) -> None:
        store._scanned.result()
        for number in range(20):
            await store.put(f"{join(['base', f'mark{number}'])}/a", b"tiny")
        assert len(files(folder)) == len(store) == 16

    async def look(store: DiskStore) -> None:
        store._scanned.result()
        assert await store.get(f"{join(['base', 'mark19'])}/a") == b"tiny"
        assert len(store) == 16
        await store.delete("base")
        assert files(folder) == []
        assert store.bytes == 0

    on_disk(folder, fill, size=16 * 4096)
    assert len(list((folder / "++").iterdir())) == 16
    on_disk(folder, look, size=16 * 4096)


def test_a_composite_of_more_pictures_than_a_name_holds_is_not_kept(folder: Path) -> None:
    async def check(store: DiskStore) -> None:
        for count in (11, 12):
            await store.put(f"{join(f'{n:022}' for n in range(count))}/a", b"value")
        assert len(store) == len(files(folder)) == 1

    on_disk(folder, check)


def test_files_that_vanish_are_forgotten(folder: Path) -> None:
    async def check(store: DiskStore) -> None:
        await store.put("group/a", b"value")
        only_file(folder).unlink()
        assert await store.get("group/a") is None
        assert store.bytes == 0
        assert len(store) == 0

    on_disk(folder, check)


def test_a_folder_that_cannot_be_written_harms_nobody(folder: Path) -> None:
    async def check(store: DiskStore) -> None:
        await store.put("group/a", b"value")
        aside = folder / "aside"
        aside.rmdir()
        aside.write_bytes(b"a file where the folder should be")
        await store.put("group/b", b"value")
        assert await store.get("group/b") is None
        assert await store.get("group/a") == b"value"

    on_disk(folder, check)


# Tiers


class Counting(MemoryStore):
    """A store that notes what is asked of it."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.asked: list[str] = []

    async def get(self, key: str) -> bytes | None:
        self.asked.append(key)
        return await super().get(key)


@pytest.fixture
def tiers() -> tuple[Counting, Counting, Renditions]:
    near, far = Counting(10**6), Counting(10**6)
    return near, far, Renditions([("near", near), ("far", far)])


def test_a_far_hit_is_brought_near(tiers: tuple[Counting, Counting, Renditions]) -> None:
    near, far, renditions = tiers

    async def main() -> None:
        assert await renditions.get("g/a") is None
        await far.put("g/a", b"value")
        assert await renditions.get("g/a") == (b"value", "far")
        assert await renditions.get("g/a") == (b"value", "near")
        assert far.asked == ["g/a", "g/a"]

    asyncio.run(main())
    assert near.bytes > 0


def test_every_tier_keeps_and_forgets(tiers: tuple[Counting, Counting, Renditions]) -> None:
    near, far, renditions = tiers

    async def main() -> None:
        await renditions.put("g/a", b"value")
        assert await near.get("g/a") == await far.get("g/a") == b"value"
        await renditions.delete("g")
        assert await renditions.get("g/a") is None
        assert near.bytes == far.bytes == 0

    asyncio.run(main())
