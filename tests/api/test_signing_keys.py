"""Keys: in the settings, in the file that servers make themselves, rotated and retired."""

from __future__ import annotations

import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.asking import problem
from api.signing import ask, command, make, path_of
from helpa.core import keyfile
from helpa.core.signing import Key, Keyring, canonical_query
from pictures import png
from serving import Server, helpa, run_helpa, running_server, start_server, stop_server

OLD = {"id": "old", "secret": "the-old-secret-of-at-least-32-bytes"}
NEW = {"id": "new", "secret": "the-new-secret-of-at-least-32-bytes"}


def keys(*listed: dict[str, Any]) -> dict[str, str]:
    return {"signing__keys": json.dumps(listed)}


def signed_with(key: dict[str, Any], image: str, **texts: str) -> str:
    made = Keyring([Key(key["id"], key["secret"])]).sign("e", image, 1, texts)
    return f"/img/{image}?{canonical_query(texts)}&sig={made}"


def at(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def test_keys_of_the_settings_are_rotated_and_retire(data_dir: Path) -> None:
    began = time.time()
    with running_server(data_dir, **keys(OLD)) as server:
        starting = time.time() - began
        image = server.upload(png(90, 60), visibility="signed")["id"]
        path, _ = make(server, image, params={"w": 30})
        assert "sig=old." in path
        assert server.get(path).status_code == 200
        assert not (data_dir / "signing.key").exists()
    retires = time.time() + 4 + 2 * starting  # so much as a busy machine needs
    with running_server(data_dir, **keys(NEW, OLD | {"retires": at(retires)})) as server:
        newer, _ = make(server, image, params={"w": 30})
        assert "sig=new." in newer
        for each in (path, newer):
            assert server.get(each).status_code == 200
        hot = 0
        while time.time() < retires - 0.5:
            asked = time.time()
            reply = server.get(path)
            assert reply.status_code == 200
            age = int(reply.headers["cache-control"].removeprefix("private, max-age="))
            assert asked + age <= retires + 0.001, "it may be kept when its key has retired"
            hot += 1
        assert hot > 10, "the server took so long to start that nothing was hot"
        time.sleep(max(0.0, retires + 0.05 - time.time()))
        problem(server.get(path), 403)
        problem(server.get(path, If_None_Match=reply.headers["etag"]), 403)
        assert server.get(newer).status_code == 200


@pytest.mark.parametrize(
    ("listed", "field"),
    [
        ([OLD | {"secret": "far-too-short-a-secret"}], "secret"),
        ([OLD, OLD], "keys"),
        ([OLD | {"id": "a.b"}], "id"),
        ([OLD | {"retires": at(4102444800)}, NEW], "keys"),
        ([OLD, NEW | {"retires": "2027-01-01"}], "retires"),
    ],
)
def test_keys_that_cannot_be_are_refused_without_showing_them(
    data_dir: Path,
    listed: list[dict[str, Any]],
    field: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HELPA_SIGNING__KEYS", json.dumps(listed))
    done = command("serve", "--port", "0", data_dir=data_dir)
    assert done.returncode == 1
    assert f"signing.keys{'.' if field != 'keys' else ''}" in done.stderr
    assert field in done.stderr
    for each in listed:
        assert each["secret"] not in done.stderr + done.stdout


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with its own key file, and little room for queries."""
    folder = tmp_path_factory.mktemp("keys") / "var"
    with running_server(folder, limits__query_bytes="600", limits__parameters="6") as server:
        yield server


def test_the_key_file_is_its_owners_alone(served: Server) -> None:
    path = served.data_dir / "signing.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (key,) = keyfile.read(path)
    assert len(key.secret) >= 43
    assert key.secret not in repr(key)
    assert not [p.name for p in served.data_dir.iterdir() if p.name.startswith("signing.key.")]


def test_two_servers_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: keyfile.load(folder), range(64)))
    assert len({each[0].secret for each in made}) == 1
    assert [p.name for p in folder.iterdir()] == ["signing.key"]
    with ThreadPoolExecutor(2) as pool:
        command("db", "upgrade", data_dir=tmp_path / "two")
        assert not (tmp_path / "two" / "signing.key").exists()
        servers = list(pool.map(lambda _: start_server(tmp_path / "two"), range(2)))
    try:
        image = servers[0].upload(png(60, 40), visibility="signed")["id"]
        path, _ = make(servers[0], image, params={"w": 20})
        assert servers[1].get(path).status_code == 200
    finally:
        for server in servers:
            stop_server(server)


def test_a_key_file_that_was_damaged_stops_the_start_and_is_not_replaced(tmp_path: Path) -> None:
    command("db", "upgrade", data_dir=tmp_path)
    (tmp_path / "signing.key").write_text('{"keys": [', encoding="utf-8")
    done = run_helpa("serve", "--port", "0", data_dir=tmp_path)
    assert done.returncode == 1
    assert "signing.key cannot be read" in done.stderr
    assert (tmp_path / "signing.key").read_text(encoding="utf-8") == '{"keys": ['


def test_helpa_sign_makes_links_that_work_and_refuses_what_would_not(served: Server) -> None:
    image = served.upload(png(90, 60), visibility="signed")["id"]

    def sign(*args: str) -> str:
        return path_of(command("sign", image, *args, data_dir=served.data_dir).stdout.strip())

    exact = sign("width=30", "fmt=webp")
    assert exact.startswith(f"/img/{image}?fmt=webp&w=30&sig=")
    view = sign("--grant", "view", "--expires-in", "500")
    noted = sign("w=31", "--revocable")
    for path in (exact, view, noted, view.replace("?", "?w=12&")):
        assert served.get(path).status_code == 200, path
    problem(served.get(exact.replace("w=30", "w=31")), 403)
    with served.client() as client:
        (link,) = client.get(f"/api/images/{image}/links").json()["links"]
        client.delete(f"/api/images/{image}/links/{link['id']}")
    problem(served.get(noted), 410)
    for args, said in (
        ([image, "widht=3"], "Did you mean width?"),
        ([image, "w"], "name=value"),
        ([image, "w=3", "w=4"], "w once"),
        ([image, "rot=90", "--grant", "view"], "not rot"),
        (["A" * 22, "w=3"], "no picture"),
        (["pics/a.png"], "no source pics"),
        ([image, "--expires-in", "1e12"], "--expires-in"),
    ):
        done = command("sign", *args, data_dir=served.data_dir)
        assert done.returncode != 0
        assert said in done.stderr, done.stderr
        assert done.stdout == ""


def test_helpa_sign_says_when_a_picture_is_private(served: Server) -> None:
    image = served.upload(png(91, 60), visibility="private")["id"]
    done = command("sign", image, data_dir=served.data_dir)
    assert "private" in done.stderr
    problem(served.get(path_of(done.stdout.strip())), 404)


def test_a_link_as_long_as_may_be_works_and_a_longer_one_is_not_made(served: Server) -> None:
    image = served.upload(png(92, 60), visibility="signed")["id"]
    made = 0
    for length in range(20, 60):
        reply = ask(served, image, params={"dl": "\N{GRINNING FACE}" * length}, expires_in=9)
        if reply.status_code == 201:
            made += 1
            assert served.get(path_of(reply.json()["url"])).status_code == 200
        else:
            problem(reply, 400)
    assert 5 < made < 35
    texts = {"w": 9, "h": 9, "q": 9, "v": 1}
    assert ask(served, image, params=texts, expires_in=9).status_code == 201
    problem(ask(served, image, params=texts | {"dpr": 1}, expires_in=9), 400)


def test_helpa_keys_rotate_signs_anew_and_keeps_what_was_signed(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        image = server.upload(png(90, 60), visibility="signed")["id"]
        path, _ = make(server, image, params={"w": 30})
        first = keyfile.read(data_dir / "signing.key")[0].id
        rotated = command("keys", "rotate", "--keep-days", "2", data_dir=data_dir).stdout
        newest = rotated.split()[0]
        assert "restart" in rotated
        assert stat.S_IMODE((data_dir / "signing.key").stat().st_mode) == 0o600
        listed = command("keys", "list", data_dir=data_dir).stdout.splitlines()
        assert listed[0] == f"{newest}  signs"
        assert listed[1].startswith(f"{first}  is taken, retires ")
        by_command = path_of(helpa("sign", image, "w=30", data_dir=data_dir).strip())
        problem(server.get(by_command), 403)
    with running_server(data_dir) as server:
        for each in (path, by_command):
            assert server.get(each).status_code == 200
        assert f"sig={newest}." in make(server, image)[0]
    command("keys", "rotate", "--keep-days", "0", data_dir=data_dir)
    with running_server(data_dir) as server:
        for each in (path, by_command):
            problem(server.get(each), 403)
    assert "is retired" in command("keys", "list", data_dir=data_dir).stdout
    done = run_helpa("keys", "rotate", data_dir=data_dir, signing__keys=json.dumps([OLD]))
    assert (done.returncode, done.stdout) == (1, "")
    assert "signing.keys" in done.stderr
