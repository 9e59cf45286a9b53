"""The rows of the log and of its tree."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from helpa.core.audit.entry import leaf_of
from helpa.core.audit.tree import Tree
from helpa.core.database.engine import Database, now_ms
from helpa.core.database.schema import entries, entry_tree
from helpa.core.errors import HelpaError

TREE = "SELECT size, peaks FROM entry_tree WHERE id = 1"
"""A point read of how far the log is, and of its tree."""

BATCH = 5000
"""Rows that are held at a time where the whole log is read."""


class LogDamaged(HelpaError):
    """The log's tree is not what this module writes; ``helpa audit verify`` says more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written of one thing that happened; the columns of the same names."""

    actor: str
    on_behalf: str
    action: str
    object: str
    result: str
    request: str
    details: str
    commitment: str
    salt: str
    personal: str


def append(connection: Connection, entry: Entry) -> int:
    """Add an entry at the end of the log, in the transaction at hand; return its number.

    Raises:
        LogDamaged: the row of the tree is gone or holds something else.
    """
    # Whoever else adds an entry waits here until this transaction ends, so that numbers have no
    # gaps and are committed in their order.
    lock = select(entry_tree.c.size, entry_tree.c.peaks).where(entry_tree.c.id == 1)
    row = connection.execute(lock.with_for_update()).one_or_none()
    if row is None:
        raise LogDamaged("The audit log has lost its tree: see `helpa audit verify`.")
    tree = parsed(row.size, row.peaks)
    values: dict[str, Any] = {
        "seq": tree.size + 1,
        "at": now_ms(),
        **{name: getattr(entry, name) for name in Entry.__slots__},
    }
    leaf = leaf_of(values)
    tree.append(leaf)
    connection.execute(insert(entries).values(**values, leaf=leaf.hex()))
    connection.execute(
        update(entry_tree)
        .where(entry_tree.c.id == 1)
        .values(size=tree.size, peaks=" ".join(peak.hex() for peak in tree.peaks))
    )
    return tree.size


def parsed(size: int, peaks: str) -> Tree:
    """Return the tree that a row of ``entry_tree`` says.

    Raises:
        LogDamaged: it says none.
    """
    try:
        tree = Tree(size, [bytes.fromhex(peak) for peak in peaks.split()])
        if " ".join(peak.hex() for peak in tree.peaks) != peaks:
            raise ValueError("the peaks are spelt otherwise")
    except (ValueError, TypeError, AttributeError) as error:
        raise LogDamaged(f"entry_tree is damaged: {error}.") from None
    return tree


async def now(database: Database) -> Tree:
    """Return the log's tree as it is now.

    Raises:
        LogDamaged: it is not there.
    """
    row = await database.point(TREE)
    if row is None:
        raise LogDamaged("entry_tree has no row.")
    return parsed(row["size"], row["peaks"])


async def leaves(database: Database, size: int) -> AsyncIterator[bytes]:
    """Yield the hashes of the first leaves, in their order.

    Args:
        database: where they are.
        size: how many.

    Raises:
        LogDamaged: one is missing.
    """
    done = 0
    while done < size:
        statement = (
            select(entries.c.seq, entries.c.leaf)
            .where(entries.c.seq > done, entries.c.seq <= min(size, done + BATCH))
            .order_by(entries.c.seq)
        )
        rows = await database.read(lambda c, s=statement: list(c.execute(s)))  # type: ignore[misc]
        if not rows:
            raise LogDamaged(f"Entry {done + 1} is missing.")
        for seq, leaf in rows:
            done += 1
            if seq != done:
                raise LogDamaged(f"Entry {done} is missing.")
            yield bytes.fromhex(leaf)


def erase_personal(connection: Connection, account_id: str) -> int:
    """Take a person out of the log: what they did, and what others did to them.

    Entries stay verifiable, for a commitment without its salt says nothing. They must be
    explained by an entry ``account.erase`` of ``account:<id>``, which the caller records in the
    same transaction, before or after.

    Args:
        connection: a writing connection.
        account_id: whose.

    Returns:
        How many entries lost their personal part.
    """
    name = f"account:{account_id}"
    whose = or_(entries.c.actor == name, entries.c.on_behalf == name, entries.c.object == name)
    held = or_(entries.c.salt.is_not(None), entries.c.personal.is_not(None))
    erased = connection.execute(
        update(entries).where(and_(whose, held)).values(salt=None, personal=None)
    )
    return erased.rowcount


def erasures(connection: Connection, people: Iterable[str]) -> dict[str, int]:
    """Return the number of the last entry by which each person was erased.

    Args:
        connection: for reading.
        people: ``account:<id>``.
    """
    statement = (
        select(entries.c.object, func.max(entries.c.seq))
        .where(
            entries.c.object.in_(list(people)),
            entries.c.action == ERASE,
            entries.c.result == "ok",
        )
        .group_by(entries.c.object)
    )
    return {str(row[0]): int(row[1]) for row in connection.execute(statement)}


ERASE = "account.erase"
