"""What an Accept header says, and what auto takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import VOCABULARY, picture
from helpa import InvalidValue
from helpa.core.accept import accept_class, choose_format

CHROME = b"image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (b"", 0),
        (b"*/*", 0),
        (b"image/*", 0),
        (b"image/*,*/*;q=0.8", 0),
        (b"image/png,image/jpeg", 0),
        (b"image/avif", 1),
        (b"image/webp", 2),
        (b"image/avif,image/webp", 3),
        (CHROME, 3),
        (b"text/html, IMAGE/WebP ; q=0.5 , */*", 2),
        (b"image/webp;q=0", 0),
        (b"image/webp;q=0.0", 0),
        (b"image/webp;q=0.000, image/avif;q=0.001", 1),
        (b"image/webp; Q=0", 0),
        (b"image/webp;level=1;q=0.3", 2),
        (b"image/webp;q=junk", 0),
        (b"image/webp;q=", 0),
        (b"image/webp;q=nan", 0),
        (b"image/webp;q=-1", 0),
        (b"image/webpx", 0),
        (b"ximage/webp", 0),
        (b"image/web", 0),
        (b",,;;,image/webp,,", 2),
        (b";q=1", 0),
        (b"\xff\xfe,image/avif", 1),
    ],
)
def test_only_named_types_with_weight_count(header: bytes, found: int) -> None:
    assert accept_class(header) == found


def test_several_headers_are_one_list() -> None:
    # The delivery joins repeated headers by commas, as RFC 9110 §5.3 has it.
    assert accept_class(b",".join([b"text/html", b"image/webp", b"image/avif;q=0"])) == 2


@given(st.binary(max_size=80))
def test_junk_has_a_class_too(header: bytes) -> None:
    assert accept_class(header) in range(4)


ENCODERS = VOCABULARY.encoders


@pytest.mark.parametrize(
    ("animated", "lossless", "alpha", "choices"),
    [
        # choices by class: nobody named, avif, webp, both
        (False, False, False, ["jpg", "avif", "webp", "avif"]),
        (False, False, True, ["png", "avif", "webp", "avif"]),
        (False, True, False, ["png", "png", "webp", "webp"]),
        (False, True, True, ["png", "png", "webp", "webp"]),
        (True, False, False, ["gif", "gif", "webp", "webp"]),
        (True, True, True, ["gif", "gif", "webp", "webp"]),
    ],
)
def test_auto_takes_what_the_picture_is_and_the_client_shows(
    animated: bool, lossless: bool, alpha: bool, choices: list[str]
) -> None:
    of = picture(alpha=alpha)
    got = [
        choose_format(of, accept, ENCODERS, animated=animated, lossless=lossless)
        for accept in range(4)
    ]
    assert got == choices


def test_auto_takes_another_format_where_the_wished_one_is_not_registered() -> None:
    only = {"png": ENCODERS["png"]}
    assert choose_format(picture(), 3, only, animated=False, lossless=False) == "png"
    with pytest.raises(InvalidValue, match="No encoder"):
        choose_format(picture(), 3, {}, animated=False, lossless=False)
