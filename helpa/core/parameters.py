"""What one URL parameter takes: from a typed annotation to parser, message and schema."""

from __future__ import annotations

import enum
import re
import types
import typing
from dataclasses import dataclass
from typing import Any, Protocol, Self

from helpa.core.errors import InvalidValue, invalid, nearest
from helpa.core.values import decimal, number


class UrlValue(Protocol):
    """A class of values that can be written in a URL; see :mod:`helpa.core.values`."""

    expects: typing.ClassVar[str]
    pattern: typing.ClassVar[str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the value, or raise ValueError."""


@dataclass(frozen=True)
class Parameter:
    """How a parameter is spelt and described; stands in the ``Annotated`` of a signature.

    Args:
        doc: what it does, in a line.
        aliases: other names it goes by.
        parts: groups of names that together spell it, such as ``("fp-x", "fp-y")``; their values
            are joined by commas.
        ge: smallest number allowed.
        le: largest number allowed.
        synonyms: other words for its values, as (word, value).
        unit: unit of a number, for the documents.
        example: a value for the documents.
    """

    doc: str
    aliases: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    ge: float | None = None
    le: float | None = None
    synonyms: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    example: str = ""


@dataclass(frozen=True)
class Definition:
    """A named parameter with its type: parses, canonicalises and describes its values.

    Args:
        name: canonical name.
        types: the classes a value may be of, tried in order.
        parameter: spelling and description.
        default: the value where none is given.
    """

    name: str
    types: tuple[type, ...]
    parameter: Parameter
    default: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical name and every alias."""
        return (self.name, *self.parameter.aliases)

    @property
    def expects(self) -> str:
        """What is allowed, in words."""
        return " or ".join(self._expects(kind) for kind in self.types)

    def _expects(self, kind: type) -> str:
        if issubclass(kind, bool):
            return "0 or 1"
        if issubclass(kind, enum.Enum):
            return "one of " + ", ".join(str(member.value) for member in kind)
        if issubclass(kind, (int, float)):
            what = "a whole number" if issubclass(kind, int) else "a number"
            low, high = self.parameter.ge, self.parameter.le
            unit = f" {self.parameter.unit}" if self.parameter.unit else ""
            if low is not None and high is not None:
                return f"{what} of {decimal(low)}–{decimal(high)}{unit}"
            return what + unit
        return str(getattr(kind, "expects", "text"))

    def parse(self, text: str, spelling: str | None = None) -> Any:
        """Return the value ``text`` stands for.

        Args:
            text: the value as it came, percent-decoded.
            spelling: the name it came under, for the message.

        Raises:
            InvalidValue: the text is not allowed; says what is.
        """
        plain = dict(self.parameter.synonyms).get(text.lower(), text)
        for kind in self.types:
            try:
                return self._parse(kind, plain)
            except ValueError:
                continue
        words = [m.value for k in self.types if issubclass(k, enum.Enum) for m in k]
        close = nearest(text, [*map(str, words), *dict(self.parameter.synonyms)])
        hint = f"Did you mean {close}?" if close and close != text else None
        raise invalid(spelling or self.name, text, self.expects, hint=hint)

    def _parse(self, kind: type, text: str) -> Any:
        if kind is str:
            return text
        if issubclass(kind, bool):
            if text not in ("0", "1"):
                raise ValueError(text)
            return text == "1"
        if issubclass(kind, enum.Enum):
            return kind(text.lower())
        if issubclass(kind, (int, float)):
            if issubclass(kind, int) and not re.fullmatch(r"-?[0-9]{1,12}", text):
                raise ValueError(text)
            value = int(text) if issubclass(kind, int) else number(text)
            low, high = self.parameter.ge, self.parameter.le
            if (low is not None and value < low) or (high is not None and value > high):
                raise ValueError(text)
            return value
        value_class: type[UrlValue] = kind  # type: ignore[assignment]
        return value_class.parse(text)

    def canonical(self, value: Any) -> str:
        """Return the one text that stands for ``value``."""
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, enum.Enum):
            return str(value.value)
        return decimal(value) if isinstance(value, float) else str(value)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of its values, for OpenAPI."""
        schemas = [self._schema(kind) for kind in self.types]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}

    def _schema(self, kind: type) -> dict[str, Any]:
        if issubclass(kind, bool):
            return {"type": "integer", "enum": [0, 1]}
        if issubclass(kind, enum.Enum):
            return {"type": "string", "enum": [str(member.value) for member in kind]}
        if issubclass(kind, (int, float)):
            schema: dict[str, Any] = {"type": "integer" if issubclass(kind, int) else "number"}
            if self.parameter.ge is not None:
                schema["minimum"] = self.parameter.ge
            if self.parameter.le is not None:
                schema["maximum"] = self.parameter.le
            return schema
        return {"type": "string", "pattern": getattr(kind, "pattern", ".*")}


def definitions(function: typing.Callable[..., Any]) -> tuple[Definition, ...]:
    """Return the parameters that ``function``'s keyword-only arguments declare.

    Raises:
        TypeError: an argument has no ``Parameter``, no default, or a type with no URL form.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    kwdefaults = getattr(function, "__kwdefaults__", None) or {}
    code = function.__code__
    names = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    missing = [name for name in names if name not in kwdefaults]
    if missing:
        raise TypeError(
            f"{function.__module__}.{function.__qualname__}({missing[0]}) has no default"
        )
    return tuple(definition(function, name, hints.get(name), kwdefaults[name]) for name in names)


def definition(
    function: typing.Callable[..., Any],
    name: str,
    hint: Any,
    default: Any,
    *,
    texts: bool = False,
) -> Definition:
    """Return the parameter that one argument of ``function`` declares.

    Args:
        function: whose argument it is, for messages.
        name: of the argument.
        hint: its annotation.
        default: its value where none is given.
        texts: whether plain ``str`` is understood; the URL has stricter classes of values.

    Raises:
        TypeError: it has no ``Parameter``, or a type with no written form.
    """
    where = f"{function.__module__}.{function.__qualname__}({name})"
    if typing.get_origin(hint) is not typing.Annotated:
        raise TypeError(f"{where} is not Annotated with a Parameter")
    kind, *extras = typing.get_args(hint)
    parameter = next((extra for extra in extras if isinstance(extra, Parameter)), None)
    if parameter is None:
        raise TypeError(f"{where} is not Annotated with a Parameter")
    union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    kinds = tuple(
        k for k in (typing.get_args(kind) if union else (kind,)) if k is not types.NoneType
    )
    for each in kinds:
        known = isinstance(each, type) and (
            issubclass(each, (bool, int, float, enum.Enum))
            or _is_url_value(each)
            or (texts and each is str)
        )
        if not known:
            raise TypeError(f"{where}: {each!r} has no way to be written in a URL")
    return Definition(name, kinds, parameter, default)


def _is_url_value(kind: type) -> bool:
    return all(hasattr(kind, name) for name in ("parse", "expects", "pattern"))


def close_names(name: str, known: typing.Iterable[str]) -> InvalidValue:
    """Return the error for a parameter that does not exist, naming the nearest that does."""
    close = nearest(name, known)
    hint = f" Did you mean {close}?" if close else ""
    return InvalidValue(
        f"There is no parameter {name[:40]!r}.{hint}",
        field=name[:40],
        allowed="see /docs/urls for every parameter",
        extra={"nearest": close} if close else {},
    )
