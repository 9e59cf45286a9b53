"""The strict grammar of ``/img/<id>[.ext]?…``: from raw bytes to canonical parameters."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from helpa.core.control import Word
from helpa.core.errors import InvalidValue, NotFound, invalid, nearest, shorten
from helpa.core.parameters import close_names
from helpa.core.vocabulary import Vocabulary

NOT_IN_PRESETS = {
    "p": "a preset cannot name another preset",
    "sig": "a preset cannot hold a signature",
    "explain": "a preset is for renditions, not for how they came about",
}

IMAGE_PATH = re.compile(rb"/img/([A-Za-z0-9_-]{22})(?:\.([A-Za-z0-9]{1,10}))?")


@dataclass(frozen=True)
class Query:
    """What a URL asks for, in canonical terms.

    Args:
        values: value by canonical parameter name, only those given.
        spelling: the name each came under.
        preset: names among ``values`` that a preset supplied.
        texts: the values as they were given, percent-decoded, by canonical name; what links sign.
    """

    values: Mapping[str, Any]
    spelling: Mapping[str, str] = field(default_factory=dict)
    preset: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """Return the value of a parameter, or None where it was not given."""
        return self.values.get(name)

    def without(self, *names: str) -> Query:
        """Return the same query without some parameters."""
        return replace(
            self,
            values={name: value for name, value in self.values.items() if name not in names},
            texts={name: text for name, text in self.texts.items() if name not in names},
        )

    def canonical(self, vocabulary: Vocabulary) -> str:
        """Return the one text that stands for this query: canonical names and values, sorted.

        Presets are not expanded: their name stands for what they hold.
        """
        pairs = sorted(
            (name, vocabulary.definitions[name].canonical(value))
            for name, value in self.values.items()
            if name not in self.preset
        )
        return "&".join(f"{name}={quote(value, safe=',:-._~')}" for name, value in pairs)


class Grammar:
    """The parser of queries.

    Args:
        vocabulary: the words there are.
        presets: query text by preset name.
        ignored: patterns of parameter names that are dropped unread (``utm_*``).
        max_parameters: how many parameters one URL may hold.
        max_length: how many bytes its query may hold.

    Raises:
        InvalidValue: a preset does not parse; the message names it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        presets: Mapping[str, str] | None = None,
        ignored: Iterable[str] = (),
        max_parameters: int = 64,
        max_length: int = 4096,
    ) -> None:
        self.vocabulary = vocabulary
        self._max_parameters = max_parameters
        self._max_length = max_length
        patterns = [fnmatch.translate(pattern) for pattern in ignored]
        self._ignored = re.compile("|".join(patterns)) if patterns else None
        self._presets: dict[str, Query] = {}
        for name, text in (presets or {}).items():
            try:
                query = self.parse(text.encode())
                for word, why in NOT_IN_PRESETS.items():
                    if word in query.values:
                        raise InvalidValue(why, field=word)
            except InvalidValue as error:
                raise InvalidValue(f"preset {name!r}: {error.detail}", field=name) from None
            # Names in URLs are read in lower case.
            if self._presets.setdefault(name.lower(), query) is not query:
                raise InvalidValue(f"preset {name!r} is defined twice", field=name)

    def parse(self, raw: bytes, extension: str | None = None) -> Query:
        """Return what a raw query asks for.

        Args:
            raw: the query string as it came, percent-encoded.
            extension: the path's extension, another spelling of ``fmt``.

        Raises:
            InvalidValue: an unknown, duplicate or badly valued parameter.
        """
        if len(raw) > self._max_length:
            raise InvalidValue(
                f"The query has {len(raw)} bytes; at most {self._max_length} are allowed.",
                allowed=f"up to {self._max_length} bytes",
            )
        values: dict[str, Any] = {}
        spelling: dict[str, str] = {}
        texts: dict[str, str] = {}
        parts: dict[tuple[str, ...], dict[str, str]] = {}
        pairs = self._pairs(raw)
        for name, text in pairs:
            if name in self.vocabulary.parts:
                group = self.vocabulary.parts[name][1]
                given = parts.setdefault(group, {})
                if name in given:
                    raise self._duplicate(name, name)
                given[name] = text
                continue
            definition = self.vocabulary.names.get(name)
            if definition is None:
                raise close_names(name, self.vocabulary.spellings)
            if definition.name in values:
                raise self._duplicate(name, spelling[definition.name])
            values[definition.name] = definition.parse(text, name)
            spelling[definition.name] = name
            texts[definition.name] = text
        for group, given in parts.items():
            definition = self.vocabulary.parts[group[0]][0]
            missing = [name for name in group if name not in given]
            if missing:
                raise InvalidValue(
                    f"{', '.join(given)} needs {', '.join(missing)} beside it.",
                    field=missing[0],
                    allowed=" and ".join(group) + " together",
                )
            if definition.name in values:
                raise self._duplicate(group[0], spelling[definition.name])
            text = ",".join(given[name] for name in group)
            values[definition.name] = definition.parse(text, "+".join(group))
            spelling[definition.name] = group[0]
            texts[definition.name] = text
        self._format(values, spelling, extension)
        if extension is not None:
            texts.setdefault("fmt", extension)
        if "exp" in values and "sig" not in values:
            raise InvalidValue(
                "exp means nothing without sig: only a signed link expires.",
                field=spelling["exp"],
                given=texts["exp"],
                allowed="exp beside sig, as a signer made them",
            )
        return self._with_preset(values, spelling, texts)

    def _pairs(self, raw: bytes) -> list[tuple[str, str]]:
        pairs = []
        for piece in raw.split(b"&"):
            if not piece:
                continue
            name_raw, equals, value_raw = piece.partition(b"=")
            name, value = decoded(name_raw), decoded(value_raw)
            if self._ignored is not None and self._ignored.match(name):
                continue
            if not equals and (name in self.vocabulary.names or name in self.vocabulary.parts):
                raise InvalidValue(f"{name} has no value.", field=name, given="", allowed="a value")
            pairs.append((name, value))
        if len(pairs) > self._max_parameters:
            raise InvalidValue(
                f"The URL has {len(pairs)} parameters; at most {self._max_parameters} are allowed.",
                allowed=f"up to {self._max_parameters} parameters",
            )
        return pairs

    @staticmethod
    def _duplicate(name: str, earlier: str) -> InvalidValue:
        as_alias = "" if name == earlier else f" (it was given as {earlier} before)"
        return InvalidValue(
            f"{name} is given twice{as_alias}.", field=name, allowed="each parameter once"
        )

    def _format(
        self, values: dict[str, Any], spelling: dict[str, str], extension: str | None
    ) -> None:
        given = values.get("fmt")
        if given is not None:
            values["fmt"] = Word(self._format_name(spelling["fmt"], given.text))
        if extension is None:
            return
        name = self._format_name("extension", extension.lower())
        if given is not None and values["fmt"].text != name:
            raise invalid(
                spelling["fmt"], given.text, f"{name}, as the extension .{extension} says"
            )
        values["fmt"] = Word(name)
        spelling.setdefault("fmt", "extension")

    def _format_name(self, field_name: str, word: str) -> str:
        name = self.vocabulary.formats.get(word)
        if name is None:
            words = list(dict.fromkeys(self.vocabulary.formats.values()))
            close = nearest(word, self.vocabulary.formats)
            hint = f"Did you mean {close}?" if close else None
            raise invalid(field_name, word, "one of " + ", ".join(words), hint=hint)
        return name

    def _with_preset(
        self, values: dict[str, Any], spelling: dict[str, str], texts: dict[str, str]
    ) -> Query:
        wanted = values.get("p")
        if wanted is None:
            return Query(values, spelling, texts=texts)
        preset = self._presets.get(wanted.text)
        if preset is None:
            allowed = ", ".join(sorted(self._presets)) or "no preset: the settings define none"
            close = nearest(wanted.text, self._presets)
            hint = f"Did you mean {close}?" if close else None
            raise invalid(spelling["p"], wanted.text, allowed, hint=hint)
        supplied = {name for name in preset.values if name not in values}
        merged = {**preset.values, **values}
        return Query(merged, {**preset.spelling, **spelling}, frozenset(supplied), texts)


