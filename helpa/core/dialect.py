"""Dialects: image URLs as other servers write them, and what they mean in Helpa's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from helpa.core.signing import canonical_query
from helpa.core.values import ImageId


@dataclass(frozen=True, slots=True)
class SourcePath:
    """A picture by its path in a source.

    Args:
        source: name of a table of ``[[sources]]``.
        path: decoded, its segments between slashes.
    """

    source: str
    path: str


@dataclass(frozen=True, slots=True)
class SourceUrl:
    """A picture by its URL, which the source that holds it is found by.

    Args:
        url: ``http://…`` or ``https://…``; a source holds it whose base URL it begins with, under
            either scheme.
    """

    url: str


@dataclass(frozen=True)
class Translation:
    """What a foreign URL means.

    Args:
        subject: the picture.
        params: text by canonical parameter name, as ``/img/<id>?…`` would take it.
        signed: whether the URL carries a signature that was found right: then it grants exactly
            this rendition, of pictures whose links were never all revoked, for it names no epoch.
        not_after: moment (seconds since 1970) at which that ends.
        spelling: what the foreign URL calls a parameter, by canonical name, for messages.
    """

    subject: ImageId | SourcePath | SourceUrl
    params: Mapping[str, str]
    signed: bool = False
    not_after: float = float("inf")
    spelling: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> bytes:
        """The same as a query of Helpa's own."""
        return canonical_query(self.params).encode()


@dataclass(frozen=True)
class Dialect:
    """A way to write image URLs.

    Args:
        name: of the server whose way it is.
        prefix: what its URLs begin with: ``/name/``.
        translate: from the raw path after the prefix and the raw query, both percent-encoded as
            they came, to what they mean. Pure and quick. Raises ``InvalidValue`` naming what cannot
            be mapped, ``Forbidden`` for a signature that is wrong.

    Raises:
        ValueError: the prefix is malformed.
    """

    name: str
    prefix: str
    translate: Callable[[bytes, bytes], Translation]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(/[a-z0-9][a-z0-9-]*)+/", self.prefix):
            raise ValueError(f"prefix {self.prefix!r} is not /words/ between slashes")
