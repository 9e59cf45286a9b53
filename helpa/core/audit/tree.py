"""The Merkle tree of RFC 6962: roots, inclusion and consistency proofs; pure.

A leaf is hashed behind 0x00 and an inner node behind 0x01, so that neither can stand for the
other. Proofs are named as ranges of leaves first: whoever holds the leaves reads them once, in
order, and keeps no more than the peaks of a range.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962, 2.1)."""

Range = tuple[int, int]
"""Leaves from one number up to another, which is not in it; counted from 0."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows, of which only the peaks are kept: the roots of its full subtrees.

    Args:
        size: leaves it has.
        peaks: roots of the full subtrees, the largest first; one for each bit of ``size``.

    Raises:
        ValueError: the peaks are not those of a tree of that size.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(self.peaks)} peaks")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError(f"expected peaks of {HASH_BYTES} bytes")

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf: at most one step for each level."""
        full, node = self.size, leaf
        while full & 1:
            node = node_hash(self.peaks.pop(), node)
            full >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root."""
        if not self.peaks:
            return EMPTY
        *others, root = self.peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that a leaf is in a tree, in the order of the proof.

    Args:
        index: of the leaf, from 0.
        size: leaves of the tree.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none with the number {index}")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(earlier: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that a tree began as another, in the proof's order.

    Args:
        earlier: leaves of the earlier tree.
        size: leaves of the later one.

    Raises:
        ValueError: the earlier one is empty, or not smaller or equal.
    """
    if not 0 < earlier <= size:
        raise ValueError(f"expected sizes from 1 up to {size}, not {earlier}")
    start, end, ranges = 0, size, []
    while earlier != end:
        middle = start + _split(end - start)
        if earlier <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start > 0:
        ranges.append((start, end))
    return ranges[::-1]


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


class RangeRoots:
    """The roots of ranges, from all leaves one by one; it holds no more than peaks.

    Args:
        ranges: those that are wanted, which do not overlap.
    """

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._ranges = ranges
        self._order = sorted(range(len(ranges)), key=lambda each: ranges[each])
        self._roots: dict[int, bytes] = {}
        self._tree = Tree()
        self._index = 0

    def take(self, leaf: bytes) -> None:
        """Take the hash of the next leaf."""
        index, self._index = self._index, self._index + 1
        if len(self._roots) == len(self._order):
            return
        wanted = self._order[len(self._roots)]
        start, end = self._ranges[wanted]
        if index >= start:
            self._tree.append(leaf)
        if index == end - 1:
            self._roots[wanted] = self._tree.root()
            self._tree = Tree()

    def roots(self) -> list[bytes]:
        """Return the roots, in the order of the ranges.

        Raises:
            ValueError: the leaves ended before the ranges did.
        """
        if len(self._roots) < len(self._order):
            raise ValueError("the leaves end before the proof does")
        return [self._roots[each] for each in range(len(self._order))]


def is_included(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows a leaf to be in a tree (RFC 9162, 2.1.3.2).

    Args:
        leaf: hash of the leaf.
        index: of the leaf, from 0.
        size: leaves of the tree.
        root: of the tree.
        proof: hashes, the deepest first.
    """
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(each, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, each)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that a tree began as an earlier one (RFC 9162, 2.1.4.2).

    Args:
        earlier: leaves of the earlier tree.
        size: leaves of the later one.
        earlier_root: root of the earlier tree.
        root: root of the later one.
        proof: hashes, the deepest first.
    """
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return not proof and earlier_root == root
    path = list(proof)
    if earlier & (earlier - 1) == 0:
        path.insert(0, earlier_root)
    if not path:
        return False
    node, last = earlier - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, each)
        node, last = node >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root
