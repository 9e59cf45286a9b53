"""The words of policies are those that there are."""

from __future__ import annotations

import typing

import pytest

from helpa import ROLES, InvalidValue
from helpa_redaction import detect
from helpa_redaction.policies import check_looked_for
from helpa_redaction.policy import CATEGORIES, Policy, Role


def test_policies_name_every_category_that_is_looked_for() -> None:
    assert set(CATEGORIES) == set(detect.CATEGORIES)


def test_policies_name_every_role() -> None:
    assert set(typing.get_args(Role)) == set(ROLES)


def test_what_cannot_be_looked_for_is_not_redacted_at_once() -> None:
    missing = {"face": "there is no OpenCV"}
    check_looked_for(Policy(action="suggest"), missing)
    check_looked_for(Policy(action="apply", look_for=["email", "code"]), missing)
    with pytest.raises(InvalidValue, match="there is no OpenCV"):
        check_looked_for(Policy(action="apply"), missing)


def test_uploads_are_looked_through_for_something() -> None:
    check_looked_for(Policy(action="none", look_for=[]), {})
    for action in ("suggest", "apply"):
        with pytest.raises(InvalidValue, match="look_for"):
            check_looked_for(Policy.model_validate({"action": action, "look_for": []}), {})
