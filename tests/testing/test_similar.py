"""``assert_similar``: the measure against published values, and what it says."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpa.testing import assert_similar, difference, encode, picture
from helpa.testing.similar import ciede2000

# From the supplementary data of Sharma, Wu and Dalal (2005).
PUBLISHED = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "expected"), PUBLISHED)
def test_the_measure_is_ciede2000(
    one: tuple[float, ...], other: tuple[float, ...], expected: float
) -> None:
    for a, b in ((one, other), (other, one)):
        found = ciede2000(np.array([a], float), np.array([b], float))
        assert found[0] == pytest.approx(expected, abs=5e-5)


def test_equal_pictures_do_not_differ_whatever_form_they_come_in(tmp_path: Path) -> None:
    image = picture(40, 30)
    path = tmp_path / "p.png"
    image.save(path)
    for form in (image, encode(image), path, np.asarray(image)):
        assert_similar(form, image, mean=0, maximum=0)


def test_the_message_says_how_much_and_where() -> None:
    image = picture(100, 80)
    other = image.copy()
    other.paste((255, 0, 255), (60, 20, 70, 35))
    with pytest.raises(AssertionError) as raised:
        assert_similar(other, image)
    message = str(raised.value)
    assert "mean ΔE00" in message
    assert "Allowed: mean 1, maximum 10." in message
    found = difference(other, image)
    assert found.box == (60, 20, 69, 34)
    assert f"x={found.at[0]}, y={found.at[1]}" in message
    assert "x 60–69, y 20–34" in message


def test_one_wrong_pixel_passes_no_maximum() -> None:
    image = picture(400, 300, "photograph")
    other = image.copy()
    other.putpixel((7, 9), (255, 255, 255))
    assert difference(other, image).mean < 0.001
    with pytest.raises(AssertionError, match="x=7, y=9"):
        assert_similar(other, image)


def test_a_good_jpeg_is_similar_and_a_bad_one_is_not() -> None:
    image = picture(300, 200, "photograph")
    assert_similar(encode(image, "JPEG", quality=97, subsampling=0), image, mean=1.2)
    with pytest.raises(AssertionError):
        assert_similar(encode(image, "JPEG", quality=5), image, mean=1.2, maximum=100)


def test_transparency_is_compared_over_white_and_over_black() -> None:
    clear = Image.new("RGBA", (10, 10), (255, 255, 255, 0))
    with pytest.raises(AssertionError):
        assert_similar(clear, Image.new("RGB", (10, 10), "white"))
    assert_similar(clear, Image.new("RGBA", (10, 10), (9, 99, 0, 0)), mean=0, maximum=0)


def test_size_and_number_of_frames_must_be_equal() -> None:
    with pytest.raises(AssertionError, match="40×30 px, expected 30×40 px"):
        assert_similar(picture(40, 30), picture(30, 40))
    with pytest.raises(AssertionError, match="4 frames, expected 1"):
        assert_similar(picture(40, 30, "animated"), picture(40, 30))


def test_the_frame_that_differs_is_named() -> None:
    image = picture(40, 30, "animated")
    frames = []
    for number in range(4):
        image.seek(number)
        frames.append(image.convert("RGB"))
    frames[2] = Image.new("RGB", (40, 30), (0, 255, 0))
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(AssertionError, match="of frame 2"):
        assert_similar(buffer.getvalue(), image)
