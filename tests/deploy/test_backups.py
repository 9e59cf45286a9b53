"""Backup and restore, by the commands of docs/deploy.md as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import text

from api.asking import wait_until
from helpa.core.settings import Settings
from pictures import jpeg, png
from serving import running_server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text()


def commands(section: str) -> list[str]:
    """Return the shell blocks of a section."""
    (body,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```sh\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)


def test_a_backup_of_a_running_server_can_be_restored(tmp_path: Path) -> None:
    back_up, restore, _ = commands("Backups")  # the third is for PostgreSQL

    def run(script: str) -> None:
        script = script.replace("/opt/helpa/bin/python", sys.executable)
        script = script.replace("/var/lib/helpa", str(tmp_path / "var"))
        script = script.replace("/var/backups/helpa", str(tmp_path / "backup"))
        subprocess.run(["sh", "-eu", "-c", script], check=True, timeout=120)

    with running_server(tmp_path / "var") as server:
        kept = [server.upload(png())["id"], server.upload(jpeg(1300, 900))["id"]]
        levels = text("SELECT count(*) FROM jobs WHERE kind = 'levels' AND state <> 'done'")
        assert wait_until(lambda: not server.database.read(lambda c: c.scalar(levels)), 60)
        # Whole, for small ones show from which level they were drawn, and a server may draw from
        # a level a tenth of a second after it was written.
        before = server.get(f"/img/{kept[1]}.png").content
        blob = server.database.read(
            lambda c: c.scalar(text("SELECT blob FROM images WHERE id = :id"), {"id": kept[1]})
        )
        drawn_from = {
            each.name: each.read_bytes() for each in (tmp_path / "var").rglob(f"{blob}/*")
        }
        assert len(drawn_from) == 2
        run(back_up)
        server.upload(png(50, 40))
        run(back_up)
        with server.client() as client:
            assert client.delete(f"/api/images/{kept[0]}").status_code == 204
        late = server.upload(png(30, 20))["id"]
        token = server.token
    run(restore)
    with running_server(tmp_path / "var") as server:
        # What was deleted after the backup does not come back with it.
        assert server.get(f"/img/{kept[0]}.png?w=200").status_code == 404
        same = server.get(f"/img/{kept[1]}.png").content == before
        assert same  # telling where they differ takes minutes
        for name, data in drawn_from.items():
            assert (tmp_path / "var" / "levels" / blob[:2] / blob / name).read_bytes() == data
        assert server.get(f"/img/{kept[1]}.png?w=200").status_code == 200
        assert server.get(f"/img/{late}").status_code == 404
        with server.client(token) as client:
            assert len(client.get("/api/images").json()["images"]) == 2
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0


def test_files_the_page_installs_are_there() -> None:
    named = set(re.findall(r"(?<![\w/])(?:deploy|requirements)/[\w./-]+\w", PAGE))
    assert {"deploy/nginx/helpa.conf", "deploy/compose.yaml", "requirements/run.txt"} <= named
    for name in named - {"deploy/tls", "deploy/.env"}:  # those are the reader's
        assert (ROOT / name).is_file(), name


def test_the_settings_file_we_ship_is_valid() -> None:
    settings = Settings(**tomllib.loads((ROOT / "deploy" / "helpa.toml").read_text()))
    assert settings.base_url.startswith("https://")


@pytest.mark.parametrize("page", ["deploy", "security", "embedding"])
def test_links_between_documents_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text()
    for target, anchor in re.findall(r"\]\((?!http)([\w./-]+\.md)(?:#([\w-]+))?\)", text):
        path = ROOT / "docs" / target
        assert path.is_file(), target
        if anchor:
            titles = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles]
