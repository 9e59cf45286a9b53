"""Signed links to what sources hold: by path, with the epoch of the source."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from api.asking import problem
from api.signing import by_hand, command, path_of
from pictures import png
from serving import running_server


def test_pictures_of_a_source_are_signed_by_path_and_revoked_by_its_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pics"
    (folder / "a b").mkdir(parents=True)
    (folder / "a b" / "ü+1.png").write_bytes(png(90, 60))
    table = {"name": "pics", "kind": "folder", "path": str(folder), "visibility": "signed",
             "max_age": 40}  # fmt: skip
    tables = json.dumps(
        [table | {"link_epoch": 2}, table | {"name": "open", "visibility": "public"}]
    )
    name, path = "pics/a b/ü+1.png", "/img/pics/a%20b/%C3%BC%2B1.png"
    with running_server(tmp_path / "var", sources=tables) as server:
        problem(server.get(path), 404)
        problem(server.get(f"{path}?w=30&sig=k1.e.{'A' * 43}"), 403)
        assert not list((server.data_dir / "originals").rglob("*.*")), "a stranger brought it"
        monkeypatch.setenv("HELPA_SOURCES", tables)
        signed = path_of(command("sign", name, "w=30", data_dir=server.data_dir).stdout.strip())
        assert signed.startswith(f"{path}?w=30&sig=")
        for _ in range(2):
            reply = server.get(signed)
            assert reply.status_code == 200, reply.text
            kind, _, age = reply.headers["cache-control"].partition(", max-age=")
            assert (kind, int(age) <= 40) == ("private", True), "longer than the source allows"
        problem(server.get(signed.replace("w=30", "w=31")), 403)
        problem(server.get(signed.replace("/pics/", "/open/")), 403)
        for grant, epoch, status in (("e", 1, 403), ("v", 2, 200), ("e", 2, 200)):
            made = by_hand(server, name, grant, epoch, w=32).replace(f"/img/{name}", path)
            assert server.get(made).status_code == status
        late = by_hand(server, name, "e", 2, exp=int(time.time()) - 1)
        problem(server.get(late.replace(f"/img/{name}", path)), 410)
        done = command("sign", name, "--revocable", data_dir=server.data_dir)
        assert (done.returncode, done.stdout) == (1, "")
