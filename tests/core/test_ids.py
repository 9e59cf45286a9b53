"""Random ids, as they stand in URLs and on command lines."""

from __future__ import annotations

from helpa.core.ids import is_id, new_id


def test_an_id_is_no_option_of_a_command_line() -> None:
    made = [new_id() for _ in range(5000)]  # one in 64 would be
    assert not any(each.startswith("-") for each in made)
    assert all(is_id(each) for each in made)
    assert len(set(made)) == len(made)
