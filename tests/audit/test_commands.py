"""``helpa audit`` prove, check, export and key, and ``GET /api/audit``, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.keeping import fill
from databases import KINDS
from helpa.core.audit import proofs
from postgresql import Postgresql
from serving import Server, run_helpa, running_server


@pytest.fixture(scope="module", params=KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with 20 entries and more."""
    settings = {}
    if request.param == "postgresql":
        database: Postgresql = request.getfixturevalue("postgresql")
        settings["database_url"] = database.new_database()
    with running_server(tmp_path_factory.mktemp(request.param), **settings) as running:
        fill(running.database, 20)
        yield running


def audit(server: Server, *args: str, fails: bool = False) -> str:
    """Run a command of the group while the server runs."""
    url = server.environment.get("HELPA_DATABASE_URL")
    settings = {"database_url": url} if url else {}
    done = run_helpa("audit", *args, data_dir=server.data_dir, cwd=None, **settings)
    assert done.returncode == int(fails), done.stderr
    return done.stderr if fails else done.stdout


def check(tmp_path: Path, document: Any, *args: str, fails: bool = False) -> str:
    """Check a proof in an empty folder: no server, no database, no settings."""
    path = tmp_path / "proof.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    done = run_helpa("audit", "check", str(path), *args, cwd=tmp_path)
    assert done.returncode == int(fails), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if fails else done.stdout


@pytest.fixture(scope="module")
def proof(server: Server) -> str:
    """That entry 7 is in the log."""
    return audit(server, "prove", "7")


def test_an_entry_is_proven_and_checked_offline(server: Server, proof: str, tmp_path: Path) -> None:
    key = audit(server, "key").strip()
    assert "secret-6" not in proof
    said = check(tmp_path, proof, "--key", key)
    assert "Entry 7 (image.upload image:i6 by account:ann) is in the log of" in said


def test_a_proof_gives_the_personal_part_away_only_when_asked(
    server: Server, tmp_path: Path
) -> None:
    document = json.loads(audit(server, "prove", "7", "--personal"))
    assert "secret-6.png" in check(tmp_path, document)
    document["personal"] = document["personal"].replace("secret-6", "secret-7")
    assert "not that of entry 7" in check(tmp_path, document, fails=True)


@pytest.mark.parametrize(
    "change",
    [
        {"entry": {"actor": "account:eve"}},
        {"entry": {"seq": 8}},
        {"entry": {"at": 0}},
        {"entry": {"commitment": "0" * 64}},
        {"entry": {"more": 1}},
        {"entry": {"seq": "7"}},
        {"entry": None},
        {"proof": []},
        {"proof": ["zz"]},
        {"proof": 3},
        {"proof": "0" * 64},
        {"checkpoint": {"root": "0" * 64}},
        {"checkpoint": {"size": 8}},
        {"checkpoint": {"size": True}},
        {"checkpoint": {"time": "2020-01-01T00:00:00.000Z"}},
        {"checkpoint": {"signature": "AAAA"}},
        {"checkpoint": {"key": "nonsense"}},
        {"checkpoint": None},
        {"kind": "helpa-consistency-1"},
        {"kind": "other"},
    ],
)
def test_a_changed_proof_proves_nothing(proof: str, change: dict[str, Any]) -> None:
    document = json.loads(proof)
    for name, value in change.items():
        document[name] = document[name] | value if isinstance(value, dict) else value
    with pytest.raises(proofs.ProofError):
        proofs.check(document)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"kind": 1}', "{", "\x00"])
def test_what_is_no_proof_is_refused_in_words(tmp_path: Path, text: str) -> None:
    assert "proof" in check(tmp_path, text, fails=True)


def test_another_key_is_not_believed(proof: str, tmp_path: Path) -> None:
    other = "A" * 43
    assert "not by" in check(tmp_path, proof, "--key", other, fails=True)
    assert "helpa audit key" in check(tmp_path, proof, "--key", "x", fails=True)


def test_a_log_is_proven_to_begin_as_an_earlier_one(server: Server, tmp_path: Path) -> None:
    newest = (server.data_dir / "audit" / "checkpoints.jsonl").read_text().splitlines()[-1]
    size = str(json.loads(newest)["size"])
    proof = audit(server, "prove", "--from", "6", "--to", size)
    said = check(tmp_path, proof, "--key", audit(server, "key").strip())
    assert f"The log of {size} entries begins with the same 6 entries." in said
    assert "nobody has signed the root of 6 entries" in said
    assert f"{size} entries: signed at" in said
    document = json.loads(proof)
    document["from"]["root"] = "0" * 64
    assert "does not begin" in check(tmp_path, document, fails=True)


