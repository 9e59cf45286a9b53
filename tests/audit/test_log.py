"""The log itself, on both databases."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from audit.keeping import ANN, ANNS_TOKEN, BOB, JOURNAL, fill, found, rows, sign, verified
from databases import Place
from helpa.core.actor import COMMAND_LINE, Actor
from helpa.core.audit.entry import PROVEN, kept_address
from helpa.core.audit.journal import Journal
from helpa.core.audit.log import now
from helpa.core.database.schema import entries, entry_tree, events
from helpa.core.settings_audit import Addresses, Audit


def test_an_entry_says_who_on_whose_behalf_what_which_object_result_when_and_request(
    place: Place,
) -> None:
    place.write(
        lambda c: JOURNAL.record(
            c, ANNS_TOKEN, "image.delete", "image:x", result="refused", details={"why": "no right"}
        )
    )
    (row,) = rows(place)
    assert (row["seq"], row["actor"], row["on_behalf"]) == (1, "token:t1", "account:ann")
    assert (row["action"], row["object"], row["result"]) == ("image.delete", "image:x", "refused")
    assert row["request"] == "r2"
    assert row["details"] == '{"why":"no right"}'
    assert json.loads(row["personal"]) == {"address": "2001:db8:1::/48", "device": "curl/8"}


def test_leaf_and_commitment_are_what_the_documents_say(place: Place) -> None:
    fill(place, 1)
    (row,) = rows(place)
    secret = bytes.fromhex(row["salt"]) + row["personal"].encode()
    assert hashlib.sha256(secret).hexdigest() == row["commitment"]
    columns = {name: row[name] for name in PROVEN}
    text = json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(b"\0" + text.encode()).hexdigest() == row["leaf"]
    kept = place.read(lambda c: c.execute(select(entry_tree)).one())
    assert (kept.size, kept.peaks) == (1, row["leaf"])


def test_equal_entries_have_different_salts_and_commitments(place: Place) -> None:
    for _ in range(2):
        place.write(lambda c: JOURNAL.record(c, COMMAND_LINE, "token.create", "token:x"))
    first, second = rows(place)
    assert len(first["salt"]) >= 32
    assert first["personal"] == second["personal"] == "{}"
    assert first["commitment"] != second["commitment"]


def test_what_is_rolled_back_leaves_neither_entry_nor_event_nor_gap(place: Place) -> None:
    fill(place, 2)

    def fail(connection: Connection) -> None:
        JOURNAL.record(connection, BOB, "image.delete", "image:x")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        place.write(fail)
    fill(place, 1)
    assert [row["seq"] for row in rows(place)] == [1, 2, 3]
    assert place.read(lambda c: c.execute(select(func.count()).select_from(events)).scalar()) == 3


def test_what_only_shows_something_is_no_event(place: Place) -> None:
    place.write(lambda c: JOURNAL.record(c, ANN, "audit.read", "audit:log", event=False))
    assert len(rows(place)) == 1
    assert place.read(lambda c: c.execute(select(func.count()).select_from(events)).scalar()) == 0


def test_many_writers_at_once_leave_no_gap_and_one_tree(place: Place) -> None:
    async def run() -> int:
        async with place.opened() as one, place.opened() as other:

            async def write(number: int) -> None:
                database = one if number % 2 else other
                await database.write(
                    lambda c: JOURNAL.record(c, BOB, "image.change", f"image:{number}")
                )

            await asyncio.gather(*(write(number) for number in range(60)))
            return (await now(one)).size

    assert asyncio.run(run()) == 60
    sign(place)
    assert [row["seq"] for row in rows(place)] == list(range(1, 61))
    assert not found(verified(place))


def test_entries_have_the_order_of_their_events(place: Place) -> None:
    async def run() -> None:
        async with place.opened() as one, place.opened() as other:
            await asyncio.gather(
                *(
                    (one if number % 2 else other).write(
                        lambda c, n=number: JOURNAL.record(c, BOB, "image.change", f"image:{n}")  # type: ignore[misc]
                    )
                    for number in range(30)
                )
            )

    asyncio.run(run())
    told = place.read(
        lambda c: list(c.execute(select(events.c.object).order_by(events.c.seq)).scalars())
    )
    assert told == [row["object"] for row in rows(place)]


def test_erasing_a_person_takes_what_they_did_and_what_others_did_to_them(place: Place) -> None:
    fill(place, 6)
    place.write(lambda c: JOURNAL.record(c, BOB, "account.role", "account:ann", details={"a": 1}))
    place.write(lambda c: JOURNAL.record(c, BOB, "image.delete", "image:z"))

    def erase(connection: Connection) -> int:
        JOURNAL.record(connection, BOB, "account.erase", "account:ann")
        return JOURNAL.erase(connection, "ann")

    assert place.write(erase) == 6
    sign(place)
    for row in rows(place):
        names = {row["actor"], row["on_behalf"], row["object"]}
        assert (row["personal"] is None) == (row["salt"] is None) == ("account:ann" in names)
    report = verified(place)
    assert not found(report)
    assert (report.entries, report.erased) == (9, 6)


def test_what_was_erased_lies_nowhere_in_the_file_of_sqlite(tmp_path: Path) -> None:
    place = Place(tmp_path / "helpa.sqlite3")
    place.migrate()
    fill(place, 40)

    def holds(text: bytes) -> bool:
        with closing(sqlite3.connect(place.path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return text in place.path.read_bytes()

    assert holds(b"secret-3.png")
    place.write(lambda c: JOURNAL.erase(c, "ann"))
    assert not holds(b"secret-3.png")
    assert holds(b"secret-2.png")


def test_a_personal_part_that_is_gone_without_an_erasure_is_found(place: Place) -> None:
    fill(place, 4)
    place.write(lambda c: JOURNAL.erase(c, "bob"))
    sign(place)
    (finding,) = found(verified(place))
    assert finding.startswith("entry 3: its personal part is gone")


def test_an_erasure_explains_nothing_that_came_after_it(place: Place) -> None:
    place.write(lambda c: JOURNAL.record(c, BOB, "account.erase", "account:ann"))
    fill(place, 1)
    place.write(lambda c: JOURNAL.erase(c, "ann"))
    sign(place)
    (finding,) = found(verified(place))
    assert finding.startswith("entry 2: its personal part is gone")


def test_an_erasure_that_was_refused_or_is_of_another_explains_nothing(place: Place) -> None:
    fill(place, 1)
    place.write(lambda c: JOURNAL.record(c, BOB, "account.erase", "account:ann", result="refused"))
    place.write(lambda c: JOURNAL.record(c, ANN, "account.erase", "account:bob"))
    place.write(lambda c: JOURNAL.erase(c, "ann"))
    sign(place)
    (finding,) = found(verified(place))
    assert finding.startswith("entry 1: its personal part is gone")


@pytest.mark.parametrize(
    ("policy", "kept"),
    [("full", "203.0.113.77"), ("truncated", "203.0.113.0/24"), ("none", None)],
)
def test_an_address_is_kept_by_policy(place: Place, policy: Addresses, kept: str | None) -> None:
    journal = Journal(Audit(address=policy))
    place.write(lambda c: journal.record(c, ANN, "session.begin", "account:ann"))
    (row,) = rows(place)
    assert json.loads(row["personal"]).get("address") == kept


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.0.2.255", "192.0.2.0/24"),
        ("::ffff:192.0.2.255", "192.0.2.0/24"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unix:", ""),
        ("testclient", ""),
    ],
)
def test_what_a_truncated_address_is(address: str, kept: str) -> None:
    assert kept_address(address, "truncated") == kept


def test_text_of_every_kind_is_kept_and_verifies(place: Place) -> None:
    device = "\N{SNOWMAN}\t\x7f\"\\ \ud800 ' ; --"
    actor = Actor("account:ann", device=device)
    place.write(
        lambda c: JOURNAL.record(
            c, actor, "account.role", "account:ann",
            details={"nul": "\0", "nested": {"b": [1, None, True], "a": "ä"}},
            personal={"name": "\ud83d"},
        )
    )  # fmt: skip
    sign(place)
    assert not found(verified(place))


def test_a_number_that_is_none_is_refused(place: Place) -> None:
    with pytest.raises(ValueError):
        place.write(
            lambda c: JOURNAL.record(c, BOB, "image.change", "image:x", details={"n": float("nan")})
        )
    assert not rows(place)


def test_a_log_without_its_tree_takes_no_entry(place: Place) -> None:
    def break_it(connection: Connection) -> None:
        if place.url:
            connection.exec_driver_sql("ALTER TABLE entry_tree DISABLE TRIGGER ALL")
        else:
            connection.exec_driver_sql("DROP TRIGGER entry_tree_no_delete")
        connection.execute(entry_tree.delete())

    place.write(break_it)
    with pytest.raises(Exception, match="helpa audit verify"):
        fill(place, 1)
    assert place.read(lambda c: c.execute(select(func.count()).select_from(entries)).scalar()) == 0
