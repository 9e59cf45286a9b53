"""The Merkle tree against RFC 6962's own definitions, written down as they stand there."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.audit.tree import (
    Range,
    RangeRoots,
    Tree,
    consistency_ranges,
    inclusion_ranges,
    is_consistent,
    is_included,
    leaf_hash,
)

CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
"""The leaves that certificate-transparency's own tests use."""

CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

Data = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


def mth(data: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\0" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return hashlib.sha256(b"\1" + mth(data[:k]) + mth(data[k:])).digest()


def path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(data) == 1:
        return []
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    if m == len(data):
        return [] if whole else [mth(data)]
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m <= k:
        return [*subproof(m, data[:k], whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


def range_roots(ranges: list[Range], leaves: list[bytes]) -> list[bytes]:
    taking = RangeRoots(ranges)
    for leaf in leaves:
        taking.take(leaf)
    return taking.roots()


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Tree().root().hex() == expected


def test_the_roots_are_those_of_certificate_transparency() -> None:
    tree = Tree()
    for leaf, root in zip(CT_LEAVES, CT_ROOTS, strict=True):
        tree.append(leaf_hash(leaf))
        assert tree.root().hex() == root


def test_the_proofs_are_those_of_certificate_transparency() -> None:
    leaves = [leaf_hash(leaf) for leaf in CT_LEAVES]
    included = range_roots(inclusion_ranges(5, 8), leaves)
    assert [each.hex() for each in included] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    consistent = range_roots(consistency_ranges(6, 8), leaves)
    assert [each.hex() for each in consistent] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(Data)
def test_peaks_that_were_put_away_and_taken_up_again_give_the_root_of_the_definition(
    data: list[bytes],
) -> None:
    tree = Tree()
    for number, each in enumerate(data, 1):
        tree = Tree(tree.size, tree.peaks)
        tree.append(leaf_hash(each))
        assert tree.root() == mth(data[:number])


@given(Data, st.data())
def test_an_inclusion_proof_is_the_definition_s_and_holds(data: list[bytes], draw: st.DataObject) -> None:  # fmt: skip  # noqa: E501
    index = draw.draw(st.integers(0, len(data) - 1))
    leaves = [leaf_hash(each) for each in data]
    proof = range_roots(inclusion_ranges(index, len(data)), leaves)
    assert proof == path(index, data)
    assert is_included(leaves[index], index, len(data), mth(data), proof)


@given(Data, st.data())
def test_an_inclusion_proof_holds_for_nothing_else(data: list[bytes], draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, len(data) - 1))
    leaf, root = leaf_hash(data[index]), mth(data)
    proof = path(index, data)
    size = len(data)
    assert not is_included(leaf_hash(b"other"), index, size, root, proof)
    assert not is_included(leaf, index, size, leaf_hash(b"other"), proof)
    assert not is_included(leaf, index, size, root, [*proof, leaf])
    assert not is_included(leaf, size, size, root, proof)
    assert not is_included(leaf, -1, size, root, proof)
    if proof:
        assert not is_included(leaf, index, size, root, proof[:-1])
        changed = draw.draw(st.integers(0, len(proof) - 1))
        proof[changed] = leaf_hash(b"other")
        assert not is_included(leaf, index, size, root, proof)


@given(Data, st.data())
def test_a_consistency_proof_is_the_definition_s_and_holds(data: list[bytes], draw: st.DataObject) -> None:  # fmt: skip  # noqa: E501
    earlier = draw.draw(st.integers(1, len(data)))
    leaves = [leaf_hash(each) for each in data]
    proof = range_roots(consistency_ranges(earlier, len(data)), leaves)
    assert proof == subproof(earlier, data, True)
    assert is_consistent(earlier, len(data), mth(data[:earlier]), mth(data), proof)


@given(Data, st.data())
def test_a_consistency_proof_holds_for_no_other_tree(
    data: list[bytes], draw: st.DataObject
) -> None:
    earlier = draw.draw(st.integers(1, len(data)))
    size, old, new = len(data), mth(data[:earlier]), mth(data)
    proof = subproof(earlier, data, True)
    other = leaf_hash(b"other")
    assert not is_consistent(earlier, size, other, new, proof)
    assert not is_consistent(earlier, size, old, other, proof)
    assert not is_consistent(earlier, size, old, new, [*proof, other])
    assert not is_consistent(0, size, old, new, proof)
    assert not is_consistent(size + 1, size, old, new, proof)
    if proof:
        assert not is_consistent(earlier, size, old, new, proof[:-1])
        proof[draw.draw(st.integers(0, len(proof) - 1))] = other
        assert not is_consistent(earlier, size, old, new, proof)


@given(Data, st.data())
def test_a_history_that_was_rewritten_has_no_consistency_proof(
    data: list[bytes], draw: st.DataObject
) -> None:
    earlier = draw.draw(st.integers(1, len(data)))
    changed = draw.draw(st.integers(0, earlier - 1))
    rewritten = [*data]
    rewritten[changed] = b"rewritten"
    proof = subproof(earlier, rewritten, True)
    assert not is_consistent(earlier, len(data), mth(data[:earlier]), mth(rewritten), proof)


@pytest.mark.parametrize(("size", "peaks"), [(1, []), (2, [b"1" * 32] * 2), (1, [b"short"]), (-1, [])])  # fmt: skip  # noqa: E501
def test_peaks_of_another_size_are_refused(size: int, peaks: list[bytes]) -> None:
    with pytest.raises(ValueError):
        Tree(size, peaks)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("earlier", "size"), [(0, 3), (4, 3)])
def test_there_is_no_proof_between_sizes_that_do_not_follow(earlier: int, size: int) -> None:
    with pytest.raises(ValueError):
        consistency_ranges(earlier, size)


def test_leaves_that_end_too_soon_make_no_proof() -> None:
    with pytest.raises(ValueError, match="end before"):
        range_roots(inclusion_ranges(0, 4), [b"1" * 32] * 3)
