"""Proofs that anybody can check without the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from helpa.core.audit import log, tree
from helpa.core.audit.checkpoints import Checkpoint, Checkpoints, lines
from helpa.core.audit.entry import PROVEN, commitment_of, leaf_of
from helpa.core.database.engine import Database
from helpa.core.database.schema import entries
from helpa.core.errors import HelpaError, NotFound

INCLUSION, CONSISTENCY = "helpa-inclusion-1", "helpa-consistency-1"


class ProofError(HelpaError):
    """A proof that proves nothing, or that cannot be made; says why."""


async def inclusion(
    database: Database, checkpoints: Checkpoints, seq: int, *, personal: bool = False
) -> dict[str, Any]:
    """Return the proof that an entry is in the log that was signed last.

    Args:
        database: where the log is.
        checkpoints: those that were signed; where none holds the entry, one is added.
        seq: number of the entry.
        personal: whether to give its personal part away, with its salt.

    Raises:
        NotFound: there is no such entry.
        ProofError: the log is no longer what was signed.
    """
    statement = select(entries).where(entries.c.seq == seq)
    row = await database.read(lambda c: c.execute(statement).one_or_none())
    if row is None:
        raise NotFound(f"There is no entry {seq}.")
    newest = checkpoints.newest()
    if newest is None or newest.size < seq:
        await checkpoints.add(database)
        newest = checkpoints.newest()
    if newest is None or newest.size < seq:
        raise ProofError(f"No checkpoint could be signed that holds entry {seq}.")
    proof = tree.RangeRoots(tree.inclusion_ranges(seq - 1, newest.size))
    async for leaf in log.leaves(database, newest.size):
        proof.take(leaf)
    document = {
        "kind": INCLUSION,
        "entry": {name: getattr(row, name) for name in PROVEN},
        "proof": [each.hex() for each in proof.roots()],
        "checkpoint": newest.document(),
    }
    if personal and row.salt is not None:
        document |= {"salt": row.salt, "personal": row.personal}
    check(document)
    return document


async def consistency(
    database: Database, checkpoints: Checkpoints, earlier: int, later: int
) -> dict[str, Any]:
    """Return the proof that the log of one size began as that of another.

    Args:
        database: where the log is.
        checkpoints: those that were signed; the proof holds those of the two sizes.
        earlier: entries of the one.
        later: entries of the other.

    Raises:
        NotFound: the log has not so many entries.
        ProofError: the sizes do not follow, or the log is no longer what was signed.
    """
    if not 0 < earlier <= later:
        raise ProofError(f"Expected a --from of 1 or more and no larger than --to, not {earlier}.")
    held = (await log.now(database)).size
    if later > held:
        raise NotFound(f"The log has {held} entries, not {later}.")
    signed: dict[int, Checkpoint] = {}
    if checkpoints.path.exists():
        for _, each in lines(checkpoints.path):
            if isinstance(each, Checkpoint) and each.size in (earlier, later):
                signed[each.size] = each
    proof, grown = tree.RangeRoots(tree.consistency_ranges(earlier, later)), tree.Tree()
    roots: dict[int, str] = {}
    async for leaf in log.leaves(database, later):
        proof.take(leaf)
        grown.append(leaf)
        if grown.size in (earlier, later):
            roots[grown.size] = grown.root().hex()
    sides = {
        name: {
            "size": size,
            "root": roots[size],
            "checkpoint": signed[size].document() if size in signed else None,
        }
        for name, size in (("from", earlier), ("to", later))
    }
    document = {"kind": CONSISTENCY, **sides, "proof": [each.hex() for each in proof.roots()]}
    check(document)
    return document


def check(document: Any, key: str | None = None) -> list[str]:
    """Check a proof and return what it proves, in lines.

    Args:
        document: the JSON value.
        key: the public key that must have signed; without it, whichever did is named.

    Raises:
        ProofError: it proves nothing; says what is wrong.
    """
    kind = document.get("kind") if isinstance(document, dict) else None
    try:
        if kind == INCLUSION:
            return _check_inclusion(document, key)
        if kind == CONSISTENCY:
            return _check_consistency(document, key)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProofError(f"The proof is damaged: {error!r}.") from None
    raise ProofError(f"This is no proof: expected kind {INCLUSION} or {CONSISTENCY}.")


def _check_inclusion(document: Mapping[str, Any], key: str | None) -> list[str]:
    entry = document["entry"]
    if set(entry) != set(PROVEN):
        raise ProofError("The proof's entry has not the columns of one.")
    checkpoint = Checkpoint.of(document["checkpoint"])
    said = _signer(checkpoint, key)
    proof = _hashes(document["proof"])
    seq = entry["seq"]
    if not tree.is_included(leaf_of(entry), seq - 1, checkpoint.size, checkpoint.root, proof):
        raise ProofError(f"Entry {seq}, as it stands here, is not in the log that was signed.")
    what = f"{entry['action']} {entry['object']} by {entry['actor']}"
    found = [f"Entry {seq} ({what}) is in the log of {checkpoint.size} entries.", said]
    if "salt" in document or "personal" in document:
        if commitment_of(document["salt"], document["personal"]) != entry["commitment"]:
            raise ProofError(f"The personal part is not that of entry {seq}.")
        found.append(f"Its personal part is {document['personal']}")
    return found


def _check_consistency(document: Mapping[str, Any], key: str | None) -> list[str]:
    said, sides = [], []
    for name in ("from", "to"):
        side = document[name]
        (root,) = _hashes([side["root"]])
        sides.append((side["size"], root))
        if side["checkpoint"] is None:
            said.append(f"nobody has signed the root of {side['size']} entries: {root.hex()}")
            continue
        checkpoint = Checkpoint.of(side["checkpoint"])
        if (checkpoint.size, checkpoint.root) != (side["size"], root):
            raise ProofError(f"The log of {side['size']} entries is not what was signed.")
        said.append(f"{side['size']} entries: {_signer(checkpoint, key)}")
    (earlier, old), (later, new) = sides
    if not tree.is_consistent(earlier, later, old, new, _hashes(document["proof"])):
        raise ProofError(f"The log of {later} entries does not begin as that of {earlier}.")
    return [f"The log of {later} entries begins with the same {earlier} entries.", *said]


def _signer(checkpoint: Checkpoint, key: str | None) -> str:
    if not checkpoint.is_signed():
        raise ProofError(f"The signature of the checkpoint of {checkpoint.size} entries is wrong.")
    if key is not None and checkpoint.key != key:
        raise ProofError(f"The checkpoint is signed by {checkpoint.key}, not by {key}.")
    unsure = "" if key else " (is that the server's key? `helpa audit key` prints it; give --key)"
    return f"signed at {checkpoint.time} by {checkpoint.key}{unsure}"


def _hashes(listed: Sequence[str]) -> list[bytes]:
    hashes = [bytes.fromhex(each) for each in listed]
    if isinstance(listed, str) or any(len(each) != tree.HASH_BYTES for each in hashes):
        raise ProofError("The proof is damaged: expected hashes of 64 hex digits.")
    return hashes
