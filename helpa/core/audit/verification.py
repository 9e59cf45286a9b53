"""Verifying the whole log: every row, the tree, and every signed checkpoint.

Rows are streamed, and trees held as their peaks, so that memory does not grow with the log. What
is added meanwhile is verified too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from helpa.core.audit import checkpoints, log
from helpa.core.audit.checkpoints import Checkpoint
from helpa.core.audit.entry import commitment_of, leaf_of
from helpa.core.audit.tree import HASH_BYTES, Tree
from helpa.core.database.engine import Database
from helpa.core.database.schema import entries, entry_tree

SHOWN = 100
"""Findings that are kept; more are counted."""

NEAR = 1000
"""How far around an entry is looked for the number that it had."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    Args:
        where: ``entry 17``, ``checkpoint 3`` (a line), ``entry_tree``.
        what: in words.
    """

    where: str
    what: str


@dataclass
class Report:
    """What verifying has found.

    Args:
        entries: number of the last entry.
        erased: entries whose personal part is gone, as an erasure explains.
        checkpoints: how many were compared.
        signed: entries under the last of them.
        findings: what is wrong, the first ones.
        more: how many findings there are besides.
        root: of the tree of all entries.
    """

    entries: int = 0
    erased: int = 0
    checkpoints: int = 0
    signed: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    root: str = ""

    def add(self, where: str, what: str) -> None:
        """Add a finding."""
        if len(self.findings) < SHOWN:
            self.findings.append(Finding(where, what))
        else:
            self.more += 1


@dataclass(frozen=True)
class Batch:
    """Rows in their order, and what else the same state of the database said."""

    rows: list[dict[str, Any]]
    tree: Tree | str
    erasures: Mapping[str, int]


async def verify(database: Database, path: Path, keys: Collection[str]) -> Report:
    """Verify the log.

    Args:
        database: where it is.
        path: the file of checkpoints.
        keys: public keys whose checkpoints are believed.
    """
    walk = _Walk(path, keys)
    while True:
        try:
            batch = await database.read(lambda c: _batch(c, walk.cursor))
        except DatabaseError as error:
            walk.report.add(
                f"entry {walk.last + 1}", f"from here on the database cannot be read: {error.orig}"
            )
            break
        walk.take(batch)
        if not batch.rows and not walk.awaits():
            walk.end(batch.tree)
            break
    return walk.report


def _batch(connection: Connection, after: int | None) -> Batch:
    with _any_bytes(connection):
        statement = select(entries).order_by(entries.c.seq).limit(log.BATCH)
        if after is not None:
            statement = statement.where(entries.c.seq > after)
        rows = [row._asdict() for row in connection.execute(statement)]
        people = {person for row in rows if row["personal"] is None for person in people_of(row)}
        erasures: dict[str, int] = {}
        listed = sorted(people)
        for start in range(0, len(listed), 500):
            erasures |= log.erasures(connection, listed[start : start + 500])
        return Batch(rows, _tree(connection), erasures)


@contextlib.contextmanager
def _any_bytes(connection: Connection) -> Iterator[None]:
    """Let texts of SQLite be read that are not UTF-8: they are to be found, not to be fatal."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def _tree(connection: Connection) -> Tree | str:
    """Return the tree that the database says, or what is wrong with it."""
    rows = connection.execute(select(entry_tree)).all()
    if len(rows) != 1 or rows[0].id != 1:
        return f"it has {len(rows)} rows, not the one"
    try:
        return log.parsed(rows[0].size, rows[0].peaks)
    except log.LogDamaged as error:
        return str(error)


def people_of(row: Mapping[str, Any]) -> set[str]:
    """Return the accounts by whose erasure an entry loses its personal part."""
    named = (row["actor"], row["on_behalf"], row["object"])
    return {name for name in named if isinstance(name, str) and name.startswith("account:")}


