"""Makes QR and bar codes as images that pages hold."""

from __future__ import annotations

import base64
from random import Random
from typing import Any
from urllib.parse import quote

import pyvips
import zxingcpp

from bench.redaction.office import keys, values

FORMATS = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "aztec": zxingcpp.BarcodeFormat.Aztec,
    "128": zxingcpp.BarcodeFormat.Code128,
    "417": zxingcpp.BarcodeFormat.PDF417,
}


def image(text: str, kind: str = "qr", scale: int = 4) -> str:
    """Return a code of a text as a data URI of a PNG."""
    code = zxingcpp.create_barcode(text, FORMATS[kind])
    buffer: Any = code.to_image(scale=scale)
    pixels = memoryview(buffer)
    height, width = pixels.shape or (0, 0)
    grey = pyvips.Image.new_from_memory(bytes(pixels), width, height, 1, "uchar")
    png: bytes = grey.write_to_buffer(".png")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def content(random: Random, kind: str, lang: str) -> str:
    """Return what a code holds: ``url``, ``otpauth``, ``wifi``, ``vcard`` or ``mail``."""
    who = values.person(random, lang)
    if kind == "otpauth":
        secret = keys.fill(random, "<u32>")
        return f"otpauth://totp/{quote(who.firm)}:{who.email}?secret={secret}&issuer=Kestrel"
    if kind == "wifi":
        return f"WIFI:T:WPA;S:{who.name.split()[0]}-Guest;P:{keys.fill(random, '<a14>')};;"
    if kind == "vcard":
        lines = ("BEGIN:VCARD", "VERSION:3.0", f"FN:{who.name}", f"TEL:{who.phone}")
        return "\n".join((*lines, f"EMAIL:{who.email}", "END:VCARD"))
    if kind == "mail":
        return f"mailto:{who.email}"
    return f"https://{who.domain}/checkin?token={keys.fill(random, '<a32>')}"
