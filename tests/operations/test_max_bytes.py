"""``max_bytes``: never over the limit, as good as it allows, refused where it cannot be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.pixels import deadline
from helpa.core.pixels.failures import PixelError
from helpa_basics.byte_count import LEAST, MOST, ByteCount
from helpa_basics.encode import fitting
from operations.seeing import chart, difference, resized, rgb
from pictures import animation, encode, opened, photograph, png
from serving import Server

SIZE = (400, 250)
KINDS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "gif": "GIF"}
CHROME = "image/avif,image/webp,*/*;q=0.8"


@pytest.fixture(scope="module")
def photo(server: Server) -> str:
    return str(server.upload(encode(photograph(*SIZE), "JPEG", quality=95))["id"])


@pytest.fixture(scope="module")
def drawing(server: Server) -> str:
    return str(server.upload(png(*SIZE))["id"])


def body(server: Server, image_id: str, query: str, **headers: str) -> bytes:
    reply = server.get(f"/img/{image_id}?{query}", **headers)
    assert reply.status_code == 200, reply.text
    return bytes(reply.content)


@pytest.mark.parametrize("fmt", KINDS)
def test_no_answer_is_larger_than_allowed(server: Server, photo: str, fmt: str) -> None:
    whole = body(server, photo, f"fmt={fmt}")
    errors = []
    for part in (0.9, 0.6):
        limit = int(len(whole) * part)
        data = body(server, photo, f"fmt={fmt}&max_bytes={limit}")
        assert len(data) <= limit
        shown = opened(data)
        assert (shown.format, shown.size) == (KINDS[fmt], SIZE)
        errors.append(difference(resized(shown.convert("RGB"), 100, 63),
                                 resized(photograph(*SIZE), 100, 63)))  # fmt: skip
    assert max(errors) < (7 if fmt == "gif" else 4)


@pytest.mark.parametrize("fmt", ["jpg", "webp", "avif"])
def test_the_room_there_is_gets_used(server: Server, photo: str, fmt: str) -> None:
    limit = len(body(server, photo, f"fmt={fmt}")) * 2 // 3
    assert len(body(server, photo, f"fmt={fmt}&max_bytes={limit}")) > 0.75 * limit


@pytest.mark.parametrize("fmt", KINDS)
def test_what_fits_anyway_is_not_made_worse(server: Server, photo: str, fmt: str) -> None:
    for query in (f"fmt={fmt}", f"fmt={fmt}&q=40"):
        assert body(server, photo, f"{query}&max_bytes=5m") == body(server, photo, query)


@pytest.mark.parametrize("fmt", KINDS)
def test_what_cannot_be_that_small_is_refused_with_what_can(
    server: Server, photo: str, fmt: str
) -> None:
    reply = server.get(f"/img/{photo}?fmt={fmt}&max_bytes=100")
    assert reply.status_code == 422
    problem = reply.json()
    assert (problem["field"], problem["given"]) == ("max_bytes", "100")
    assert "smaller w" in problem["detail"]
    smallest = int(problem["allowed"].split()[0])
    assert str(smallest) in problem["detail"]
    assert len(body(server, photo, f"fmt={fmt}&max_bytes={smallest}")) <= smallest


@pytest.mark.parametrize("fmt", ["png", "webp", "avif"])
def test_lossless_is_kept_or_refused(server: Server, drawing: str, fmt: str) -> None:
    exact = body(server, drawing, f"fmt={fmt}&lossless=1")
    query = f"fmt={fmt}&lossless=1&max_bytes="
    assert body(server, drawing, f"{query}{len(exact)}") == exact
    reply = server.get(f"/img/{drawing}?{query}{len(exact) - 1}")
    assert reply.status_code == 422
    assert reply.json()["field"] == "max_bytes"


@pytest.mark.parametrize(("accept", "kind"), [(CHROME, "WEBP"), ("*/*", "PNG")])
def test_auto_gives_up_exactness_before_the_limit(server: Server, accept: str, kind: str) -> None:
    picture = rgb(chart(*SIZE)).quantize(64).convert("RGB")  # flat, and of many edges
    image_id = str(server.upload(encode(picture, "PNG"))["id"])
    exact = body(server, image_id, "", accept=accept)
    assert difference(opened(exact), picture) == 0
    limit = len(exact) * 3 // 4
    data = body(server, image_id, f"max_bytes={limit}", accept=accept)
    assert len(data) <= limit
    assert opened(data).format == kind
    assert 0 < difference(opened(data), picture) < 6


@pytest.mark.parametrize("fmt", ["gif", "webp"])
def test_an_animation_keeps_its_frames(server: Server, fmt: str) -> None:
    frames = [photograph(80, 60, seed) for seed in range(4)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0)
    image_id = str(server.upload(data)["id"])
    whole = body(server, image_id, f"fmt={fmt}")
    limit = len(whole) * 9 // 10
    smaller = body(server, image_id, f"fmt={fmt}&max_bytes={limit}")
    assert len(smaller) <= limit
    assert getattr(opened(smaller), "n_frames", 1) == 4
    tiny = server.upload(animation(frames=3))["id"]
    assert getattr(opened(body(server, tiny, f"fmt={fmt}&max_bytes=50k")), "n_frames", 1) == 3


def test_one_limit_has_one_key_however_it_is_spelt(server: Server, photo: str) -> None:
    tags = {
        server.get(f"/img/{photo}?fmt=jpg&max_bytes={text}").headers["etag"]
        for text in ("9000", "9k", "9K", "09000")
    }
    assert len(tags) == 1


@pytest.mark.parametrize("text", ["", "0", "99", "-5", "1.5k", "20kb", "k", "1e4", "2g", "1001m"])
def test_what_is_no_number_of_bytes_is_refused(server: Server, photo: str, text: str) -> None:
    reply = server.get(f"/img/{photo}?fmt=jpg&max_bytes={text}")
    assert reply.status_code == 400
    assert reply.json()["field"] == "max_bytes"


@given(st.integers(LEAST, MOST))
def test_a_number_of_bytes_is_read_as_it_is_written(value: int) -> None:
    assert ByteCount.parse(str(ByteCount(value))) == ByteCount(value)
    if value % 1000 == 0:
        assert ByteCount.parse(f"{value // 1000}k") == ByteCount(value)


@given(
    st.integers(1, 100),
    st.floats(0.1, 6),
    st.integers(200, 60_000),
    st.integers(100, 100_000),
)
def test_few_encodes_find_what_fits_wherever_anything_does(
    highest: int, steepness: float, size: int, limit: int
) -> None:
    sizes: list[int] = []

    def encoded(quality: int) -> bytes:
        sizes.append(round(size * math.exp(steepness * (quality - 100) / 100)))
        return bytes(sizes[-1])

    rungs = fitting.qualities(highest)
    least = len(encoded(rungs[-1][0]))
    sizes.clear()
    if least > limit:
        with pytest.raises(PixelError) as refused:
            fitting.fit(limit, rungs, encoded, advice="")
        assert refused.value.field == "max_bytes"
        assert sizes[-1] == min(sizes) == least
    else:
        data = fitting.fit(limit, rungs, encoded, advice="")
        assert len(data) == max(size for size in sizes if size <= limit)
    assert len(sizes) <= fitting.ENCODES


def test_no_encode_is_begun_that_the_deadline_would_cut_off() -> None:
    made = []

    def encoded(quality: int) -> bytes:
        made.append(quality)
        return bytes(1000 + quality)

    deadline.begin(-1.0)
    try:
        with pytest.raises(PixelError, match="in the time there is") as refused:
            fitting.fit(500, fitting.qualities(80), encoded, advice="")
    finally:
        deadline.begin(math.inf)
    assert made == [80]
    assert refused.value.allowed.startswith("1080 ")
