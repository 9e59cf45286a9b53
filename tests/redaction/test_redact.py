"""What is filled holds nothing of what was there, and what is not filled stays as it was."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import pyvips
from PIL import Image

from helpa import DrawContext, Grid, Size
from helpa.core.grid import grid_of
from helpa.core.pixels.coding import coding_of
from helpa.core.pixels.opening import Source, open_source, read_header
from helpa.core.pixels.resample import resample
from helpa_redaction.coverage import Coverage, covered
from helpa_redaction.draw.redact import redact
from helpa_redaction.shapes import Region

Pixels = npt.NDArray[np.uint8]

REGION = Region("rect", 53, 42, 33, 17)
WIDTH, HEIGHT = 150, 107
SIZE = Size(WIDTH, HEIGHT)

STYLES: list[dict[str, Any]] = [
    {"style": "solid", "colour": [200, 20, 20]},
    {"style": "decoy", "cell": 8},
]


def noise(seed: int, bands: int = 3, size: Size = SIZE) -> Pixels:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (size.height, size.width, bands), dtype=np.uint8)


def secret_in(pixels: Pixels, seed: int, region: Region = REGION) -> Pixels:
    """Return a picture with something else in a rectangle."""
    x, y, w, h = (round(value) for value in (region.x, region.y, region.w, region.h))
    changed = pixels.copy()
    changed[y : y + h, x : x + w] = noise(seed, pixels.shape[2])[:h, :w]
    return changed


def vips(pixels: Pixels) -> pyvips.Image:
    # A copy, for libvips copies nothing that is in memory, and lets it go.
    image = pyvips.Image.new_from_array(pixels).copy()
    return image.copy(interpretation="b-w" if pixels.shape[2] < 3 else "srgb")


def drawn(
    image: pyvips.Image, coverage: Coverage, planned: Size | None = None, **args: Any
) -> Pixels:
    size = planned or Size(image.width, image.height)
    context = DrawContext(size, size, alpha=True)
    result = redact(image, {"rects": coverage.rects, **args}, context)
    assert (result.width, result.height) == (image.width, image.height)
    assert result.format == "uchar"
    assert result.interpretation == ("b-w" if result.bands < 3 else "srgb")
    pixels: Pixels = result.numpy()
    return pixels.reshape(result.height, result.width, result.bands)


def mask(coverage: Coverage) -> npt.NDArray[np.bool_]:
    found = np.zeros((coverage.size.height, coverage.size.width), bool)
    for x, y, w, h in coverage.rects:
        found[y : y + h, x : x + w] = True
    return found


def stored(upright: Pixels, orientation: int) -> Pixels:
    """Return the pixels that an orientation makes upright."""
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: a.transpose(1, 0, 2)[::-1],
        7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
        8: lambda a: a.transpose(1, 0, 2)[:, ::-1],
    }
    return np.ascontiguousarray(turns[orientation](upright))


def jpeg(path: Path, upright: Pixels, orientation: int, mode: str, **options: Any) -> Path:
    pixels = stored(upright, orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
    image.save(path, "JPEG", exif=exif, **options)
    return path


def opened(path: Path, kind: str, margin: int = 2) -> tuple[pyvips.Image, Coverage, Grid]:
    """Return the upright picture of a file, and what a redaction fills of it."""
    source = Source(str(path), kind)
    header, coding = read_header(source), coding_of(path, kind)
    grid = grid_of(
        kind, (header.width, header.height), header.orientation,
        lossy=coding.lossy, sampling=coding.sampling, anchored=coding.anchored,
        smoothed=coding.smoothed,
    )  # fmt: skip
    return open_source(source), covered([REGION], header.upright, grid, margin), grid


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {"subsampling": 0, "quality": 85}),
        ("RGB", {"subsampling": 1, "quality": 60}),
        ("RGB", {"subsampling": 2, "quality": 30}),
        ("RGB", {"subsampling": 2, "quality": 95, "progressive": True}),
        ("L", {"quality": 50}),
        ("CMYK", {"quality": 70}),
    ],
)
def test_two_jpegs_that_differ_only_under_a_region_are_equal_afterwards(
    tmp_path: Path, orientation: int, mode: str, options: dict[str, Any]
) -> None:
    first = noise(1, len(mode))
    files = [
        jpeg(tmp_path / f"{n}.jpg", pixels, orientation, mode, **options)
        for n, pixels in enumerate((first, secret_in(first, 2)))
    ]
    (one, coverage, _), (two, same, _) = (opened(path, "jpg") for path in files)
    assert coverage == same
    # In memory, for it is read more than once.
    one, two = one.copy_memory(), two.copy_memory()
    assert (one.numpy() != two.numpy()).any(), "nothing was hidden"
    for style in STYLES:
        assert np.array_equal(drawn(one, coverage, **style), drawn(two, coverage, **style))
    assert coverage.share < 0.5, "more than the region is gone"


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_jpeg_flows_one_pixel_over_a_line_where_chroma_is_subsampled(
    tmp_path: Path, subsampling: int
) -> None:
    first = noise(1)
    files = [
        jpeg(tmp_path / f"{n}.jpg", pixels, 1, "RGB", subsampling=subsampling)
        for n, pixels in enumerate((first, secret_in(first, 2)))
    ]
    one, two = (opened(path, "jpg")[0].numpy().astype(int) for path in files)
    changed = (one != two).any(axis=2)
    _, _, grid = opened(files[0], "jpg")
    for bleed, holds in ((0, subsampling == 0), (1, True)):
        bare = Grid(grid.w, grid.h, 0, 0, bleed)
        coverage = covered([REGION], SIZE, bare, 1)
        assert (changed & ~mask(coverage)).any() != holds
    assert grid.bleed >= (0 if subsampling == 0 else 2)


def test_a_jpeg_whose_last_scans_are_missing_spreads_no_further_than_its_grid(
    tmp_path: Path,
) -> None:
    flat = np.full((HEIGHT * 2, WIDTH * 2, 3), 90, np.uint8)
    region = Region("rect", 130, 90, 20, 20)
    both = []
    for number, pixels in enumerate((flat, secret_in(flat, 2, region))):
        path = jpeg(tmp_path / f"{number}.jpg", pixels, 1, "RGB", progressive=True, subsampling=2)
        data = path.read_bytes()
        scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
        path.write_bytes(data[: scans[1]] + b"\xff\xd9")
        both.append(opened(path, "jpg"))
    (one, _, grid), (two, _, _) = both
    coverage = covered([region], Size(WIDTH * 2, HEIGHT * 2), grid, 2)
    changed = (one.numpy() != two.numpy()).any(axis=2)
    assert changed.any()
    assert not (changed & ~mask(coverage)).any()
    tight = covered([region], Size(WIDTH * 2, HEIGHT * 2), Grid(16, 16, 0, 0, 2), 2)
    assert (changed & ~mask(tight)).any(), "nothing is smoothed: the rule is of no use"


def screenshot(seed: int) -> Pixels:
    """Return dark words on a light ground."""
    pixels = np.full((HEIGHT * 2, WIDTH * 2, 3), 245, np.uint8)
    rng = np.random.default_rng(seed)
    for top in range(8, HEIGHT * 2 - 12, 16):
        for left in range(8, WIDTH * 2 - 12, 6):
            letter = rng.random((10, 5)) < 0.4
            pixels[top : top + 10, left : left + 5][letter] = (20, 30, 60)
    return pixels


@pytest.mark.parametrize(("kind", "mean"), [("webp", 3), ("avif", 3)])
def test_what_predicting_codecs_change_outside_of_a_region_is_noise(
    tmp_path: Path, kind: str, mean: float
) -> None:
    """Their blocks are predicted from those before: what is outside cannot be equal to the bit."""
    first = screenshot(1)
    second = first.copy()
    second[42:59, 53:86] = screenshot(2)[42:59, 53:86]
    pictures = []
    for number, pixels in enumerate((first, second)):
        path = tmp_path / f"{number}.{kind}"
        Image.fromarray(pixels).save(path, quality=80)
        image, coverage, _ = opened(path, kind)
        pictures.append(image.copy_memory())
    one, two = pictures
    for style in STYLES:
        ours, theirs = (drawn(each, coverage, **style).astype(int) for each in (one, two))
        assert np.abs(ours - theirs).mean() < mean
        if style["style"] == "solid":
            inside = mask(coverage)
            assert np.array_equal(ours[inside], theirs[inside])


@pytest.mark.parametrize("style", STYLES, ids=lambda style: str(style["style"]))
@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_nothing_of_what_is_filled_is_left_and_all_else_stays(
    style: dict[str, Any], bands: int
) -> None:
    first = noise(1, bands)
    coverage = covered([REGION, Region("ellipse", 5, 5, 40, 30)], SIZE)
    inside = mask(coverage)
    second = first.copy()
    second[inside] = noise(5, bands)[inside]
    ours, theirs = (drawn(vips(each), coverage, **style) for each in (first, second))
    assert np.array_equal(ours, theirs)
    if bands in (2, 4):
        assert (ours[inside][:, -1] == 255).all()
        clear = first[:, :, -1] == 0
        assert clear[~inside].any()
        assert (ours[clear & ~inside] == 0).all()
        assert np.array_equal(ours[:, :, -1][~inside], first[:, :, -1][~inside])
    seen = ~inside & (first[:, :, -1] > 0 if bands in (2, 4) else True)
    kept = ours[seen] if ours.shape[2] == bands else ours[seen][:, :1]
    expected = first[seen] if ours.shape[2] == bands else first[seen][:, :1]
    assert np.array_equal(kept, expected)
    if style["style"] == "solid":
        assert ours.shape[2] == {1: 3, 2: 4}.get(bands, bands)
        assert (ours[inside][:, :3] == style["colour"]).all()


def test_grey_pictures_stay_grey_under_grey() -> None:
    coverage = covered([REGION], SIZE)
    found = drawn(vips(noise(1, 1)), coverage, style="solid", colour=[9, 9, 9])
    assert found.shape[2] == 1
    assert (found[mask(coverage)] == 9).all()


@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.parametrize("bands", [1, 3, 4])
def test_pictures_of_sixteen_bits(tmp_path: Path, kind: str, bands: int) -> None:
    files = []
    deep = np.random.default_rng(1).integers(0, 65536, (HEIGHT, WIDTH, bands), dtype=np.uint16)
    for number in range(2):
        image = pyvips.Image.new_from_array(deep).copy(
            interpretation="grey16" if bands == 1 else "rgb16"
        )
        path = tmp_path / f"{number}.{kind}"
        image.write_to_file(str(path))
        files.append(path)
        deep = deep.copy()
        deep[42:59, 53:86] ^= 0x5555
    (one, coverage, grid), (two, _, _) = (opened(path, kind) for path in files)
    assert grid == Grid()
    one, two = one.copy_memory(), two.copy_memory()
    for style in STYLES:
        assert np.array_equal(drawn(one, coverage, **style), drawn(two, coverage, **style))


@pytest.mark.parametrize("style", STYLES, ids=lambda style: str(style["style"]))
@pytest.mark.parametrize("scale", [0.9, 0.5, 0.31, 0.125])
def test_on_a_smaller_level_no_pixel_that_mixes_is_left(
    style: dict[str, Any], scale: float
) -> None:
    planned = Size(600, 400)
    size = Size(round(600 * scale), round(400 * scale))
    first = noise(1, 3, planned)
    coverage = covered([Region("rect", 201, 150, 33, 17), Region("rect", 260, 150, 9, 9)], planned)
    second = first.copy()
    second[mask(coverage)] = 255
    ours, theirs = (
        drawn(resample(vips(each), size), coverage, planned, **style) for each in (first, second)
    )
    assert np.array_equal(ours, theirs)
    plain = resample(vips(first), size).numpy()
    assert (ours == plain).all(axis=2).mean() > 0.4, "more than was to be hidden is gone"


def test_a_level_that_is_jpeg_is_filled_by_its_blocks() -> None:
    first = noise(1)
    coverage = covered([REGION], SIZE)
    pictures = []
    for pixels in (first, secret_in(first, 2)):
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG", quality=95, subsampling=0)
        pictures.append(vips(np.asarray(Image.open(out))))
    ours, theirs = (drawn(each, coverage, snap=8, **STYLES[0]) for each in pictures)
    assert np.array_equal(ours, theirs)


def test_regions_all_over_a_picture_are_each_filled() -> None:
    rng = np.random.default_rng(1)
    size = Size(300, 900)
    for count in (1, 2, 5, 80):
        spots = [(int(rng.integers(0, 290)), int(rng.integers(0, 890))) for _ in range(count)]
        coverage = covered([Region("rect", x, y, 3, 2) for x, y in spots], size)
        black = pyvips.Image.black(300, 900, bands=3).copy(interpretation="srgb")
        found = drawn(black, coverage, style="solid", colour=[1, 2, 3])
        assert np.array_equal((found == [1, 2, 3]).all(axis=2), mask(coverage))


def test_a_decoy_of_the_whole_picture_is_grey() -> None:
    coverage = covered([Region("rect", 0, 0, 99, 99)], Size(50, 40))
    for bands in (1, 3, 4):
        found = drawn(vips(noise(1, bands, Size(50, 40))), coverage, style="decoy", cell=8)
        assert (np.abs(found[:, :, 0].astype(int) - 128) < 20).all()
        assert len(np.unique(found[:, :, 0])) > 5


@pytest.mark.parametrize(
    "region",
    [
        Region("rect", 0, 0, 20, 20),
        Region("rect", 60, 50, 90, 90),
        Region("rect", 0, 30, 200, 3),
        Region("ellipse", -20, -20, 70, 60),
    ],
)
def test_a_decoy_at_an_edge_has_the_colours_of_its_border(region: Region) -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), (40, 90, 160), np.uint8)
    coverage = covered([region], SIZE)
    inside = mask(coverage)
    pixels[inside] = (255, 0, 0)
    found = drawn(vips(pixels), coverage, style="decoy", cell=8)
    assert np.abs(found[inside].astype(int).mean(axis=0) - (40, 90, 160)).max() < 8
    assert len(np.unique(found[inside], axis=0)) > 3
    again = drawn(vips(pixels), coverage, style="decoy", cell=8)
    assert np.array_equal(found, again)


def test_a_decoy_is_made_of_cells() -> None:
    coverage = covered([Region("rect", 34, 34, 60, 60)], Size(128, 128))
    found = drawn(vips(noise(1, 3, Size(128, 128))), coverage, style="decoy", cell=8)
    cell = found[40:48, 40:48]
    assert (cell == cell[0, 0]).all()
    assert (found[40, 40] != found[40, 48]).any()


def test_thousands_of_rectangles_take_no_time() -> None:
    size = Size(4000, 3000)
    regions = [Region("ellipse", 150 * (n % 20), 200 * (n // 20), 140, 190.5) for n in range(200)]
    coverage = covered(regions, size)
    assert len(coverage.rects) > 5000
    image = pyvips.Image.black(4000, 3000, bands=3).copy(interpretation="srgb")
    for style in STYLES:
        began = time.process_time()
        found = drawn(image, coverage, **style)
        assert time.process_time() - began < 5
        assert found.any()


def test_nothing_to_fill_changes_nothing_that_shows() -> None:
    pixels = noise(1)
    empty = Coverage(Size(WIDTH, HEIGHT), ())
    assert np.array_equal(drawn(vips(pixels), empty, **STYLES[0]), pixels)
