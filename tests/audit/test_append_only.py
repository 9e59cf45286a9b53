"""The database itself refuses what is no appending: by triggers, and on PostgreSQL by rights."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit.keeping import fill, rows
from databases import Place
from postgresql import Postgresql

CHANGES = {
    "seq": "seq + 100",
    "at": "at + 1",
    "actor": "'account:other'",
    "on_behalf": "'account:other'",
    "action": "'image.show'",
    "object": "'image:other'",
    "result": "'refused'",
    "request": "'r9'",
    "details": "'{}'",
    "commitment": "leaf",
    "leaf": "commitment",
    "salt": "commitment",
    "personal": "'{}'",
}

APPEND_ONLY = "append-only"


def refused(place: Place, statement: str, why: str = APPEND_ONLY) -> None:
    before = rows(place)
    with pytest.raises(DBAPIError, match=why):
        place.write(lambda c: c.execute(text(statement)))
    assert rows(place) == before


def test_every_column_is_attempted(place: Place) -> None:
    fill(place, 1)
    assert set(rows(place)[0]) == set(CHANGES)


@pytest.mark.parametrize("column", CHANGES)
def test_no_column_of_an_entry_can_be_changed(place: Place, column: str) -> None:
    fill(place, 3)
    refused(place, f"UPDATE entries SET {column} = {CHANGES[column]} WHERE seq = 2")


@pytest.mark.parametrize("column", [name for name in CHANGES if name not in ("salt", "personal")])
def test_no_column_can_be_changed_under_the_cover_of_an_erasure(place: Place, column: str) -> None:
    fill(place, 3)
    change = f"salt = NULL, personal = NULL, {column} = {CHANGES[column]}"
    refused(place, f"UPDATE entries SET {change} WHERE seq = 2")


@pytest.mark.parametrize("half", ["salt", "personal"])
def test_half_an_erasure_is_refused(place: Place, half: str) -> None:
    fill(place, 1)
    refused(place, f"UPDATE entries SET {half} = NULL")


def test_what_was_erased_cannot_be_put_back(place: Place) -> None:
    fill(place, 1)
    (row,) = rows(place)
    place.write(lambda c: c.execute(text("UPDATE entries SET salt = NULL, personal = NULL")))
    refused(place, f"UPDATE entries SET salt = '{row['salt']}', personal = '{row['personal']}'")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries WHERE seq = 2",
        "DELETE FROM entries WHERE seq = 3",
        "DELETE FROM entries",
        "DELETE FROM entry_tree",
        "UPDATE entry_tree SET size = size - 1",
        "UPDATE entry_tree SET size = size + 2",
        "UPDATE entry_tree SET peaks = ''",
        "UPDATE entry_tree SET id = 2, size = size + 1",
        "INSERT INTO entry_tree (id, size, peaks) VALUES (2, 0, '')",
    ],
)
def test_nothing_is_removed_and_the_tree_only_grows(place: Place, statement: str) -> None:
    fill(place, 3)
    refused(place, statement)
    assert place.read(lambda c: c.execute(text("SELECT size FROM entry_tree")).scalar_one()) == 3


COPY = (
    "INTO entries SELECT {seq}, at, actor, on_behalf, action, object, result, request, details, "
    "commitment, leaf, salt, personal FROM entries WHERE seq = 1"
)


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
@pytest.mark.parametrize("seq", [2, 3, 5, 0, -1])
def test_sqlite_lets_nobody_put_an_entry_over_another_or_beyond_the_end(
    tmp_path: Path, verb: str, seq: int
) -> None:
    place = Place(tmp_path / "helpa.sqlite3")
    place.migrate()
    fill(place, 3)
    refused(place, f"{verb} {COPY.format(seq=seq)}")
    refused(place, f"UPDATE OR REPLACE entries SET seq = {seq} WHERE seq = 1")
    refused(place, "REPLACE INTO entry_tree (id, size, peaks) VALUES (1, 0, '')")


def test_postgresql_lets_nobody_put_an_entry_over_another(
    postgresql: Postgresql, tmp_path: Path
) -> None:
    place = Place(tmp_path / "no", postgresql.new_database())
    place.migrate()
    fill(place, 3)
    over = "ON CONFLICT (seq) DO UPDATE SET actor = excluded.actor, details = 'x'"
    refused(place, f"INSERT {COPY.format(seq=2)} {over}")
    for table in ("entries", "entry_tree"):
        refused(place, f"TRUNCATE {table}")
        refused(place, f"TRUNCATE {table} CASCADE")


def test_on_postgresql_the_rights_themselves_are_gone(
    postgresql: Postgresql, tmp_path: Path
) -> None:
    """Of a user that is no superuser, as one should be."""
    url = postgresql.new_database()
    place = Place(tmp_path / "no", postgresql.owned(url, "keeper", "secret"))
    place.migrate()
    fill(place, 3)
    denied = "permission denied for table entr"
    refused(place, "DELETE FROM entries", denied)
    refused(place, "UPDATE entries SET details = 'x'", denied)
    refused(place, "UPDATE entries SET personal = NULL, salt = NULL, leaf = 'x'", denied)
    refused(place, "TRUNCATE entries", denied)
    refused(place, "DELETE FROM entry_tree", denied)
    refused(place, "TRUNCATE entry_tree", denied)
    refused(place, "INSERT INTO entry_tree VALUES (2, 0, '')", denied)
    place.write(lambda c: c.execute(text("UPDATE entries SET personal = NULL, salt = NULL")))
    assert {row["personal"] for row in rows(place)} == {None}
