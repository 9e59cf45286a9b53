"""How pixels were coded, read from files good and bad, and the grid that comes of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from helpa import Grid, Size
from helpa.core.grid import grid_of, upright
from helpa.core.pixels.coding import (
    Coding,
    coding_of,
    heif_is_turned,
    jpeg_is_smoothed,
    jpeg_sampling,
    tiff_is_lossy,
    webp_frames,
    webp_is_lossy,
)
from helpa.core.pixels.inspect import inspect
from helpa_redaction.coverage import covered
from helpa_redaction.shapes import Region


def picture(mode: str = "RGB", size: tuple[int, int] = (70, 50)) -> Image.Image:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (size[1], size[0], len(mode)), dtype=np.uint8)
    return Image.frombytes(mode, size, pixels.tobytes())


def saved(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    picture(mode).save(out, kind, **options)
    return out.getvalue()


def with_factors(data: bytes, *factors: int) -> bytes:
    """Return a JPEG whose frame header says other sampling factors."""
    at = data.index(b"\xff\xc0")
    changed = bytearray(data)
    for number, factor in enumerate(factors):
        changed[at + 11 + 3 * number] = factor
    return bytes(changed)


@pytest.mark.parametrize(
    ("options", "sampling"),
    [
        ({"subsampling": 0}, (1, 1)),
        ({"subsampling": 1}, (2, 1)),
        ({"subsampling": 2}, (2, 2)),
        ({"subsampling": "4:1:1"}, (2, 2)),
        ({"subsampling": 2, "progressive": True}, (2, 2)),
        ({"subsampling": 0, "progressive": True}, (1, 1)),
        ({"subsampling": 2, "restart_marker_blocks": 1}, (2, 2)),
        ({"subsampling": 2, "comment": b"\xff\xc0 no frame " * 9}, (2, 2)),
    ],
)
def test_the_sampling_of_a_jpeg_is_read(options: dict[str, Any], sampling: tuple[int, int]) -> None:
    data = saved("JPEG", **options)
    assert jpeg_sampling(data) == sampling
    assert not jpeg_is_smoothed(data)


def test_the_sampling_of_grey_and_cmyk_and_odd_jpegs_is_read() -> None:
    assert jpeg_sampling(saved("JPEG", "L")) == (1, 1)
    assert jpeg_sampling(saved("JPEG", "CMYK")) == (1, 1)
    plain = saved("JPEG", subsampling=0)
    assert jpeg_sampling(with_factors(plain, 0x41, 0x11, 0x11)) == (4, 1)
    assert jpeg_sampling(with_factors(plain, 0x12, 0x11, 0x11)) == (1, 2)
    assert jpeg_sampling(with_factors(plain, 0x11, 0x22, 0x11)) == (2, 2)
    cmyk = saved("JPEG", "CMYK")
    assert jpeg_sampling(with_factors(cmyk, 0x22, 0x11, 0x11, 0x22)) == (2, 2)


def test_a_sampling_that_cannot_be_is_none() -> None:
    plain = saved("JPEG", subsampling=0)
    assert jpeg_sampling(with_factors(plain, 0x51)) is None
    assert jpeg_sampling(with_factors(plain, 0x10)) is None
    assert jpeg_sampling(b"") is None
    assert jpeg_sampling(plain[: plain.index(b"\xff\xc0") + 9]) is None
    assert jpeg_sampling(plain[:2] + b"\xff\xfe\xff\xff" + plain[2:]) is None


def test_a_progressive_jpeg_without_its_last_scans_is_smoothed() -> None:
    data = saved("JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    assert jpeg_is_smoothed(data[:last] + b"\xff\xd9")
    assert not jpeg_is_smoothed(saved("JPEG")[:-100] + b"\xff\xd9")


def test_a_webp_is_lossy_where_any_frame_is() -> None:
    assert webp_is_lossy(saved("WEBP"))
    assert not webp_is_lossy(saved("WEBP", lossless=True))
    assert webp_is_lossy(saved("WEBP", "RGBA", quality=50))
    assert not webp_is_lossy(saved("WEBP", "RGBA", lossless=True))
    several: dict[str, Any] = {"save_all": True, "append_images": [picture().rotate(9)]}
    assert webp_is_lossy(saved("WEBP", **several))
    assert not webp_is_lossy(saved("WEBP", lossless=True, **several))
    assert webp_is_lossy(saved("WEBP", lossless=True)[:16])
    assert webp_is_lossy(b"")


def test_frames_that_begin_within_the_canvas_are_seen() -> None:
    first, second = picture(), picture()
    second.putpixel((40, 30), (1, 2, 3))
    out = io.BytesIO()
    first.save(out, "WEBP", save_all=True, append_images=[second], kmin=9, kmax=10)
    assert webp_frames(out.getvalue()) == (True, True)
    assert webp_frames(saved("WEBP")) == (True, False)


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize(
    ("compression", "lossy"),
    [("none", False), ("deflate", False), ("lzw", False), ("jpeg", True), ("webp", True)],
)
def test_a_tiff_is_lossy_by_its_compression(compression: str, lossy: bool, bigtiff: bool) -> None:
    image = pyvips.Image.new_from_array(np.zeros((32, 32, 3), np.uint8))
    data = image.tiffsave_buffer(compression=compression, tile=True, bigtiff=bigtiff)
    assert tiff_is_lossy(data) == lossy
    assert tiff_is_lossy(data[: len(data) // 2] if lossy else b"MM\0*")


def test_a_second_page_of_a_tiff_counts() -> None:
    pages: dict[str, Any] = {"save_all": True, "append_images": [picture()]}
    assert not tiff_is_lossy(saved("TIFF", compression="tiff_lzw", **pages))
    assert tiff_is_lossy(saved("TIFF", compression="jpeg", **pages))


def test_a_heif_is_anchored_only_where_nothing_says_otherwise() -> None:
    plain = saved("AVIF")
    assert not heif_is_turned(plain)
    assert heif_is_turned(plain.replace(b"ispe", b"irot", 1))
    assert heif_is_turned(b"")


READERS: list[Callable[[bytes], object]] = [
    jpeg_sampling, jpeg_is_smoothed, webp_frames, tiff_is_lossy, heif_is_turned,
]  # fmt: skip
GOOD = [
    saved("JPEG"), saved("JPEG", progressive=True), saved("WEBP", lossless=True), saved("AVIF"),
    saved("TIFF", compression="tiff_lzw"),
]  # fmt: skip


@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 700), st.binary(max_size=9)), max_size=6),
    st.integers(0, 3000),
)
def test_damaged_files_are_read_without_an_error(
    data: bytes, changes: list[tuple[int, bytes]], length: int
) -> None:
    for at, new in changes:
        data = data[:at] + new + data[at + len(new) :]
    for reader in READERS:
        reader(data[:length])


@pytest.mark.parametrize("rubbish", [b"\xff", b"\xff\xc2", b"\xff\xda\0\x02", b"\xff\0", b"VP8L"])
def test_long_rubbish_takes_no_time(rubbish: bytes) -> None:
    for start in (b"\xff\xd8", b"RIFF\0\0\0\0WEBP", b"II*\0\x08\0\0\0"):
        for reader in READERS:
            reader(start + rubbish * (4_000_000 // len(rubbish)))


def test_formats_have_a_grid(tmp_path: Path) -> None:
    def grid(kind: str, data: bytes, orientation: int = 1) -> Grid:
        path = tmp_path / "file"
        path.write_bytes(data)
        coding = coding_of(path, kind)
        return grid_of(
            kind, (70, 50), orientation,
            lossy=coding.lossy, sampling=coding.sampling, anchored=coding.anchored,
            smoothed=coding.smoothed,
        )  # fmt: skip

    assert grid("jpg", saved("JPEG", subsampling=0)) == Grid(8, 8, 0, 0, 0)
    assert grid("jpg", saved("JPEG", subsampling=2)) == Grid(16, 16, 0, 0, 2)
    assert grid("jpg", saved("JPEG", subsampling=1), 6) == Grid(8, 16, 50 % 8, 0, 2)
    assert grid("jpg", saved("JPEG", subsampling=2), 3) == Grid(16, 16, 70 % 16, 50 % 16, 2)
    assert grid("jpg", b"") == Grid(32, 32, 0, 0, 96)
    assert grid("webp", saved("WEBP")) == Grid(16, 16, 0, 0, 8)
    assert grid("webp", saved("WEBP", lossless=True)) == Grid()
    assert grid("avif", saved("AVIF")) == Grid(64, 64, 0, 0, 18)
    assert grid("avif", b"") == Grid(1, 1, 0, 0, 81)
    assert grid("tiff", saved("TIFF", compression="jpeg")) == Grid(1, 1, 0, 0, 71)
    for kind in ("png", "gif", "bmp", "ico", "svg"):
        assert coding_of(tmp_path / "file", kind) == Coding(lossy=False)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_lines_of_a_grid_turn_with_the_picture(orientation: int) -> None:
    """Each block of a stored picture, marked with its number, stays whole when it is upright."""
    wide, high, w, h = 43, 29, 16, 8
    y, x = np.mgrid[0:high, 0:wide]
    marks = ((y // h) * 8 + x // w + 1).astype(np.uint8)
    image = pyvips.Image.new_from_array(marks).copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    turned = image.autorot().numpy()
    grid = Grid(w, h).moved(upright((wide, high), orientation))
    by, bx = np.mgrid[0 : turned.shape[0], 0 : turned.shape[1]]
    blocks = ((by - grid.y) // grid.h) * 100 + (bx - grid.x) // grid.w
    for block in np.unique(blocks):
        assert len(np.unique(turned[blocks == block])) == 1
    assert len(np.unique(blocks)) == len(np.unique(marks))


GRIDS = st.builds(
    lambda w, h, x, y, bleed: Grid(w, h, x % w, y % h, bleed),
    st.sampled_from([1, 2, 8, 16]),
    st.sampled_from([1, 4, 8, 16]),
    st.integers(0, 15) | st.just(0),
    st.integers(0, 15) | st.just(0),
    st.integers(0, 9) | st.just(0),
)


@given(GRIDS, GRIDS, st.integers(0, 50), st.integers(0, 40))
def test_two_codecs_after_each_other_spread_no_further_than_their_grid(
    first: Grid, second: Grid, x: int, y: int
) -> None:
    size = Size(60, 45)

    def spread(rects: list[list[int]], grid: Grid) -> list[list[int]]:
        # A margin is taken off again that covering always adds.
        inner = [Region("rect", x + 1, y + 1, w - 2, h - 2) for x, y, w, h in rects]
        return covered(inner, size, grid, 1).rects

    once = [[x, y, 3, 3]]
    both = spread(spread(once, first), second)
    together = covered([Region("rect", x + 1, y + 1, 1, 1)], size, first.then(second), 1)
    for left, top, w, h in both:
        for i in range(left, left + w):
            for j in range(top, top + h):
                assert together.holds(i, j)


def test_grids_of_one_codec_twice() -> None:
    assert Grid().then(Grid(8, 8)) == Grid(8, 8)
    assert Grid(8, 8, 3, 0, 2).then(Grid()) == Grid(8, 8, 3, 0, 2)
    assert Grid(8, 8).then(Grid(8, 8)) == Grid(8, 8)
    assert Grid(16, 16, 0, 0, 2).then(Grid(16, 16, 0, 0, 2)) == Grid(16, 16, 0, 0, 18)
    assert Grid(8, 8).then(Grid(8, 8, 4, 4)) == Grid(8, 8, 0, 0, 7)


def test_an_upload_is_inspected_for_its_grid(tmp_path: Path) -> None:
    path = tmp_path / "file"
    exif = Image.Exif()
    exif[0x0112] = 6
    path.write_bytes(saved("JPEG", subsampling=1, exif=exif))
    limits = dict.fromkeys(("input_pixels", "animation_pixels", "frames"), 10**9)
    facts, _ = inspect({"path": str(path), "format": "jpg", "limits": limits})
    assert Grid(**facts["grid"]) == Grid(8, 16, 50 % 8, 0, 2)
