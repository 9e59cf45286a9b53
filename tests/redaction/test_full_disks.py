"""A redaction for which the disk has no room is done whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.asking import files_in, incoming, originals, problem, wait_until
from disks import disk, fill
from pictures import encode, photograph
from redaction.remains import SECRET, make_due, remains, shows_secret
from serving import running_server

BODY = {"regions": [{"x": "25%", "y": "25%", "w": "50%", "h": "50%"}]}
ENOUGH = 3_000_000


@pytest.mark.parametrize(
    ("side", "step"), [(640, 100_000), (64, 4096)], ids=["for files", "for the database"]
)
def test_a_full_disk_leaves_the_picture_whole_or_hides_the_region(
    tmp_path: Path, side: int, step: int
) -> None:
    image = photograph(side, side, seed=1)
    image.paste(SECRET, (side // 4, side // 4, side * 3 // 4, side * 3 // 4))
    data = encode(image, "PNG")
    settings = {"limits__free_bytes": "0", "cache__disk_bytes": "100000"}
    with (
        disk(tmp_path / "disk", 8) as folder,
        running_server(folder / "var", **settings) as server,
        server.client() as client,
    ):
        path = f"/api/images/{server.upload(data)['id']}"
        shown = path.replace("/api/images", "/img") + "?fmt=png"
        assert wait_until(lambda: server.get(shown).status_code == 200)
        ballast, before = folder / "ballast", stored(server.data_dir)
        refused = 0
        for left in range(0, ENOUGH, step):
            fill(ballast, left)
            answer = client.post(f"{path}/redactions", json=BODY)
            fill(ballast, ENOUGH)  # looking needs room, too
            hidden = client.get(path).json()["revision"] == 2
            assert hidden == (answer.status_code == 201)
            assert shows_secret(server.get(shown).content) != hidden
            assert not incoming(server)
            if hidden:
                break
            problem(answer, 507)
            refused += 1
            assert stored(server.data_dir) == before
        assert refused > 3
        assert hidden

        def remaining() -> list[Path]:
            make_due(server, "scrub")
            return remains(server, data)

        ballast.unlink()
        assert wait_until(lambda: not remaining(), 30), remaining()
        assert len(originals(server)) == 1


def stored(folder: Path) -> list[Path]:
    """Return the files of pictures."""
    return [*files_in(folder / "originals"), *files_in(folder / "levels")]
