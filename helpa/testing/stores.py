"""What every store of renditions must do, as tests to inherit."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import ClassVar

from helpa.core.stores.protocol import Store, join


class StoreContract(ABC):
    """Tests of a store; inherit them in a class whose name begins with ``Test``.

    ::

        class TestMyStore(StoreContract):
            def open(self, capacity: int) -> Store:
                return MyStore(capacity)
    """

    bounded: ClassVar[bool] = True
    """Whether the store itself keeps within its capacity, dropping what was used longest ago."""

    capacity: ClassVar[int] = 800_000
    """Bytes the store is opened with, in most tests."""

    @abstractmethod
    def open(self, capacity: int) -> Store:
        """Return an empty store of a capacity in bytes; each test opens one, and closes it."""

    def _used(self, check: Callable[[Store], Awaitable[None]], capacity: int | None = None) -> None:
        async def main() -> None:
            store = self.open(self.capacity if capacity is None else capacity)
            try:
                await check(store)
            finally:
                await store.close()

        asyncio.run(main())

    def test_what_was_put_is_got(self) -> None:
        """Values come back whole, empty ones too, and nothing else comes back."""

        async def check(store: Store) -> None:
            assert await store.get("g/a") is None
            for key, value in (("g/a", b"1"), ("g/b", b""), ("h/a", bytes(range(256)) * 300)):
                await store.put(key, value)
                assert await store.get(key) == value
            assert await store.get("g/c") is None
            assert await store.get("i/a") is None

        self._used(check)

    def test_a_stored_value_is_never_overwritten(self) -> None:
        """The first value stays."""

        async def check(store: Store) -> None:
            await store.put("g/a", b"first")
            await store.put("g/a", b"second, and longer than the first")
            assert await store.get("g/a") == b"first"

        self._used(check)

    def test_a_group_is_deleted_whole_and_alone(self) -> None:
        """Groups whose names look alike are told apart."""

        async def check(store: Store) -> None:
            keys = ("gg1/a", "gg1/b", "gg2/a", "gg/a", "gg12/a")
            for key in keys:
                await store.put(key, key.encode())
            await store.delete("gg1")
            await store.delete("never there")
            assert [k for k in keys if await store.get(k)] == ["gg2/a", "gg/a", "gg12/a"]
            await store.put("gg1/a", b"again")
            assert await store.get("gg1/a") == b"again"

        self._used(check)

    def test_a_joint_group_goes_with_any_of_its_ids(self) -> None:
        """What several pictures are drawn in is forgotten with each of them, and alone."""

        async def check(store: Store) -> None:
            ids = ("-aaaaaaaaaaaaaaaaaaaaa", "b_bbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccc")
            a, b, c = ids
            keys = [f"{join(each)}/k" for each in (ids[:1], ids[:2], ids[1:], ids, ids[2:])]

            async def kept() -> list[int]:
                return [n for n, key in enumerate(keys) if await store.get(key) == key.encode()]

            for gone, left in (
                ([a], [2, 4]),
                ([b], [0, 4]),
                ([c], [0, 1]),
                ([c, b], [0, 1, 4]),
                ([a, b, c], [0, 1, 2, 4]),
                (["aaaaaaaaaaaaaaaaaaaaa-"], [0, 1, 2, 3, 4]),
            ):
                for key in keys:
                    await store.put(key, key.encode())
                assert await kept() == [0, 1, 2, 3, 4]
                await store.delete(join(gone))
                assert await kept() == left, gone

        self._used(check)

    def test_a_joint_group_is_kept_as_any_other(self) -> None:
        """The order of its ids means nothing, its names are told apart, nothing is overwritten."""

        async def check(store: Store) -> None:
            one, other = "a" * 22, "b" * 22
            assert join([one, other]) == join([other, one, other])
            await store.put(f"{join([one, other])}/1", b"first")
            await store.put(f"{join([other, one])}/1", b"second")
            await store.put(f"{join([one, other])}/2", b"other")
            assert await store.get(f"{join([one, other])}/1") == b"first"
            assert await store.get(f"{join([one, other])}/2") == b"other"
            assert await store.get(f"{one}/1") is None

        self._used(check)

    def test_many_at_once_leave_whole_values(self) -> None:
        """Writers, readers and deleters of the same keys never see half a value."""

        async def check(store: Store) -> None:
            async def one(number: int) -> None:
                key = f"g{number % 3}/{number % 7}"
                await store.put(key, key.encode() * 2000)
                found = await store.get(key)
                assert found in (None, key.encode() * 2000)
                if number % 11 == 0:
                    await store.delete(f"g{number % 3}")

            await asyncio.gather(*(one(number) for number in range(200)))

        self._used(check)

    def test_the_least_recently_used_go_first(self) -> None:
        """Reading is use."""
        if not self.bounded:
            return

        async def check(store: Store) -> None:
            value = bytes(self.capacity // 10)
            for number in range(8):
                await store.put(f"g/{number}", value)
            await store.get("g/0")
            for number in range(8, 12):
                await store.put(f"g/{number}", value)
            kept = [n for n in range(12) if await store.get(f"g/{n}") is not None]
            assert 0 in kept
            assert kept == sorted({0, *range(12 - (len(kept) - 1), 12)})
            assert 7 <= len(kept) <= 10

        self._used(check)

    def test_a_value_too_large_for_the_store_is_not_kept_and_drives_nothing_out(self) -> None:
        """One large value must not cost all the others."""
        if not self.bounded:
            return

        async def check(store: Store) -> None:
            await store.put("g/small", b"small")
            await store.put("g/large", bytes(self.capacity))
            assert await store.get("g/large") is None
            assert await store.get("g/small") == b"small"

        self._used(check)

    def test_a_store_of_no_size_keeps_nothing_and_fails_nobody(self) -> None:
        """A capacity of 0 switches a store off."""
        if not self.bounded:
            return

        async def check(store: Store) -> None:
            await store.put("g/a", b"1")
            assert await store.get("g/a") is None
            await store.delete("g")

        self._used(check, capacity=0)
