"""Markup that shows a picture: for pages, for Markdown, for mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rendition a browser may choose.

    Args:
        url: of it.
        width: in pixels.
    """

    url: str
    width: int


@dataclass(frozen=True)
class Shown:
    """A picture as it stands on a page.

    Args:
        src: URL of the rendition for whoever knows no ``srcset``.
        candidates: renditions of several widths.
        width: it is shown at, in CSS pixels.
        height: the same, or None where only its pixels tell.
        sizes: the ``sizes`` attribute; empty takes the width, or the window's.
        alt: alternative text.
        colour: behind it until it is there, as six hex digits; empty for transparent ones.
        thumbhash: in base64, for scripts that show it until the picture is there; may be empty.
    """

    src: str
    candidates: Sequence[Candidate]
    width: int
    height: int | None
    sizes: str = ""
    alt: str = ""
    colour: str = ""
    thumbhash: str = ""

    @property
    def all_sizes(self) -> str:
        """The ``sizes`` attribute."""
        return self.sizes or f"(max-width: {self.width}px) 100vw, {self.width}px"

    def img(self) -> str:
        """Return an ``<img>`` for web pages."""
        return _tag(
            "img",
            ("src", self.src),
            ("srcset", srcset(self.candidates)),
            ("sizes", self.all_sizes),
            ("width", str(self.width)),
            ("height", str(self.height) if self.height else ""),
            ("alt", self.alt),
            ("style", f"background-color:#{self.colour}" if self.colour else ""),
            ("data-thumbhash", self.thumbhash),
            ("loading", "lazy"),
            ("decoding", "async"),
        )

    def picture(self, sources: Iterable[tuple[str, Sequence[Candidate]]]) -> str:
        """Return a ``<picture>``, for caches that know no ``Vary: Accept``.

        Args:
            sources: media type and renditions of each format, best first; the picture's own
                family is what :meth:`img` shows.
        """
        listed = "".join(
            _tag("source", ("type", kind), ("srcset", srcset(each)), ("sizes", self.all_sizes))
            for kind, each in sources
        )
        return f"<picture>{listed}{self.img()}</picture>"

    def markdown(self) -> str:
        """Return Markdown."""
        return markdown(self.alt, self.src)


def srcset(candidates: Iterable[Candidate]) -> str:
    """Return the ``srcset`` attribute."""
    return ", ".join(f"{each.url} {each.width}w" for each in candidates)


def markdown(alt: str, url: str) -> str:
    """Return a picture in Markdown, whatever its alternative text holds."""
    plain = re.sub(r"([\\`*_\[\]<>&!#|~])", r"\\\1", alt.replace("\n", " "))
    return f"![{plain}]({url})"


def mail(url: str, width: int, height: int | None, alt: str) -> str:
    """Return an ``<img>`` for mail: one source, its size in attributes, styles inline.

    Args:
        url: of a rendition twice as wide, in a format every client shows.
        width: it is shown at, in CSS pixels.
        height: the same, or None where only its pixels tell.
        alt: alternative text.
    """
    return _tag(
        "img",
        ("src", url),
        ("width", str(width)),
        ("height", str(height) if height else ""),
        ("alt", alt),
        ("border", "0"),
        ("style", f"display:block;width:{width}px;max-width:100%;height:auto;border:0"),
    )


def _tag(name: str, *attributes: tuple[str, str]) -> str:
    # An empty alt says that the picture is decoration; other empty attributes say nothing.
    given = (f' {key}="{escape(value)}"' for key, value in attributes if value or key == "alt")
    return f"<{name}{''.join(given)}>"
