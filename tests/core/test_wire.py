"""Messages between the web process and a worker, and what is no message."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.workers import wire

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with linked() as both:
        yield both


@contextlib.contextmanager
def linked() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def framed(head: bytes, body: bytes = b"") -> bytes:
    return struct.pack("!IQ", len(head), len(body)) + head + body


HEADS = st.dictionaries(
    st.text(max_size=5), st.one_of(st.integers(), st.text(), st.none()), max_size=4
)


@given(st.lists(st.tuples(HEADS, st.binary(max_size=200)), min_size=1, max_size=4))
def test_messages_arrive_whole_and_in_order(
    messages: list[tuple[dict[str, object], bytes]],
) -> None:
    with linked() as (ours, theirs):
        for head, body in messages:
            wire.send(ours, head, body)
        assert [wire.receive(theirs) for _ in messages] == messages


def test_a_large_body_arrives_whole(pair: Pair) -> None:
    ours, theirs = pair
    body = bytes(range(256)) * 40_000
    sender = threading.Thread(target=wire.send, args=(ours, {"n": 1}, body))
    sender.start()
    assert wire.receive(theirs, time.monotonic() + 30) == ({"n": 1}, body)
    sender.join()


def test_a_message_in_single_bytes_is_put_together(pair: Pair) -> None:
    ours, theirs = pair
    raw = framed(b'{"a":1}', b"body")

    def trickle() -> None:
        for value in raw:
            ours.sendall(bytes([value]))

    sender = threading.Thread(target=trickle)
    sender.start()
    assert wire.receive(theirs, time.monotonic() + 30) == ({"a": 1}, b"body")
    sender.join()


@pytest.mark.parametrize("cut", [0, 5, 12, 14, 19, 22])
def test_a_message_cut_short_is_the_end(pair: Pair, cut: int) -> None:
    ours, theirs = pair
    ours.sendall(framed(b'{"a":1}', b"body")[:cut])
    ours.close()
    with pytest.raises(wire.Closed):
        wire.receive(theirs)


@pytest.mark.parametrize("cut", [0, 5, 12, 14, 19, 22])
def test_a_message_that_does_not_come_in_time_is_overdue(pair: Pair, cut: int) -> None:
    ours, theirs = pair
    ours.sendall(framed(b'{"a":1}', b"body")[:cut])
    with pytest.raises(wire.Overdue):
        wire.receive(theirs, time.monotonic() + 0.05)


def test_a_deadline_that_has_passed_is_overdue_at_once(pair: Pair) -> None:
    _, theirs = pair
    with pytest.raises(wire.Overdue):
        wire.receive(theirs, time.monotonic() - 1)


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("!IQ", wire.MAX_HEAD + 1, 0),
        struct.pack("!IQ", 2**32 - 1, 2**64 - 1),
        struct.pack("!IQ", 2, 2**31 + 1) + b"{}",
        framed(b"not json"),
        framed(b""),
        framed(b"[1]"),
        framed(b'"text"'),
        framed(b"null"),
        framed(b"\xff\xfe"),
        framed(b'{"a":'),
        framed(b"[" * 100_000),
        framed(b'{"a":' * 100_000),
    ],
    ids=[
        "head",
        "both",
        "body",
        "junk",
        "empty",
        "list",
        "text",
        "null",
        "bytes",
        "half",
        "deep",
        "deeper",
    ],
)
def test_what_is_no_message_is_the_end(pair: Pair, raw: bytes) -> None:
    ours, theirs = pair
    sender = threading.Thread(target=ours.sendall, args=(raw,))
    sender.start()
    with pytest.raises(wire.Closed):
        wire.receive(theirs, time.monotonic() + 30)
    theirs.close()
    sender.join()


@given(st.binary(min_size=1, max_size=60))
def test_any_bytes_are_a_message_or_the_end(raw: bytes) -> None:
    with linked() as (ours, theirs):
        ours.sendall(raw)
        ours.close()
        try:
            head, body = wire.receive(theirs)
        except wire.Closed:
            return
        assert framed(json.dumps(head).encode(), body)


def test_sending_to_one_who_is_gone_says_so(pair: Pair) -> None:
    ours, theirs = pair
    theirs.close()
    with pytest.raises(wire.Closed):
        wire.send(ours, {"a": 1}, bytes(10**6))
