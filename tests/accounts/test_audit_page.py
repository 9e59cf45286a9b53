"""The page of the audit log, and what stays of a search."""

from __future__ import annotations

import pytest

from accounts.crowd import Crowd


@pytest.mark.parametrize("field", ["actor", "object", "action"])
def test_an_address_that_somebody_searches_for_is_not_in_the_log_for_ever(
    crowd: Crowd, field: str
) -> None:
    auditor = crowd.accounts["auditor"]
    with crowd.session(auditor).client() as client:
        assert client.get("/audit", params={field: "erika.muster@example.org"}).status_code == 200
        (found, *_) = crowd.entries(action="audit.read", actor=f"account:{auditor}")
        assert found["details"] == {field: "something else", "entries": 0}
        named = {"actor": f"account:{auditor}", "object": "audit:log", "action": "audit.*"}
        assert client.get("/audit", params=named).status_code == 200
    (found, *_) = crowd.entries(action="audit.read", actor=f"account:{auditor}")
    assert {name: found["details"][name] for name in named} == named


def test_objects_whose_kind_is_of_two_words_are_found(crowd: Crowd) -> None:
    with crowd.session(crowd.accounts["member"]).client() as client:
        made = client.post("/api/access-tokens", json={"scopes": ["images:read"]})
        assert made.status_code == 201, made.text
    (entry, *_) = crowd.entries(action="access_token.create")
    assert crowd.entries(object=entry["object"]) == [entry]
