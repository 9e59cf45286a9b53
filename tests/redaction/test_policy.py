"""The words of policies are those that there are."""

from __future__ import annotations

import typing

from helpa import ROLES
from helpa_redaction import detect
from helpa_redaction.policy import CATEGORIES, Role


def test_policies_name_every_category_that_is_looked_for() -> None:
    assert set(CATEGORIES) == set(detect.CATEGORIES)


def test_policies_name_every_role() -> None:
    assert set(typing.get_args(Role)) == set(ROLES)