def test_what_cannot_be_proven_is_said(server: Server) -> None:
    assert "There is no entry 9999" in audit(server, "prove", "9999", fails=True)
    assert "not 9999" in audit(server, "prove", "--from", "1", "--to", "9999", fails=True)
    assert "no larger than --to, not 6" in audit(
        server, "prove", "--from", "6", "--to", "5", fails=True
    )
    assert "either" in audit(server, "prove", fails=True)
    assert "either" in audit(server, "prove", "3", "--to", "5", fails=True)
    assert "either" in audit(server, "prove", "--from", "5", fails=True)


def test_the_log_is_exported_as_json_lines_and_that_is_on_record(server: Server) -> None:
    lines = [json.loads(line) for line in audit(server, "export").splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[6]["object"] == "image:i6"
    assert lines[6]["personal"]["personal"] == {"filename": "secret-6.png"}
    assert (lines[-1]["action"], lines[-1]["actor"]) == ("audit.export", "command-line")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--actor", "account:ann"), 14),
        (("--actor", "token:t1"), 7),
        (("--actor", "account:bob"), 6),
        (("--object", "image:i3"), 1),
        (("--action", "image.upload"), 20),
        (("--action", "image.*"), 20),
        (("--action", "imag.*"), 0),
        (("--actor", "account:ann", "--object", "image:i2"), 0),
        (("--from", "2020-01-01T00:00:00Z", "--action", "image.upload"), 20),
        (("--to", "2020-01-01T00:00:00Z"), 0),
    ],
)
def test_an_export_holds_what_is_asked_for(
    server: Server, options: tuple[str, ...], count: int
) -> None:
    assert len(audit(server, "export", *options).splitlines()) == count


def test_a_moment_that_is_none_is_refused(server: Server) -> None:
    assert "--from=yesterday" in audit(server, "export", "--from", "yesterday", fails=True)


def test_verifying_works_while_a_server_runs(server: Server) -> None:
    assert "The log is whole" in audit(server, "verify")


def search(server: Server, token: str, **params: Any) -> dict[str, Any]:
    with server.client(token) as client:
        reply = client.get("/api/audit", params=params)
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


def test_the_log_is_searched_newest_first_page_by_page(server: Server) -> None:
    token = server.make_token("admin")
    wanted = {"action": "image.upload", "limit": 8}
    seqs: list[int] = []
    page = search(server, token, **wanted)
    while True:
        seqs += [entry["seq"] for entry in page["entries"]]
        if page["next_cursor"] is None:
            break
        page = search(server, token, cursor=page["next_cursor"], **wanted)
    assert len(seqs) == 20
    assert seqs == sorted(set(seqs), reverse=True)


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"actor": "account:ann"}, 14),
        ({"actor": "account:ann", "limit": 5}, 5),
        ({"object": "image:i3"}, 1),
        ({"action": "image.upload", "from": "2020-01-01T00:00:00Z"}, 20),
        ({"to": "2020-01-01T01:00:00+01:00"}, 0),
    ],
)
def test_a_search_finds_what_is_asked_for(
    server: Server, params: dict[str, Any], count: int
) -> None:
    assert len(search(server, server.make_token("admin"), **params)["entries"]) == count


def test_who_looks_is_on_record_with_what_they_asked(server: Server) -> None:
    token = server.make_token("admin")
    search(server, token, object="image:i3")
    (entry,) = search(server, token, action="audit.read", limit=1)["entries"]
    assert entry["actor"].startswith("token:")
    assert entry["on_behalf"] == "account:local"
    assert entry["details"] == {"object": "image:i3", "limit": 50, "entries": 1}
    assert entry["request"]
    assert entry["personal"]["address"] == "127.0.0.0/24"


def test_nobody_looks_without_the_right_to(server: Server) -> None:
    for token, status in ((None, 401), (server.make_token("images:read"), 403)):
        with server.client(token) as client:
            assert client.get("/api/audit").status_code == status


@pytest.mark.parametrize(
    "params",
    [
        {"actor": "ann@example.com"}, {"actor": "a b"}, {"action": "image"}, {"action": "*"},
        {"from": "yesterday"}, {"from": "2026-01-01T00:00:00"}, {"limit": "0"}, {"limit": "501"},
        {"cursor": "x"}, {"cursor": "0"}, {"cursor": str(2**40)}, {"more": "1"}, {"since": "1"},
        {"object": "image:\x00"},
    ],
)  # fmt: skip
def test_a_search_that_says_what_there_is_not_is_refused(
    server: Server, params: dict[str, str]
) -> None:
    with server.client(server.make_token("admin")) as client:
        reply = client.get("/api/audit", params=params)
    assert reply.status_code == 400
    assert reply.json()["field"] == next(iter(params))
