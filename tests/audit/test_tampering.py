"""Tampering with a copy of the database: each way is found, and where."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from audit.keeping import BOB, JOURNAL, checkpoints, fill, found, sign, verified
from databases import Place
from helpa.core.audit.entry import commitment_of, leaf_of
from helpa.core.audit.tree import Tree
from serving import run_helpa

COLUMNS = (
    "at", "actor", "on_behalf", "action", "object", "result", "request", "details", "commitment",
    "leaf", "salt", "personal",
)  # fmt: skip


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A log of 30 entries, with checkpoints of 10, 20 and 30."""
    folder = tmp_path_factory.mktemp("original")
    place = Place(folder / "helpa.sqlite3")
    place.migrate()
    for _ in range(3):
        fill(place, 10)
        sign(place)
    assert not found(verified(place))
    return place


@pytest.fixture
def copy(original: Place, tmp_path: Path) -> Place:
    """A copy of it, in which nothing guards the log."""
    folder = tmp_path / "copy"
    shutil.copytree(original.path.parent, folder)
    place = Place(folder / "helpa.sqlite3")
    with edited(place) as database:
        listed = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in listed.fetchall():
            database.execute(f"DROP TRIGGER {name}")
    assert not found(verified(place))
    return place


@contextmanager
def edited(place: Place) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(place.path)) as database, database:
        yield database


def change(place: Place, statement: str, *values: Any) -> None:
    with edited(place) as database:
        assert database.execute(statement, values).rowcount


def rewrite(place: Place, *, from_seq: int = 1) -> None:
    """Make every leaf, and the tree, fit what the rows say now."""
    with edited(place) as database:
        database.row_factory = sqlite3.Row
        tree = Tree()
        for row in database.execute("SELECT * FROM entries ORDER BY seq").fetchall():
            leaf = leaf_of(dict(row)) if row["seq"] >= from_seq else bytes.fromhex(row["leaf"])
            database.execute("UPDATE entries SET leaf = ? WHERE seq = ?", (leaf.hex(), row["seq"]))
            tree.append(leaf)
        peaks = " ".join(peak.hex() for peak in tree.peaks)
        database.execute("UPDATE entry_tree SET size = ?, peaks = ?", (tree.size, peaks))


def flipped(value: Any, position: int) -> Any:
    """Return a value with one bit of one byte changed."""
    if isinstance(value, int):
        return value ^ 1
    raw = bytearray(value.encode())
    raw[position % len(raw)] ^= 0x01
    return raw.decode("latin-1")


@pytest.mark.parametrize("seq", [1, 10, 11, 17, 30])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_flipped_byte_of_any_column_is_found_in_its_entry(
    copy: Place, column: str, seq: int
) -> None:
    with edited(copy) as database:
        (value,) = database.execute(f"SELECT {column} FROM entries WHERE seq = {seq}").fetchone()
    new = flipped(value, 5) if value != "" else "x"
    assert new != value
    change(copy, f"UPDATE entries SET {column} = ? WHERE seq = ?", new, seq)
    findings = found(verified(copy))
    assert findings
    assert {each.partition(":")[0] for each in findings} == {f"entry {seq}"}


@pytest.mark.parametrize("column", ["commitment", "leaf", "salt"])
def test_another_spelling_of_the_same_hash_is_found(copy: Place, column: str) -> None:
    change(copy, f"UPDATE entries SET {column} = upper({column}) WHERE seq = 12")
    assert {each.partition(":")[0] for each in found(verified(copy))} == {"entry 12"}


@pytest.mark.parametrize("column", [name for name in COLUMNS if name not in ("salt", "personal")])
def test_a_column_of_another_kind_is_found(copy: Place, column: str) -> None:
    change(copy, f"UPDATE entries SET {column} = ? WHERE seq = 9", b"\xff\x00\xfe")
    assert {each.partition(":")[0] for each in found(verified(copy))} == {"entry 9"}


def test_the_same_bytes_as_a_blob_are_found(copy: Place) -> None:
    change(copy, "UPDATE entries SET details = CAST(details AS BLOB) WHERE seq = 9")
    assert {each.partition(":")[0] for each in found(verified(copy))} == {"entry 9"}


