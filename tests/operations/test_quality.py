"""``q`` in words: the same look in every format, by the kind of picture."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from helpa_basics.qualities import QUALITIES
from operations.seeing import difference
from pictures import encode, opened, photograph
from serving import Server

SIZE = (400, 250)


def page() -> Image.Image:
    """Return a page of coloured text, its edges smoothed as screens show it."""
    image = Image.new("RGB", SIZE, "#f3f5f8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 36), fill="#2a4870")
    for row, colour in enumerate(
        ("#18202c", "#b02030", "#1060c0", "#207040", "#18202c", "#805010")
    ):
        text = f"#{1000 + row} customer{row}@example.com  error 0x{row * 7919:06x}"
        draw.text((12, 46 + 32 * row), text, colour, ImageFont.load_default(17))
    return image


PICTURES = {"photograph": photograph(*SIZE), "graphic": page()}
WORDS = ("low", "medium", "high")


@pytest.fixture(scope="module")
def ids(server: Server) -> dict[str, str]:
    found = {}
    for kind, image in PICTURES.items():
        document = server.upload(encode(image, "PNG"))
        assert document["kind"] == kind
        found[kind] = str(document["id"])
    return found


def body(server: Server, image_id: str, query: str) -> bytes:
    reply = server.get(f"/img/{image_id}?{query}")
    assert reply.status_code == 200, reply.text
    return bytes(reply.content)


@pytest.mark.parametrize("fmt", QUALITIES)
@pytest.mark.parametrize("kind", PICTURES)
def test_words_rise_in_bytes_and_in_likeness(
    server: Server, ids: dict[str, str], fmt: str, kind: str
) -> None:
    made = [body(server, ids[kind], f"fmt={fmt}&q={word}") for word in WORDS]
    sizes = [len(data) for data in made]
    errors = [difference(opened(data), PICTURES[kind]) for data in made]
    assert sizes == sorted(set(sizes))
    assert errors == sorted(set(errors), reverse=True)


@pytest.mark.parametrize("fmt", QUALITIES)
@pytest.mark.parametrize("kind", PICTURES)
def test_auto_lies_between_low_and_high_and_is_that_of_the_kind(
    server: Server, ids: dict[str, str], fmt: str, kind: str
) -> None:
    number = QUALITIES[fmt][kind]["auto"]
    auto = body(server, ids[kind], f"fmt={fmt}&q=auto")
    assert auto == body(server, ids[kind], f"fmt={fmt}&q={number}")
    low, high = (len(body(server, ids[kind], f"fmt={fmt}&q={word}")) for word in ("low", "high"))
    assert low < len(auto) < high


def test_the_table_rises_everywhere() -> None:
    for kinds in QUALITIES.values():
        assert set(kinds) == set(PICTURES)
        for words in kinds.values():
            assert 1 <= words["low"] < words["medium"] < words["auto"] < words["high"] <= 100


def test_formats_that_keep_every_pixel_ignore_quality(server: Server, ids: dict[str, str]) -> None:
    for query in ("fmt=png", "fmt=webp&lossless=1", "fmt=avif&lossless=1"):
        exact = body(server, ids["graphic"], query)
        assert body(server, ids["graphic"], f"{query}&q=low") == exact
        assert difference(opened(exact), PICTURES["graphic"]) == 0


def test_a_word_that_is_none_is_refused(server: Server, ids: dict[str, str]) -> None:
    reply = server.get(f"/img/{ids['graphic']}?fmt=jpg&q=hihg")
    assert reply.status_code == 400
    assert "Did you mean high?" in reply.json()["detail"]
