"""What is signed and how it is checked, for every query there is."""

from __future__ import annotations

import ast
import inspect
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.language import GRAMMAR, queries
from helpa.core import signing
from helpa.core.errors import InvalidValue
from helpa.core.signing import (
    Grant,
    Key,
    Keyring,
    Signature,
    canonical_query,
    matches,
    message,
    signed_texts,
)

KEY = Key("k1", "a secret of more than thirty-two bytes")
IMAGE = "A" * 22
GRANTS = st.sampled_from(Grant)


def plain(pairs: dict[str, str]) -> dict[str, str]:
    return {n: v for n, v in pairs.items() if n not in ("sig", "exp")}


def link(pairs: dict[str, str], grant: Grant) -> bytes:
    sig = Keyring([KEY]).sign(grant.value, IMAGE, 1, signed_texts(grant, pairs))
    query = "&".join(f"{n}={quote(v)}" for n, v in pairs.items())
    return "&".join(filter(None, [query, f"sig={sig}"])).encode()


def verifies(raw: bytes, grant: Grant, extension: str | None = None) -> bool:
    found = GRAMMAR.parse(raw, extension)
    sig = found.get("sig")
    if sig is None or sig.grant != grant.value or sig.key != KEY.id:
        return False
    return matches(KEY, sig, IMAGE, 1, signed_texts(grant, found.texts))


@given(queries(), GRANTS, st.randoms(use_true_random=False))
def test_what_is_signed_verifies_in_any_order(pairs: dict[str, str], grant: Grant, random) -> None:  # type: ignore[no-untyped-def]
    raw = link(plain(pairs), grant)
    pieces = raw.split(b"&")
    random.shuffle(pieces)
    assert verifies(raw, grant)
    assert verifies(b"&".join(pieces), grant)
    fmt = pairs.get("fmt")
    if fmt is not None:
        kept = [piece for piece in pieces if not piece.startswith(b"fmt=")]
        assert verifies(b"&".join(kept), grant, fmt)


@given(queries(), st.integers(0, 10_000), st.integers(0, 255), st.sampled_from("rid"))
def test_no_single_change_of_a_byte_verifies_unless_it_says_the_same(
    pairs: dict[str, str], at: int, byte: int, how: str
) -> None:
    raw = link(plain(pairs), Grant.EXACT)
    at %= len(raw)
    new = bytes([byte])
    changed = {
        "r": raw[:at] + new + raw[at + 1 :],
        "i": raw[:at] + new + raw[at:],
        "d": raw[:at] + raw[at + 1 :],
    }[how]
    assume(changed != raw)
    try:
        found = GRAMMAR.parse(changed)
    except InvalidValue:
        return
    same = dict(found.texts) == dict(GRAMMAR.parse(raw).texts)
    assert verifies(changed, Grant.EXACT) == same


@given(
    st.dictionaries(st.text(min_size=1), st.text(), max_size=4),
    st.dictionaries(st.text(min_size=1), st.text(), max_size=4),
    st.sampled_from(["e", "v", "L" * 22]),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_two_things_to_sign_are_never_one_message(
    one: dict[str, str], other: dict[str, str], grant: str, first: int, second: int
) -> None:
    one, other = ({n: v for n, v in each.items() if n != "sig"} for each in (one, other))
    same = (one, first) == (other, second)
    assert (message(grant, IMAGE, first, one) == message(grant, IMAGE, second, other)) == same
    assert canonical_query(one).isascii()


@pytest.mark.parametrize(
    "text", ["", "k1.e", "k1.e." + "A" * 42, "k1.e." + "A" * 44, "k1.x." + "A" * 43,
             "k.1.e." + "A" * 43, "k1.e." + "A" * 42 + "=", "k1.e." + "A" * 42 + "é",
             "k" * 17 + ".e." + "A" * 43, "k1.e." + "A" * 43 + "\n", ".e." + "A" * 43],
)  # fmt: skip
def test_what_has_no_signatures_form_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        Signature.parse(text)


def test_the_first_key_signs_and_each_is_taken_until_it_retires() -> None:
    ring = Keyring([KEY, Key("k2", "another secret of at least 32 bytes", retires_at=100.0)])
    assert ring.sign("e", IMAGE, 1, {}).key == "k1"
    assert ring.key("k2", 99.9) is not None
    assert ring.key("k2", 100.0) is None
    assert ring.key("k3", 0.0) is None


def test_signatures_are_compared_in_constant_time() -> None:
    tree = ast.parse(inspect.getsource(signing.matches))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    calls = [ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)]
    assert calls.count("hmac.compare_digest") == 1