@pytest.mark.parametrize("column", ["actor", "details", "leaf", "salt", "personal"])
def test_text_that_is_not_utf_8_is_found(copy: Place, column: str) -> None:
    change(copy, f"UPDATE entries SET {column} = CAST(x'41ff42' AS TEXT) WHERE seq = 9")
    assert {each.partition(":")[0] for each in found(verified(copy))} == {"entry 9"}


def test_bytes_flipped_in_the_file_itself_are_found(copy: Place) -> None:
    with edited(copy) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")
    raw = bytearray(copy.path.read_bytes())
    places = [i for i in range(len(raw)) if raw.startswith(b"secret-4.png", i)]
    assert len(places) >= 3
    raw[places[0] + 3] ^= 0x80
    copy.path.write_bytes(raw)
    (finding,) = {each.partition(":")[0] for each in found(verified(copy))}
    assert finding in ("entry 5", "entry 15", "entry 25")


@pytest.mark.parametrize("seq", [1, 2, 10, 16, 29])
def test_a_removed_row_is_found_by_its_number(copy: Place, seq: int) -> None:
    change(copy, "DELETE FROM entries WHERE seq = ?", seq)
    (finding,) = found(verified(copy))
    assert finding.startswith(f"entry {seq}: missing")


def test_a_removed_row_is_found_where_those_after_it_moved_up(copy: Place) -> None:
    change(copy, "DELETE FROM entries WHERE seq = 16")
    for seq in range(17, 31):
        change(copy, "UPDATE entries SET seq = ? WHERE seq = ?", seq - 1, seq)
    findings = found(verified(copy))
    assert findings[0].startswith("entry 16: it is what was entry 17")
    assert any(each.startswith("entry 30: missing at the end") for each in findings)


def test_a_removed_row_is_found_where_the_rest_was_made_to_fit(copy: Place) -> None:
    change(copy, "DELETE FROM entries WHERE seq = 16")
    for seq in range(17, 31):
        change(copy, "UPDATE entries SET seq = ? WHERE seq = ?", seq - 1, seq)
    rewrite(copy)
    findings = found(verified(copy))
    assert findings[0].startswith("entries 11 to 20: not what the checkpoint")
    assert any(each.startswith("entry 30: missing at the end") for each in findings)


def test_rows_that_changed_places_are_found_both(copy: Place) -> None:
    for old, new in ((12, 1012), (18, 12), (1012, 18)):
        change(copy, "UPDATE entries SET seq = ? WHERE seq = ?", new, old)
    findings = found(verified(copy))
    wheres = [each.partition(":")[0] for each in findings]
    assert wheres == ["entry 12", "entry 18", "entries 11 to 20"]
    assert "it is what was entry 18" in findings[0]
    assert "it is what was entry 12" in findings[1]


def test_rows_that_changed_places_and_were_made_to_fit_are_found_between_checkpoints(
    copy: Place,
) -> None:
    for old, new in ((12, 1012), (18, 12), (1012, 18)):
        change(copy, "UPDATE entries SET seq = ? WHERE seq = ?", new, old)
    rewrite(copy)
    (finding,) = found(verified(copy))
    assert finding.startswith("entries 11 to 20: not what the checkpoint of")


@pytest.mark.parametrize(("seq", "where"), [(3, "1 to 10"), (11, "11 to 20"), (30, "21 to 30")])
def test_a_row_rewritten_with_its_leaf_and_the_tree_is_found_between_checkpoints(
    copy: Place, seq: int, where: str
) -> None:
    personal = '{"device":"another"}'
    with edited(copy) as database:
        (salt,) = database.execute(f"SELECT salt FROM entries WHERE seq = {seq}").fetchone()
    commitment = commitment_of(salt, personal)
    change(
        copy,
        "UPDATE entries SET personal = ?, commitment = ?, actor = 'account:eve' WHERE seq = ?",
        personal, commitment, seq,
    )  # fmt: skip
    rewrite(copy)
    (finding,) = found(verified(copy))
    assert finding.startswith(f"entries {where}: not what the checkpoint of")
    assert ("rewritten after the checkpoint of" in finding) == (seq > 10)


