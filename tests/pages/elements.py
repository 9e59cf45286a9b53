"""What pages hold, for tests that look at their HTML."""

from __future__ import annotations

from html.parser import HTMLParser


class Elements(HTMLParser):
    """Start tags of a page with their attributes, and the links of its navigation."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.menu: list[tuple[str | None, str | None]] = []
        self._navigating = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found.append((tag, attributes))
        if tag == "nav" and attributes.get("aria-label") == "Main":
            self._navigating = True
        if tag == "a" and self._navigating:
            self.menu.append((attributes["href"], attributes.get("aria-current")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "nav":
            self._navigating = False
