"""The end of a URL: which picture, and in which format."""

from __future__ import annotations

import re
from urllib.parse import unquote

from helpa import ImageId, SourcePath, SourceUrl, invalid
from helpa_imgproxy.arguments import Option, from_base64
from helpa_imgproxy.settings import ImgproxySettings

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

Subject = ImageId | SourcePath | SourceUrl


def read(settings: ImgproxySettings, segments: list[str]) -> tuple[Subject, str]:
    """Return the picture that the last segments name, and its extension or nothing.

    Args:
        settings: base URL, and sources by what URLs begin with.
        segments: from the first that is no option on.

    Raises:
        InvalidValue: they name none, or one that is encrypted or in no source.
    """
    whole = Option("source", ("/".join(segments),))
    if segments[:1] == ["enc"] and len(segments) > 1:
        raise whole.unmapped("encrypted source URLs are not read.", "plain/… or base64")
    if segments[:1] == ["plain"] and len(segments) > 1:
        named, extension = _split(whole, "/".join(segments[1:]), "@")
        text = _unquoted(whole, named)
    else:
        encoded, extension = _split(whole, "".join(segments), ".")
        found = from_base64(encoded)
        if found is None and _is_id(encoded):
            return ImageId.parse(encoded), extension
        if found is None:
            raise whole.wrong(0, "plain/<URL>, <URL in URL-safe base64>, or an image id")
        text = found
    if not text or not text.isprintable():
        raise whole.wrong(0, "a picture: its URL or id")
    return _subject(settings, whole, text), extension


def _split(whole: Option, text: str, mark: str) -> tuple[str, str]:
    stem, *more = text.split(mark)
    if not stem or len(more) > 1:
        raise whole.wrong(0, f"a picture, and perhaps one {mark}<extension>")
    return stem, more[0] if more else ""


def _subject(settings: ImgproxySettings, whole: Option, text: str) -> Subject:
    if _is_id(text):
        return ImageId.parse(text)
    if settings.base_url and not text.startswith(settings.base_url):
        text = settings.base_url + text
    for prefix in sorted(settings.sources, key=len, reverse=True):
        if text.startswith(prefix.rstrip("/") + "/"):
            path = text[len(prefix.rstrip("/")) :].lstrip("/")
            if "?" in path:
                raise invalid("source", text, "a path without a query")
            return SourcePath(settings.sources[prefix], _unquoted(whole, path))
    scheme = SCHEME.match(text)
    if scheme is None:
        raise invalid("source", text, "http://…, https://…, or an image id")
    if scheme.group(1).lower() not in ("http", "https"):
        reason = f"no source is named for {text[:60]} in sources of the plugin imgproxy."
        raise whole.unmapped(reason, ", ".join(sorted(settings.sources)) or "http://…, https://…")
    return SourceUrl(text.replace("#", "%23"))


def _is_id(text: str) -> bool:
    return re.fullmatch(ImageId.pattern[1:-1], text, re.ASCII) is not None


def _unquoted(whole: Option, text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise whole.wrong(0, "percent-encoded UTF-8") from None