@pytest.mark.parametrize("count", [1, 3, 10, 15, 30])
def test_a_truncated_tail_is_found(copy: Place, count: int) -> None:
    change(copy, "DELETE FROM entries WHERE seq > ?", 30 - count)
    findings = found(verified(copy))
    first = 31 - count
    where = "entry 30" if count == 1 else f"entries {first} to 30"
    assert findings
    assert all(each.startswith(f"{where}: missing at the end") for each in findings)


@pytest.mark.parametrize("count", [1, 3, 10, 15])
def test_a_truncated_tail_is_found_where_the_tree_was_cut_too(copy: Place, count: int) -> None:
    change(copy, "DELETE FROM entries WHERE seq > ?", 30 - count)
    rewrite(copy)
    (finding,) = found(verified(copy))
    assert "missing at the end: the checkpoint of" in finding
    assert finding.split(":")[0].endswith(" 30")


def test_a_tail_that_was_cut_and_grew_again_is_found(copy: Place) -> None:
    change(copy, "DELETE FROM entries WHERE seq > 24")
    rewrite(copy)
    fill(copy, 20)
    (finding,) = found(verified(copy))
    assert finding.startswith("entries 21 to 30: not what the checkpoint of")


def test_a_row_that_was_put_in_is_found(copy: Place) -> None:
    columns = ", ".join(COLUMNS)
    for seq in (0, 31):
        change(
            copy,
            f"INSERT INTO entries (seq, {columns}) SELECT {seq}, {columns} FROM entries "
            "WHERE seq = 4",
        )
    wheres = [each.partition(":")[0] for each in found(verified(copy))]
    assert wheres == ["entry 0", "entry 31", "entry 31"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry_tree SET peaks = upper(peaks)",
        "UPDATE entry_tree SET peaks = substr(peaks, 1, 64)",
        "UPDATE entry_tree SET peaks = replace(peaks, 'a', 'b')",
        "UPDATE entry_tree SET peaks = 'x'",
        "UPDATE entry_tree SET size = -1",
        "UPDATE entry_tree SET size = 'many'",
        "UPDATE entry_tree SET id = 2",
        "DELETE FROM entry_tree",
    ],
)
def test_what_was_done_to_the_tree_s_row_is_found(copy: Place, statement: str) -> None:
    change(copy, statement)
    (finding,) = found(verified(copy))
    assert finding.startswith("entry_tree:")


def test_a_tree_that_counts_more_or_fewer_than_there_are_is_found(copy: Place) -> None:
    with edited(copy) as database:
        database.execute("UPDATE entry_tree SET size = 16, peaks = substr(peaks, 1, 64)")
    (finding,) = found(verified(copy))
    assert finding.startswith("entries 17 to 30: behind what entry_tree counts (16 entries)")


def test_two_changes_between_different_checkpoints_are_both_found(copy: Place) -> None:
    change(copy, "UPDATE entries SET actor = 'account:eve' WHERE seq = 5")
    leaf = "0" * 64
    change(copy, "UPDATE entries SET leaf = ? WHERE seq = 15", leaf)
    change(copy, "UPDATE entries SET details = '{}' WHERE seq = 25")
    wheres = [each.partition(":")[0] for each in found(verified(copy))]
    assert wheres == ["entry 5", "entry 15", "entry 25"]


def test_a_personal_part_that_was_blanked_or_half_blanked_is_found(copy: Place) -> None:
    change(copy, "UPDATE entries SET salt = NULL, personal = NULL WHERE seq = 8")
    change(copy, "UPDATE entries SET salt = NULL WHERE seq = 9")
    change(copy, "UPDATE entries SET personal = NULL WHERE seq = 10")
    findings = found(verified(copy))
    assert [each.partition(":")[0] for each in findings] == ["entry 8", "entry 9", "entry 10"]
    assert "no later account.erase" in findings[0]


def test_an_erasure_that_was_changed_explains_nothing_any_more(copy: Place) -> None:
    def erase(connection: Any) -> None:
        JOURNAL.record(connection, BOB, "account.erase", "account:ann")
        JOURNAL.erase(connection, "ann")

    copy.write(erase)
    sign(copy)
    assert not found(verified(copy))
    change(copy, "UPDATE entries SET object = 'account:amy' WHERE seq = 31")
    wheres = {each.partition(":")[0] for each in found(verified(copy))}
    assert "entry 31" in wheres
    assert {"entry 1", "entry 2"} <= wheres


