"""Every parameter against the picture of it that the reference shows."""

from __future__ import annotations

import io
from collections.abc import Iterator

import effects
import pytest
from generate import PLUGINS
from PIL import Image, ImageSequence

from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import PluginName
from helpa.core.vocabulary import Vocabulary
from operations.seeing import difference
from serving import Server

MANAGER = PluginManager([PluginName(name=name, optional=False) for name in PLUGINS], {})
WANTED = effects.wanted(Vocabulary(MANAGER.operations(), MANAGER.encoders()))

LIKE = 1.5
"""Mean colour difference that other versions of codecs may make; one step of ``q`` makes more."""


@pytest.fixture(scope="module")
def ids(server: Server) -> dict[str, str]:
    return effects.subjects(server)


def frames(data: bytes) -> Iterator[Image.Image]:
    with Image.open(io.BytesIO(data)) as opened:
        yield from (frame.convert("RGBA") for frame in ImageSequence.Iterator(opened))


def test_every_parameter_that_draws_has_a_picture() -> None:
    assert {"w", "fit", "g", "blur", "shadow", "wm", "txt", "max_bytes"} <= set(WANTED)
    for name in WANTED:
        assert (effects.FOLDER / f"{name}.webp").is_file(), name


@pytest.mark.parametrize("name", WANTED)
def test_a_parameter_draws_what_its_page_shows(
    server: Server, ids: dict[str, str], name: str
) -> None:
    drawn = list(frames(effects.draw(server, ids, WANTED[name])))
    stored = list(frames((effects.FOLDER / f"{name}.webp").read_bytes()))
    assert [each.size for each in drawn] == [each.size for each in stored]
    assert max(difference(*pair) for pair in zip(drawn, stored, strict=True)) <= LIKE
