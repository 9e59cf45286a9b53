"""What dialects have in common: options read strictly, and refused in the words they came in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from helpa.core.dialect import SourcePath, SourceUrl, Translation
from helpa.core.errors import InvalidValue, NotFound, invalid, nearest, shorten
from helpa.core.query import decoded
from helpa.core.values import Colour, ImageId, decimal, number

__all__ = [
    "Draft",
    "Option",
    "Turn",
    "colour",
    "decimal",
    "decoded",
    "decoded_path",
    "locate",
    "named",
    "read_query",
    "tracks",
]

TRACKING = re.compile(r"utm_.*|gclid|fbclid")
"""Parameters that mail and chat tools append to every link, as in the setting ignored_params."""

Value = TypeVar("Value")


def tracks(name: str) -> bool:
    """Return whether a parameter is one that tools append, which no image URL means."""
    return TRACKING.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a foreign URL.

    Args:
        name: as it came.
        text: its value, decoded.
    """

    name: str
    text: str

    def refused(self, allowed: str, hint: str | None = None) -> InvalidValue:
        """Return the error for a value that the option does not take."""
        return invalid(self.name, self.text, allowed, hint=hint)

    def unmapped(self, why: str, allowed: str | None = None) -> InvalidValue:
        """Return the error for a value that Helpa has no way to do.

        Args:
            why: a sentence, perhaps with the way out.
            allowed: what would be taken.
        """
        given = shorten(self.text)
        return InvalidValue(
            f"{self.name}={given}: {why}", field=self.name, given=given, allowed=allowed
        )

    def number(self, low: float, high: float) -> float:
        """Return the value as a decimal number.

        Raises:
            InvalidValue: none, or outside ``low`` to ``high``.
        """
        try:
            value = number(self.text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise self.refused(f"a number of {decimal(low)}–{decimal(high)}")
        return value

    def whole(self, low: int, high: int) -> int:
        """Return the value as a whole number.

        Raises:
            InvalidValue: none, or outside ``low`` to ``high``.
        """
        plain = re.fullmatch(r"-?[0-9]{1,9}", self.text)
        if plain is None or not low <= int(self.text) <= high:
            raise self.refused(f"a whole number of {low}–{high}")
        return int(self.text)

    def flag(self) -> bool:
        """Return whether it is on: 1, true or no value; 0 or false is off.

        Raises:
            InvalidValue: anything else.
        """
        return self.word({"": True, "1": True, "true": True, "0": False, "false": False})

    def word(self, words: Mapping[str, Value]) -> Value:
        """Return what a word stands for, whatever its case.

        Raises:
            InvalidValue: it is none of the words; names them, and the nearest.
        """
        found = words.get(self.text.lower())
        if found is None:
            close = nearest(self.text, words)
            hint = f"Did you mean {close}?" if close else None
            raise self.refused("one of " + ", ".join(filter(None, words)), hint)
        return found

    def colour(self, *, alpha_first: bool = False) -> str:
        """Return the value as Helpa writes colours.

        Args:
            alpha_first: whether hex of 4 and 8 digits begins with alpha.

        Raises:
            InvalidValue: it is no colour.
        """
        found = colour(self.text, alpha_first=alpha_first)
        if found is None:
            order = ", alpha first," if alpha_first else ""
            raise self.refused(f"hex of 3, 4, 6 or 8 digits{order} or a CSS colour name")
        return found


def colour(text: str, *, alpha_first: bool = False) -> str | None:
    """Return a colour as Helpa writes it, or None where the text is none.

    Args:
        text: hex with or without #, or a CSS name.
        alpha_first: whether hex of 4 and 8 digits begins with alpha.
    """
    text = text.removeprefix("#")
    if alpha_first and re.fullmatch(r"[0-9A-Fa-f]{4}|[0-9A-Fa-f]{8}", text):
        width = len(text) // 4
        text = text[width:] + text[:width]
    try:
        return str(Colour.parse(text))
    except ValueError:
        return None


def decoded_path(raw: bytes) -> str:
    """Return a path, decoded.

    Raises:
        NotFound: it is not UTF-8.
    """
    try:
        return unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise NotFound("There is no such picture.") from None


def read_query(raw: bytes) -> list[Option]:
    """Return the options of a query, in order; one without ``=`` has an empty value.

    Raises:
        InvalidValue: one is not UTF-8.
    """
    pairs = (piece.partition(b"=") for piece in raw.split(b"&") if piece)
    return [Option(decoded(name), decoded(value)) for name, _, value in pairs]


def named(
    options: Iterable[Option],
    known: Collection[str],
    aliases: Mapping[str, str],
    page: str,
    *,
    hints: Iterable[str] | None = None,
) -> dict[str, Option]:
    """Return options by their canonical name, without those that tools append to links.

    Args:
        options: as they came.
        known: every canonical name.
        aliases: canonical name by other name.
        page: where every option stands, for messages.
        hints: names that a message may suggest, or None for all.

    Raises:
        InvalidValue: an option that does not exist, with the nearest that does, or given twice.
    """
    found: dict[str, Option] = {}
    for option in options:
        if tracks(option.name):
            continue
        name = aliases.get(option.name, option.name)
        if name not in known:
            close = nearest(option.name, [*known, *aliases] if hints is None else hints)
            hint = f" Did you mean {close}?" if close else ""
            raise InvalidValue(
                f"There is no option {option.name[:40]!r}.{hint}",
                field=option.name[:40],
                given=shorten(option.text),
                allowed=f"see {page} for every option",
                extra={"nearest": close} if close else {},
            )
        if name in found:
            earlier = found[name].name
            as_alias = "" if option.name == earlier else f" (it was given as {earlier} before)"
            raise InvalidValue(
                f"{option.name} is given twice{as_alias}.",
                field=option.name,
                allowed="each option once",
            )
        found[name] = option
    return found


def locate(
    text: str, source: str | None, *, name: str, drop_query: bool = False
) -> ImageId | SourcePath | SourceUrl:
    """Return the picture that a text names: an image id, an absolute URL or a path.

    Args:
        text: decoded.
        source: the source that paths are of, or None where there is none.
        name: what the foreign URL calls it, for messages.
        drop_query: whether a query of the picture's URL is dropped.

    Raises:
        InvalidValue: it names none; or a query, which sources are never handed.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]{22}", text):
        return ImageId(text)
    plain, mark, query = text.partition("?")
    if mark and not drop_query:
        raise InvalidValue(
            f"{name}: a picture of a source has no query; the setting drop_query drops them.",
            field=name,
            given=shorten(f"?{query}"),
            allowed="a URL or path without query",
        )
    # Proxies on the way join the two slashes.
    scheme = re.match(r"(https?):/+(?=[^/])", plain, re.IGNORECASE)
    if scheme is not None:
        return SourceUrl(f"{scheme.group(1).lower()}://{plain[scheme.end() :]}")
    path = plain.lstrip("/")
    if path and source is not None:
        return SourcePath(source, path)
    raise InvalidValue(
        f"{name}: neither an image id nor an absolute URL, and no source is set for paths.",
        field=name,
        given=shorten(text),
        allowed="an image id, http://… or https://…"
        + ("" if source is None else f", or a path in the source {source}"),
    )


@dataclass
class Draft:
    """The parameters of a translation, as they are found.

    Args:
        params: text by canonical name.
        spelling: what the foreign URL calls each.
    """

    params: dict[str, str] = field(default_factory=dict)
    spelling: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, text: str | float, option: Option | None = None) -> None:
        """Set a parameter.

        Args:
            name: of Helpa's parameter.
            text: its value.
            option: where it comes from, or None where it is the foreign server's default.

        Raises:
            InvalidValue: another option has set it to something else.
        """
        value = text if isinstance(text, str) else decimal(text)
        earlier = self.params.get(name)
        if option is not None:
            if earlier is not None and earlier != value and name in self.spelling:
                raise option.unmapped(
                    f"{self.spelling[name]} has set {name} to {shorten(earlier)} already, and "
                    "there is one for both.",
                    "only one of the two",
                )
            self.spelling.setdefault(name, option.name)
        elif earlier is not None:
            return
        self.params[name] = value

    def translation(self, subject: ImageId | SourcePath | SourceUrl) -> Translation:
        """Return what was found."""
        return Translation(subject, self.params, spelling=self.spelling)


@dataclass(frozen=True, slots=True)
class Turn:
    """A way a picture can lie, as Helpa does it: quarter turns clockwise, then mirrored or not.

    Args:
        quarters: 0–3.
        mirrored: left to right.
    """

    quarters: int = 0
    mirrored: bool = False

    def turned(self, quarters: int) -> Turn:
        """Return the way after more quarter turns clockwise."""
        # A mirror swaps the sense of the turns before it.
        quarters = self.quarters + (-quarters if self.mirrored else quarters)
        return Turn(quarters % 4, self.mirrored)

    def flipped(self, axes: str) -> Turn:
        """Return the way after mirroring: ``h`` left to right, ``v`` top to bottom, ``hv`` both."""
        after = self
        if "v" in axes:  # top to bottom is left to right, upside down
            after = Turn(after.quarters, not after.mirrored).turned(2)
        return Turn(after.quarters, after.mirrored != ("h" in axes))

    @property
    def params(self) -> dict[str, str]:
        """Parameters that do the same."""
        if self.mirrored and self.quarters == 2:
            return {"flip": "v"}
        found = {"rot": str(90 * self.quarters)} if self.quarters else {}
        return found | ({"flip": "h"} if self.mirrored else {})