def _lines(place: Place) -> list[str]:
    return checkpoints(place).path.read_text(encoding="utf-8").splitlines(keepends=True)


def _edit_line(number: int, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    def apply(lines: list[str]) -> list[str]:
        lines[number] = json.dumps(edit(json.loads(lines[number]))) + "\n"
        return lines

    return apply


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (_edit_line(1, lambda line: line | {"size": 19}), "checkpoint 2"),
        (_edit_line(1, lambda line: line | {"root": "0" * 64}), "checkpoint 2"),
        (_edit_line(1, lambda line: line | {"time": "2020-01-01T00:00:00.000Z"}), "checkpoint 2"),
        (_edit_line(1, lambda line: line | {"key": "A" * 43}), "checkpoint 2"),
        (_edit_line(1, lambda line: line | {"more": 1}), "checkpoint 2"),
        (_edit_line(1, lambda line: line | {"signature": "A" * 86}), "checkpoint 2"),
        (lambda lines: [lines[0], "{}\n", *lines[2:]], "checkpoint 2"),
        (lambda lines: [lines[0], "\xff\n", *lines[2:]], "checkpoint 2"),
        (lambda lines: [lines[1], lines[0], lines[2]], "checkpoint 2"),
        (lambda lines: [*lines, lines[2]], "checkpoint 4"),
    ],
)
def test_a_checkpoint_that_was_changed_is_found_by_its_line(
    copy: Place, edit: Callable[[list[str]], list[str]], where: str
) -> None:
    checkpoints(copy).path.write_text("".join(edit(_lines(copy))), encoding="latin-1")
    (finding,) = found(verified(copy))
    assert finding.startswith(f"{where}:")


def test_checkpoints_that_are_all_gone_are_missed(copy: Place) -> None:
    checkpoints(copy).path.unlink()
    (finding,) = found(verified(copy))
    assert finding.startswith("checkpoints: there are none")


def test_checkpoints_of_another_key_are_not_believed(copy: Place) -> None:
    (copy.path.parent / "audit.key").unlink()
    wheres = [each.partition(":")[0] for each in found(verified(copy))]
    assert wheres == ["checkpoint 1", "checkpoint 2", "checkpoint 3"]


def test_a_line_that_a_crash_cut_off_is_passed_over_and_replaced(copy: Place) -> None:
    path = checkpoints(copy).path
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:100])
    assert not found(verified(copy))
    fill(copy, 1)
    sign(copy)
    assert path.read_bytes().startswith(whole)
    assert len(_lines(copy)) == 4
    report = verified(copy)
    assert (found(report), report.checkpoints) == ([], 4)


def test_the_command_says_what_is_wrong_and_ends_with_1(copy: Place) -> None:
    folder = copy.path.parent
    good = run_helpa("audit", "verify", data_dir=folder)
    assert good.returncode == 0, good.stderr
    assert "The log is whole: 30 entries" in good.stdout
    change(copy, "UPDATE entries SET actor = 'account:eve' WHERE seq = 5")
    change(copy, "DELETE FROM entries WHERE seq = 30")
    bad = run_helpa("audit", "verify", data_dir=folder)
    assert bad.returncode == 1
    assert "entry 5: its columns do not give its leaf" in bad.stdout
    assert "entry 30: missing at the end" in bad.stdout
    assert bad.stderr == ""


def test_a_file_that_is_no_database_any_more_is_reported(copy: Place) -> None:
    with edited(copy) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'entries'"
        ).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    raw = bytearray(copy.path.read_bytes())
    raw[(page - 1) * size] = 0x77
    copy.path.write_bytes(raw)
    (finding,) = found(verified(copy))
    assert "the database cannot be read" in finding


def test_many_findings_are_counted_and_the_first_told(copy: Place) -> None:
    fill(copy, 200)
    change(copy, "UPDATE entries SET request = 'x'")
    report = verified(copy)
    assert len(report.findings) == 100
    assert report.more == 130
