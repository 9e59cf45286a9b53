"""Pictures within pages: QR and bar codes."""

from __future__ import annotations

import string
from random import Random
from typing import Any

from bench.redaction.secrets import ALNUM, HOSTS, email, some


def code_picture(random: Random, kind: str, *, inverted: bool = False) -> bytes:
    """Return a QR or bar code as PNG, with a narrow quiet zone.

    Args:
        random: what draws its content.
        kind: as zxing-cpp calls it: ``QRCode``, ``Code128`` or ``EAN13``.
        inverted: light on dark.
    """
    import pyvips
    import zxingcpp

    text = content(random, kind)
    made: Any = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    scale = 4 if kind == "QRCode" else 2
    pixels = memoryview(made.to_image(scale=scale, add_quiet_zones=False))
    height, width = pixels.shape or (1, 1)
    grey = pyvips.Image.new_from_memory(bytes(pixels), width, height, 1, "uchar")
    quiet = 2 * scale
    grey = grey.embed(quiet, quiet, width + 2 * quiet, height + 2 * quiet, extend="white")
    return bytes((grey.invert() if inverted else grey).write_to_buffer(".png"))


def content(random: Random, kind: str) -> str:
    """Return what a code holds."""
    if kind == "EAN13":
        digits = some(random, string.digits, 12)
        total = sum(int(c) * (3 if place % 2 else 1) for place, c in enumerate(digits))
        return digits + str(-total % 10)
    if kind == "Code128":
        return some(random, string.ascii_uppercase + string.digits, 12)
    host = random.choice(HOSTS)
    return random.choice(
        (
            f"otpauth://totp/{host}?secret={some(random, string.ascii_uppercase, 16)}",
            f"https://{host}/login?token={some(random, ALNUM, 20)}",
            f"WIFI:S:office;T:WPA;P:{some(random, ALNUM, 10)};;", f"mailto:{email(random)}",
        )
    )  # fmt: skip