class _Walk:
    """A way through the log, from its first entry to its last."""

    def __init__(self, path: Path, keys: Collection[str]) -> None:
        self.report = Report()
        self.last = 0
        self.cursor: int | None = None
        self._path, self._keys = path, keys
        # One of the leaves as they are stored, and one as the columns give them: where a single
        # byte was changed, one of the two still gives the roots that were signed.
        self._stored, self._computed = Tree(), Tree()
        self._lost = False
        self._signed_at = ""
        self._checkpoints = self._believed(path)
        self._next = next(self._checkpoints, None)
        self._awaited = 0

    def take(self, batch: Batch) -> None:
        """Verify some rows."""
        for row in batch.rows:
            self.cursor = row["seq"]
            self._row(row, batch.erasures)
        self.report.entries = self.last

    def awaits(self) -> bool:
        """Whether to look once more: a checkpoint was read that may be of entries added since."""
        if self._next is None or self._next.size == self._awaited:
            return False
        self._awaited = self._next.size
        return True

    def _row(self, row: Mapping[str, Any], erasures: Mapping[str, int]) -> None:
        seq = row["seq"]
        if not isinstance(seq, int) or seq < 1:
            self.report.add(f"entry {seq}", "no entry has such a number: it was put in")
            return
        if seq > self.last + 1:
            where = _entries(self.last + 1, seq - 1)
            self.report.add(where, "missing: removed, or given another number")
            self._lost = True
        self.last = seq
        computed, wrong = _leaf(row)
        stored = _hash(row["leaf"])
        if computed is None or stored != computed:
            self.report.add(f"entry {seq}", wrong or self._moved(row, stored))
        self._personal(row, erasures)
        blank = bytes(HASH_BYTES)
        self._stored.append(stored or computed or blank)
        self._computed.append(computed or stored or blank)
        while self._next is not None and self._next.size <= seq:
            self._compare(self._next)
            self._next = next(self._checkpoints, None)

    def _moved(self, row: Mapping[str, Any], stored: bytes | None) -> str:
        """Return what a leaf that does not fit means."""
        if stored is None:
            return "its leaf is no hash"
        if len(self.report.findings) < SHOWN:
            seq = row["seq"]
            for other in range(max(1, seq - NEAR), seq + NEAR):
                if _leaf({**row, "seq": other})[0] == stored:
                    return f"it is what was entry {other}: rows were reordered or removed"
        return "its columns do not give its leaf: one of them, or the leaf, was changed"

    def _personal(self, row: Mapping[str, Any], erasures: Mapping[str, int]) -> None:
        seq, salt, personal = row["seq"], row["salt"], row["personal"]
        if salt is None and personal is None:
            if any(erasures.get(person, 0) >= seq for person in people_of(row)):
                self.report.erased += 1
                return
            what = "its personal part is gone, and no later account.erase of that person says why"
            self.report.add(f"entry {seq}", what)
            return
        try:
            fits = commitment_of(salt, personal) == row["commitment"]
        except (ValueError, TypeError, AttributeError):
            fits = False
        if not fits:
            what = "salt and personal do not give its commitment: one of the three was changed"
            self.report.add(f"entry {seq}", what)

    def _compare(self, checkpoint: Checkpoint) -> None:
        if self._lost:
            return
        matching = [tree for tree in (self._stored, self._computed)
                    if tree.size == checkpoint.size and tree.root() == checkpoint.root]  # fmt: skip
        if matching:
            # What one of them has wrong up to here was found; both go on from what was signed.
            right = matching[0]
            self._stored, self._computed = (Tree(right.size, right.peaks) for _ in range(2))
            self.report.checkpoints += 1
            self.report.signed = checkpoint.size
            self._signed_at = checkpoint.time
            return
        since = f" after the checkpoint of {self._signed_at}" if self._signed_at else ""
        self.report.add(
            _entries(self.report.signed + 1, checkpoint.size),
            f"not what the checkpoint of {checkpoint.time} ({checkpoint.size} entries) was signed "
            f"over: rewritten{since}",
        )
        self._lost = True

    def _believed(self, path: Path) -> Iterator[Checkpoint]:
        """Yield the checkpoints that are signed, in order; report the others."""
        size = 0
        if not path.exists():
            return
        for number, found in checkpoints.lines(path):
            where = f"checkpoint {number}"
            if isinstance(found, str):
                self.report.add(where, found)
            elif found.key not in self._keys:
                self.report.add(where, f"signed by another key, {found.key}")
            elif not found.is_signed():
                self.report.add(where, "its signature is wrong: it was changed")
            elif found.size <= size:
                self.report.add(where, f"of {found.size} entries, after one of {size}")
            else:
                size = found.size
                yield found

    def end(self, said: Tree | str) -> None:
        """Compare with what counts the entries, when there are no more of them."""
        last, beyond = self.last, None
        if last and not self._path.exists():
            self.report.add("checkpoints", f"there are none: {self._path} does not exist")
        while self._next is not None:
            beyond = self._next
            self._next = next(self._checkpoints, None)
        if beyond is not None:
            self.report.add(
                _entries(last + 1, beyond.size),
                f"missing at the end: the checkpoint of {beyond.time} was signed over "
                f"{beyond.size} entries",
            )
        if isinstance(said, str):
            self.report.add("entry_tree", said)
        elif said.size > last:
            what = f"missing at the end: entry_tree counts {said.size} entries"
            self.report.add(_entries(last + 1, said.size), what)
        elif said.size < last:
            what = f"behind what entry_tree counts ({said.size} entries): put in, or it was changed"
            self.report.add(_entries(said.size + 1, last), what)
        elif not self._lost and said.peaks not in (self._stored.peaks, self._computed.peaks):
            what = (
                "its peaks are not those of the entries: it was changed, or entries from "
                f"{self.report.signed + 1} on"
            )
            self.report.add("entry_tree", what)
        self.report.root = self._computed.root().hex()


def _leaf(row: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """Return the leaf that columns give, or None and why there is none."""
    try:
        return leaf_of(row), ""
    except ValueError as error:
        return None, f"a column was changed: {error}"


def _hash(text: object) -> bytes | None:
    """Return the bytes of a hash in hex, in its one spelling."""
    try:
        raw = bytes.fromhex(str(text))
    except ValueError:
        return None
    return raw if len(raw) == HASH_BYTES and raw.hex() == text else None


def _entries(first: int, last: int) -> str:
    return f"entry {first}" if first == last else f"entries {first} to {last}"
