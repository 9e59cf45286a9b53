"""What is left of deleted rows in the file of the database."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import Connection

from api.asking import contents
from databases import Place
from helpa.core.database import images, links
from helpa.core.database.blobs import Blob, share

SECRET = "Krankenakte von Ottilie Zweifel"


def add(connection: Connection, number: int) -> str:
    facts = {"width": 8, "height": 8, "frames": 1, "animated": False}
    blob = share(connection, Blob(f"blob{number:018d}", "ann", f"{number:064d}", "png", 9, facts))
    said = f"{SECRET} {number} " + "x" * (number % 400)
    return images.add(connection, owner="ann", team=None, blob=blob, visibility="private",
                      filename=f"{said}.png", title=said, alt=said, tags=(SECRET,))  # fmt: skip


def test_nothing_that_was_said_of_deleted_pictures_is_left_in_the_files(tmp_path: Path) -> None:
    place = Place(tmp_path / "helpa.sqlite3")
    place.migrate()

    def delete(connection: Connection, ids: list[str]) -> None:
        for image_id in ids:
            images.delete(connection, image_id)

    def link(connection: Connection, image_id: str) -> None:
        record = images.get(connection, image_id)
        assert record is not None
        links.add(connection, f"link{image_id[4:]}", record, kind="exact",
                  params=f"txt={SECRET}", expires_at=None)  # fmt: skip

    async def run() -> str:
        async with place.opened() as database:
            # Pages are split as rows come, and copies of what was moved may stay behind.
            ids = [await database.write(lambda c, n=n: add(c, n)) for n in range(300)]  # type: ignore[misc]
            await database.write(lambda c: link(c, ids[0]))
            before = held(tmp_path)
            await database.write(lambda c: delete(c, ids))
            await database.scrub()
            return before

    before = asyncio.run(run())
    assert SECRET in before
    assert SECRET not in held(tmp_path)


def held(folder: Path) -> str:
    return "\n".join(data.decode("latin-1") for data in contents(folder).values())
