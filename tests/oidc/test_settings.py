"""Settings of providers: what is refused, and what no message shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serving import run_helpa

RIGHT = {"issuer": "https://login.example.com", "client_id": "helpa", "client_secret": "hush-hush"}


def said(tmp_path: Path, providers: Any) -> tuple[int, str]:
    """Return code and output of a command that reads the settings."""
    given = providers if isinstance(providers, str) else json.dumps(providers)
    done = run_helpa("plugins", cwd=tmp_path, plugin__oidc__providers=given)
    return done.returncode, done.stdout + done.stderr


def test_providers_may_be_named_in_a_variable(tmp_path: Path) -> None:
    code, text = said(tmp_path, {"company": RIGHT})
    assert code == 0, text


def test_a_secret_may_come_from_a_variable_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "helpa.toml").write_text(
        '[plugin.oidc.providers.company]\nissuer = "https://a.example"\nclient_id = "x"\n'
    )
    done = run_helpa(
        "plugins", cwd=tmp_path, plugin__oidc__providers__company__client_secret="hush-hush"
    )
    assert done.returncode == 0, done.stderr
    done = run_helpa(
        "plugins", cwd=tmp_path, plugin__oidc__providers__company__client_sekret="hush-hush"
    )
    assert "there is no such setting" in done.stderr
    assert "hush-hush" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "http://login.example.com"),
        ("issuer", "https://user:hush-hush@login.example.com"),
        ("issuer", "https://login.example.com/?tenant=1"),
        ("issuer", "https://login.example.com/#x"),
        ("issuer", "login.example.com"),
        ("issuer", "http://127.0.0.1.example.com"),
        ("issuer", "http://localhost.example.com"),
        ("client_id", ""),
        ("client_id", "a\nb"),
        ("algorithms", ["none"]),
        ("algorithms", ["RS256", "HS256"]),
        ("algorithms", []),
        ("roles", {"staff": "boss"}),
        ("default_role", "root"),
        ("scopes", ["a b"]),
        ("leeway", 3600),
        ("timeout", 0),
        ("bogus", 1),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: object) -> None:
    code, text = said(tmp_path, {"company": RIGHT | {name: value}})
    assert code == 1
    assert f"plugin.oidc.providers.company.{name}" in text
    assert "hush-hush" not in text or name == "issuer"


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9/a"])
def test_a_provider_on_this_machine_needs_no_https(tmp_path: Path, issuer: str) -> None:
    code, text = said(tmp_path, {"company": RIGHT | {"issuer": issuer}})
    assert code == 0, text


def test_what_is_missing_is_named_and_secrets_are_not_shown(tmp_path: Path) -> None:
    secret = {"client_secret": "hush-hush"}
    code, text = said(tmp_path, {"company": secret})
    assert code == 1
    assert "plugin.oidc.providers.company.issuer: this setting is required." in text
    for given in (json.dumps({"company": secret})[:-1], json.dumps([secret])):
        code, broken = said(tmp_path, given)
        assert code == 1
        assert "hush-hush" not in text + broken


def test_two_names_for_one_client_are_refused(tmp_path: Path) -> None:
    code, text = said(tmp_path, {"one": RIGHT, "two": RIGHT})
    assert code == 1
    assert "differ in issuer or client_id" in text


@pytest.mark.parametrize("name", ["Company", "a/b", "", "a" * 33, "a.b", "1a"])
def test_names_are_words_of_addresses(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, {name: RIGHT})[0] == 1
