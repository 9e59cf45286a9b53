"""From ``/imgix/<path>?…`` to Helpa's parameters."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

from helpa import Forbidden, Translation
from helpa.dialects import Draft, Option, decoded_path, locate, named, read_query
from helpa_imgix.effects import effects
from helpa_imgix.geometry import geometry
from helpa_imgix.output import output
from helpa_imgix.overlays import overlays
from helpa_imgix.words import ALIASES, BASE64, KNOWN, PAGE, REFUSED

NOTHING = frozenset({"0", "false"})
"""Values that ask for nothing."""

NAMES = {**ALIASES, **BASE64}


def translate(
    path: bytes, query: bytes, *, source: str | None, token: str | None, drop_query: bool
) -> Translation:
    """Return what a URL means.

    Args:
        path: after the prefix, as it came.
        query: as it came.
        source: the source that paths are in, or None.
        token: imgix's secure URL token, or None.
        drop_query: whether a query of the picture's URL is dropped.

    Raises:
        RequestError: it cannot be said in Helpa's words; names the parameter.
    """
    if token is not None:
        _check(path, query, token)
    options = _merged(map(_plain, read_query(query)))
    given = named(options, KNOWN, NAMES, PAGE, hints=(*KNOWN, *ALIASES))
    for name, why in REFUSED.items():
        if name in given and given[name].text.lower() not in NOTHING:
            raise given[name].unmapped(why)
    draft = Draft()
    for read in (geometry, effects, overlays, output):
        read(given, draft)
    subject = locate(decoded_path(path), source, name="path", drop_query=drop_query)
    return draft.translation(subject)


def signature(path: bytes, query: bytes, token: str) -> str:
    """Return the ``s`` that imgix's libraries give a URL.

    Args:
        path: without the slash before it, as it is sent.
        query: as it is sent, without ``s``.
        token: the secure URL token.
    """
    message = token.encode() + b"/" + path + (b"?" + query if query else b"")
    return hashlib.md5(message, usedforsecurity=False).hexdigest()


def _check(path: bytes, query: bytes, token: str) -> None:
    pieces = query.split(b"&")
    given = [piece[2:] for piece in pieces if piece.startswith(b"s=")]
    rest = b"&".join(piece for piece in pieces if not piece.startswith(b"s="))
    if given and not hmac.compare_digest(given[0].lower(), signature(path, rest, token).encode()):
        raise Forbidden(
            "The signature is not right for this URL.",
            field="s",
            given=given[0].decode("latin-1")[:40],
            allowed="the URL exactly as it was signed",
        )


def _plain(option: Option) -> Option:
    """Return an option with its value as it would be without Base64."""
    if option.name not in BASE64:
        return option
    try:
        if not re.fullmatch(r"[A-Za-z0-9_-]*=*", option.text):
            raise ValueError(option.text)
        text = option.text.rstrip("=")
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return Option(option.name, raw.decode("utf-8"))
    except ValueError:
        raise option.refused("UTF-8 in URL-safe Base64") from None


def _merged(options: Iterable[Option]) -> list[Option]:
    """Return the options with every ``auto`` as one: imgix lets that one be repeated."""
    found = list(options)
    auto = ",".join(option.text for option in found if option.name == "auto")
    rest = [option for option in found if option.name != "auto"]
    return [*rest, Option("auto", auto)] if len(rest) < len(found) else rest
