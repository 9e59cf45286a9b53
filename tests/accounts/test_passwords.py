"""Passwords: which are taken, and lists of those that leaked."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpa import InvalidValue
from helpa_accounts import rules
from helpa_accounts.passwords import Passwords
from helpa_accounts.settings import AccountSettings

QUICK = AccountSettings(argon2_time=1, argon2_memory=8 * 1024, argon2_lanes=1)
GOOD = "seven unrelated lanterns hum"


@pytest.mark.parametrize(
    "password",
    ["", "short", "password123", "qwertyuiop12", "aaaaaaaaaaaaaa", "abcdefghijkl", "x" * 1025],
)
def test_what_is_short_common_or_too_long_is_refused_and_never_shown(password: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        rules.check(password, QUICK)
    assert refused.value.field == "password"
    assert not password or password not in str(refused.value.problem())


def test_what_is_known_of_its_owner_is_refused() -> None:
    rules.check("zqvarnholtix", QUICK)
    with pytest.raises(InvalidValue, match="easy to guess"):
        rules.check("zqvarnholtix", QUICK, "zqvarnholtix@example.org", "Zqvarnholtix")


def test_a_long_one_in_any_letters_is_taken() -> None:
    for password in (
        GOOD,
        "пароль длинный и странный",
        "パスワードは長いほうがいい",
        " spaces at the ends ",
    ):
        rules.check(password, QUICK)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=40, unique=True), st.data())
def test_the_search_finds_exactly_what_the_file_holds(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], data: st.DataObject
) -> None:
    def digest(word: str) -> str:
        raw = word.encode("utf-8", "surrogatepass")
        return hashlib.sha1(raw, usedforsecurity=False).hexdigest().upper()

    words = [each for each in words if not any(0xD800 <= ord(c) <= 0xDFFF for c in each)]
    held = data.draw(st.sets(st.sampled_from(words))) if words else set()
    path = tmp_path_factory.mktemp("leaks") / "sha1.txt"
    path.write_text("".join(sorted(f"{digest(each)}:{len(each)}\n" for each in held)))
    for word in words:
        assert rules.leaked(word, path) == (word in held)


def test_a_password_of_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sha1.txt"
    path.write_text(hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest() + "\n")
    with pytest.raises(InvalidValue, match="leaked"):
        rules.check(GOOD, QUICK.model_copy(update={"breached_passwords": path}))


def test_a_hash_is_argon2id_with_its_parameters_and_a_salt_of_its_own() -> None:
    async def run() -> None:
        hashes = Passwords(QUICK)
        first, second = await hashes.hash(GOOD), await hashes.hash(GOOD)
        assert first.startswith("$argon2id$v=19$m=8192,t=1,p=1$")
        assert first != second
        assert await hashes.right(first, GOOD)
        assert not await hashes.right(first, GOOD + " ")
        assert not await hashes.right(None, "nobody has this password")
        assert not await hashes.right("nonsense", GOOD)
        assert not hashes.old(first)
        assert Passwords(AccountSettings()).old(first)

    asyncio.run(run())
