"""The servers, pictures and contracts of ``helpa.testing``."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from helpa import HelpaError
from helpa.core.errors import PluginError, SettingsError
from helpa.core.stores import MemoryStore, Store
from helpa.testing import KINDS, App, Kind, StoreContract, app, assert_similar, encode, picture
from helpa.testing import serve as serve_plugin
from pictures import opened
from serving import environment


@pytest.fixture(scope="module")
def served(helpa_app: Callable[..., App]) -> App:
    return helpa_app()


def test_a_picture_goes_in_and_its_renditions_come_out(served: App) -> None:
    image = picture(200, 100)
    document = served.upload(image, "fade.png", visibility="private")
    assert (document["width"], document["visibility"]) == (200, "private")
    assert served.get(f"/img/{document['id']}").status_code == 404
    with served.client() as client:
        reply = client.get(f"/img/{document['id']}?w=50&fmt=png")
    assert opened(reply.content).size == (50, 25)
    public = served.upload(image)["id"]
    assert_similar(served.get(f"/img/{public}?fmt=png").content, image, mean=0, maximum=0)


def test_renditions_are_kept_in_memory_alone(served: App) -> None:
    image_id = served.upload(picture())["id"]
    for _ in range(2):
        assert served.get(f"/img/{image_id}?w=50").status_code == 200
    assert served.helpa.memory.bytes > 0
    assert not list((served.data_dir / "cache").glob("??/*/*"))


def test_a_token_has_the_scopes_asked_for(served: App) -> None:
    with served.client(served.make_token("metrics")) as client:
        assert client.get("/api/images").status_code == 403
    with served.client() as client:
        assert client.get("/api/images").status_code == 200


def test_headers_are_written_with_underscores(served: App) -> None:
    image_id = served.upload(picture(kind="photograph"))["id"]
    reply = served.get(f"/img/{image_id}", Accept="image/webp")
    assert reply.headers["content-type"] == "image/webp"


def test_two_servers_stand_side_by_side(served: App) -> None:
    image_id = served.upload(picture())["id"]
    with app() as other:
        assert other.get(f"/img/{image_id}").status_code == 404
        assert served.get(f"/img/{image_id}").status_code == 200


def test_variables_and_files_are_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HELPA_LIMITS__UPLOAD_BYTES", "5")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "helpa.toml").write_text("nonsense = 1\n")
    with app(folder=tmp_path / "var") as server:
        server.upload(picture())
        assert server.data_dir == tmp_path / "var"


def test_mistakes_in_the_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"limits\.queue = 0"), app(limits={"queue": 0}):
        pass
    with pytest.raises(PluginError, match="'nonesuch' failed to find"), app("nonesuch"):
        pass
    with pytest.raises(HelpaError, match="nonesuch"), serve_plugin("nonesuch"):
        pass


def test_settings_reach_the_server() -> None:
    with app(presets={"thumb": "w=20"}, plugin={"basics": {"jpg_quality": 31}}) as server:
        image_id = server.upload(picture())["id"]
        assert opened(server.get(f"/img/{image_id}?p=thumb").content).width == 20


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_the_same_every_time_and_of_the_size_asked(kind: Kind) -> None:
    for width, height in ((1, 1), (3, 2), (97, 61)):
        assert picture(width, height, kind).size == (width, height)
        assert encode(picture(width, height, kind)) == encode(picture(width, height, kind))


def test_kinds_of_pictures_are_what_they_are_called(served: App) -> None:
    facts = {kind: served.upload(picture(320, 200, kind)) for kind in KINDS}
    assert facts["screenshot"]["kind"] == "graphic"
    assert facts["photograph"]["kind"] == "photograph"
    assert facts["animated"]["frames"] == 4
    assert picture(kind="grey").mode == "L"
    assert picture(kind="alpha").getchannel("A").getextrema() == (0, 255)
    with pytest.raises(ValueError, match="gradient"):
        picture(kind="nonsense")  # type: ignore[arg-type]


class Forgetful(MemoryStore):
    async def delete(self, group: str) -> None:
        for key in [each for each in self._values if each.startswith(group)]:
            self._remove(key)


class Overwriting(MemoryStore):
    async def put(self, key: str, value: bytes) -> None:
        await self.delete(key)
        self._values.pop(key, None)
        await super().put(key, value)


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (Forgetful, "test_a_group_is_deleted_whole_and_alone"),
        (Overwriting, "test_a_stored_value_is_never_overwritten"),
    ],
)
def test_the_contract_of_stores_catches_a_broken_store(
    broken: type[MemoryStore], test: str
) -> None:
    class Contract(StoreContract):
        def open(self, capacity: int) -> Store:
            return broken(capacity)

    with pytest.raises(AssertionError):
        getattr(Contract(), test)()
    Contract().test_what_was_put_is_got()


def test_a_run_of_pytest_that_does_not_use_helpa_does_not_load_it(tmp_path: Path) -> None:
    (tmp_path / "test_else.py").write_text(
        "import sys\n"
        "def test_loaded():\n"
        "    assert 'helpa_pytest' in sys.modules\n"
        "    assert not {'helpa', 'numpy', 'PIL', 'hypothesis', 'httpx2'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider",
         "-p", "no:hypothesispytest", "-p", "no:schemathesis",
         "--rootdir", str(tmp_path), str(tmp_path)],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_server_in_this_process_leaves_nothing_behind() -> None:
    with app() as server:
        folder = server.data_dir
        children = set(Path(f"/proc/{os.getpid()}/task").iterdir())
        assert folder.exists()
        loop = server._loop
    assert not folder.exists()
    assert loop.is_closed()
    assert len(set(Path(f"/proc/{os.getpid()}/task").iterdir())) < len(children)
    asyncio.run(asyncio.sleep(0))