def decoded(raw: bytes) -> str:
    """Return a name or value of a query, decoded.

    Raises:
        InvalidValue: it is not UTF-8.
    """
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        shown = shorten(raw.decode("ascii", "replace"))
        raise InvalidValue(
            f"{shown} is not UTF-8.", given=shown, allowed="percent-encoded UTF-8"
        ) from None


SOURCE_PATH = re.compile(rb"/img/([a-z][a-z0-9-]{0,31})/(.{1,3072})")
SOURCE_PATH_BYTES = 1024


def split_source(raw_path: bytes) -> tuple[str, str] | None:
    """Return the source and the decoded path that a raw path names; None where it names an id.

    Raises:
        NotFound: the path is none that a source could have.
    """
    match = SOURCE_PATH.fullmatch(raw_path)
    if match is None:
        return None
    return match.group(1).decode(), decode_path(match.group(2))


def decode_path(given: bytes | str) -> str:
    """Return a path in a source, its segments decoded and each checked.

    Args:
        given: percent-encoded as bytes, or decoded as text.

    Raises:
        NotFound: it is none that a source could have.
    """
    segments = []
    for raw in given.split("/") if isinstance(given, str) else given.split(b"/"):
        try:
            segment = raw if isinstance(raw, str) else unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError:
            segment = ""
        if (
            segment.startswith(".")  # hidden, or a way up
            or not segment
            or not segment.isprintable()
            or "/" in segment
            or "\\" in segment
        ):
            raise NotFound("There is no such picture.")
        segments.append(segment)
    path = "/".join(segments)
    if len(path.encode()) > SOURCE_PATH_BYTES:
        raise NotFound("There is no such picture.")
    return path


def split_path(raw_path: bytes) -> tuple[str, str | None]:
    """Return the image id and the extension (or None) of a raw path.

    Raises:
        NotFound: the path names no image.
    """
    match = IMAGE_PATH.fullmatch(raw_path)
    if match is None:
        raise NotFound("There is no such picture.")
    extension = match.group(2)
    return match.group(1).decode(), extension.decode() if extension else None
