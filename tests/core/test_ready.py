"""The table of ready answers stays within its bounds and forgets what it is told to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from helpa.core.ready import OVERHEAD, Key, Ready, ReadyTable


def ready(key: str = "k", size: int = 100, depends: tuple[str, ...] = ("a",)) -> Ready:
    return Ready(
        start={},
        unchanged={},
        wire=(b"", b""),
        body={},
        etag=b"",
        key=key,
        depends=depends,
        size=size,
    )


def url(name: object, accept: int = 0) -> Key:
    return (b"/img/x", str(name).encode(), accept)


def test_what_was_put_is_there_by_path_query_and_class() -> None:
    table = ReadyTable(10**6, 100, 8)
    answer = ready()
    table.put(url("w=1"), answer)
    assert table.get(url("w=1")) is answer
    assert table.get(url("w=1", 1)) is None
    assert table.get(url("w=2")) is None
    assert len(table) == 1
    assert table.bytes == 100 + OVERHEAD


def test_a_second_reply_to_one_url_replaces_the_first() -> None:
    table = ReadyTable(10**6, 100, 8)
    table.put(url(1), ready("old", 100))
    table.put(url(1), ready("new", 300))
    found = table.get(url(1))
    assert found is not None
    assert found.key == "new"
    assert len(table) == 1
    assert table.bytes == 300 + OVERHEAD


def test_the_least_used_goes_first_when_there_are_too_many() -> None:
    table = ReadyTable(10**6, 3, 8)
    for number in range(3):
        table.put(url(number), ready(str(number)))
    table.used(url(0))
    table.put(url(3), ready("3"))
    assert table.get(url(1)) is None
    assert all(table.get(url(number)) for number in (0, 2, 3))


def test_the_least_used_go_first_when_there_are_too_many_bytes() -> None:
    each = 1000
    table = ReadyTable(10 * (each + OVERHEAD), 100, 8)
    for number in range(12):
        table.put(url(number), ready(str(number), each))
    assert len(table) == 10
    assert table.bytes == 10 * (each + OVERHEAD)
    assert [n for n in range(12) if table.get(url(n))] == list(range(2, 12))


def test_a_reply_too_large_for_the_table_is_not_kept() -> None:
    table = ReadyTable(80_000, 100, 8)
    table.put(url(1), ready("a", 10_000 - OVERHEAD))
    table.put(url(2), ready("b", 10_001 - OVERHEAD))
    assert table.get(url(1)) is not None
    assert table.get(url(2)) is None


def test_a_table_of_no_size_keeps_nothing() -> None:
    for table in (ReadyTable(0, 100, 8), ReadyTable(10**6, 0, 8)):
        table.put(url(1), ready())
        assert len(table) == 0
        assert table.bytes == 0


def test_only_so_many_spellings_of_one_rendition_are_kept() -> None:
    table = ReadyTable(10**6, 100, 3)
    table.put(url("other"), ready("other"))
    for number in range(50):
        table.put(url(number), ready("same"))
    assert len(table) == 4
    assert [n for n in range(50) if table.get(url(n))] == [47, 48, 49]
    assert table.get(url("other")) is not None


def test_an_image_is_forgotten_with_all_it_is_drawn_in() -> None:
    table = ReadyTable(10**6, 100, 8)
    table.put(url(1), ready("1", depends=("a",)))
    table.put(url(2), ready("2", depends=("b", "a")))
    table.put(url(3), ready("3", depends=("b",)))
    table.forget("a")
    assert [n for n in (1, 2, 3) if table.get(url(n))] == [3]
    table.forget("a")
    table.forget("never seen")
    table.forget("b")
    assert len(table) == 0
    assert table.bytes == 0


ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"),
            st.integers(0, 9),
            st.sampled_from("kmn"),
            st.integers(0, 3000),
            st.sets(st.sampled_from("abc"), min_size=1),
        ),
        st.tuples(st.just("forget"), st.sampled_from("abc")),
        st.tuples(st.just("use"), st.integers(0, 9)),
    ),
    max_size=60,
)


@given(ACTIONS)
def test_its_books_are_right_whatever_happens(actions: list[tuple[object, ...]]) -> None:
    table = ReadyTable(20_000, 6, 2)
    for action, *args in actions:
        if action == "put":
            name, key, size, images = args
            assert isinstance(size, int)
            assert isinstance(images, set)
            table.put(url(name), ready(str(key), size, tuple(sorted(images))))
        elif action == "forget":
            table.forget(str(args[0]))
        elif table.get(url(args[0])) is not None:
            table.used(url(args[0]))
        kept = [found for n in range(10) if (found := table.get(url(n))) is not None]
        assert len(table) == len(kept) <= 6
        assert table.bytes == sum(each.size + OVERHEAD for each in kept) <= 20_000
        for key in "kmn":
            assert sum(each.key == key for each in kept) <= 2
        if action == "forget":
            assert not any(args[0] in each.depends for each in kept)
