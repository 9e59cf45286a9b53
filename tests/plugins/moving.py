"""What is tested alike of the dialects people move from: their pages, and a server with all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from fetching.attacker import attacking
from helpa import RequestError, Translation
from pictures import png
from serving import Server, running_server
from sources.shelves import BASE, HttpShelf

DOCS = Path(__file__).parents[2] / "docs"

TOKEN = "FOO123bar"
"""imgix's own libraries are tested with it."""

ID = "Hs3jUHLqQ1y0q1hYJcY7Kw"

VOCABULARY = ("basics", "filters", "overlays", "hashes")
"""Plugins whose parameters the dialects speak of."""


@dataclass
class Moved:
    """A server that speaks every dialect.

    Args:
        server: it.
        shop: where the pictures of its source ``shop`` are, by URL.
        image: id of a picture of 640 × 400.
    """

    server: Server
    shop: HttpShelf
    image: str

    def url(self, path: str) -> str:
        """Return the URL that a picture of the shop has there."""
        return self.shop.attacker.url(f"{BASE}/{path}")

    def same(self, foreign: str, own: str) -> None:
        """Insist that two paths are one rendition."""
        theirs, ours = self.server.get(foreign), self.server.get(own)
        assert theirs.status_code == 200, theirs.text
        assert ours.status_code == 200, ours.text
        assert theirs.headers["etag"] == ours.headers["etag"]
        assert theirs.content == ours.content

    def problem(self, path: str, status: int = 400) -> dict[str, Any]:
        """Return the problem that a path is answered with."""
        reply = self.server.get(path)
        assert reply.status_code == status, reply.text
        members: dict[str, Any] = reply.json()
        return members


@contextmanager
def moved(folder: Path) -> Iterator[Moved]:
    """Run a server with the dialects enabled."""
    with attacking() as attacker:
        shop = HttpShelf(attacker)
        own = dict.fromkeys(("imgix", "cloudflare", "weserv"), "shop")
        with running_server(
            folder,
            plugins=json.dumps([*VOCABULARY, "sources", *own, "thumbor", "imgproxy"]),
            sources=json.dumps([{"name": "shop", **shop.table()}]),
            fetch__allow='["127.0.0.0/8"]',
            fetch__ports=json.dumps([attacker.port]),
            plugin__imgix__token=TOKEN,
            **{f"plugin__{plugin}__source": name for plugin, name in own.items()},
        ) as server:
            shop.put("a b/ü.png", png(640, 400))
            yield Moved(server, shop, server.upload(png(640, 400))["id"])


def outcome(translate: Callable[[], Translation]) -> Translation | RequestError:
    """Return what a translation ends with."""
    try:
        return translate()
    except RequestError as error:
        return error


def refusal(translate: Callable[[], Translation]) -> RequestError:
    """Return the error that a translation ends with."""
    found = outcome(translate)
    assert isinstance(found, RequestError), f"it was translated: {found}"
    return found


def sound(translate: Callable[[], Translation]) -> None:
    """Insist that a translation is refused, or speaks of what Helpa knows and grants nothing."""
    found = outcome(translate)
    if isinstance(found, RequestError):
        assert found.status in (400, 403, 404)
        return
    assert found.params.keys() <= PARAMETERS
    assert found.spelling.keys() <= found.params.keys()
    assert not found.signed


def page(name: str) -> str:
    """Return the page about moving from a server."""
    return (DOCS / f"migrate-from-{name}.md").read_text(encoding="utf-8")


def words(text: str) -> set[str]:
    """Return what a page shows in backticks, with the names before ``=``."""
    found = set(re.findall(r"`([^`\n]+)`", text))
    return found | {each.split("=")[0] for each in found}


def examples(text: str, prefix: str) -> list[str]:
    """Return the example URLs of a page, without the prefix."""
    return re.findall(rf"^{re.escape(prefix)}(\S+)$", text, re.MULTILINE)


VALUES = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "0.5", "10", "100", "90", "45", "true", "false", "auto", "crop",
         "cover", "top,left", "fff", "80ff0000", "red", "10,red", "1,2,3,4", "0.1,0.2,full,0.3",
         "center,middle,0.5,0.5", "16:9", "0.5x0.2", "border", "json", ID, "\u00fc", "\ud7ff"]
    ),
    st.integers(-10_000, 10_000).map(str),
    st.text(max_size=12),
)  # fmt: skip


def queries(names: list[str], between: str = "&") -> st.SearchStrategy[bytes]:
    """Return options in their form with values of all kinds, and bytes of none."""
    pair = st.builds(lambda name, value: f"{name}={quote(value)}", st.sampled_from(names), VALUES)
    return st.one_of(
        st.lists(pair, max_size=6).map(lambda pairs: between.join(pairs).encode()),
        st.binary(max_size=60),
    )


PARAMETERS = frozenset(
    {
        "w", "h", "ar", "dpr", "fit", "enlarge", "g", "fp", "rect", "trim", "pad", "rot",
        "flip", "fmt", "q", "lossless", "progressive", "bg", "meta", "anim", "page", "blur",
        "px", "sharp", "bri", "con", "sat", "hue", "gam", "gray", "invert", "normalize",
        "sepia", "tint", "radius", "border", "wm", "wm_g", "wm_o", "wm_s", "wm_pad",
        "wm_tile", "txt", "txt_size", "txt_color", "txt_bg", "txt_font", "txt_w", "txt_g",
        "txt_pad", "dl",
    }
)  # fmt: skip
"""Every parameter of Helpa's that a dialect may speak of."""
