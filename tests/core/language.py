"""The words of the plugin basics, and ways to speak them at random."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from helpa import Encoder, Operation
from helpa.core.control import FileName, Word
from helpa.core.operations import Picture
from helpa.core.parameters import Definition
from helpa.core.plan import OutputLimits, Plan, Planner
from helpa.core.query import Grammar
from helpa.core.signing import Signature
from helpa.core.values import Colour, ImageId, Point, Ratio, Rect, Sides, Size
from helpa.core.vocabulary import Vocabulary
from helpa_basics.byte_count import ByteCount
from helpa_basics.cut import Border
from helpa_basics.plugin import register_operations
from helpa_basics.settings import OutputSettings

WIDE = OutputLimits(10**12, 10**12)


def basics(*more: Operation | Encoder) -> Vocabulary:
    """Return the vocabulary of the plugin basics, and more declared by a plugin ``other``."""
    declared = [("basics", each) for each in register_operations()]
    declared += [("other", each) for each in more]
    return Vocabulary(
        [(plugin, each) for plugin, each in declared if isinstance(each, Operation)],
        [(plugin, each) for plugin, each in declared if isinstance(each, Encoder)],
    )


VOCABULARY = basics()
GRAMMAR = Grammar(VOCABULARY)


def planner(limits: OutputLimits = WIDE, vocabulary: Vocabulary = VOCABULARY) -> Planner:
    """Return a planner with the default settings."""
    return Planner(vocabulary, limits, {"basics": OutputSettings()})


def picture(width: int = 1440, height: int = 900, **facts: Any) -> Picture:
    """Return a photograph of a size, unless the facts say otherwise."""
    given: dict[str, Any] = {"format": "jpg", **facts}
    return Picture("A" * 22, "R" * 22, 1, Size(width, height), **given)


def planned(
    query: str,
    of: Picture | None = None,
    accept: int = 0,
    *,
    limits: OutputLimits = WIDE,
    measured: Mapping[str, Mapping[str, Any]] | None = None,
    extension: str | None = None,
) -> Plan:
    """Return the plan of a query that needs no measurement that is not given.

    Where what is interesting decides, it stands left of the middle and below, unless given.
    """
    parsed = GRAMMAR.parse(query.encode(), extension)
    found = {"resize": {"at": [0.3, 0.6]}, **(measured or {})}
    plan = planner(limits).plan(parsed, of or picture(), accept, measured=found)
    assert isinstance(plan, Plan)
    return plan


def meaning(plan: Plan) -> tuple[Any, ...]:
    """Return everything a worker is told, so that equal meanings draw equal bytes."""
    drawn = [
        (p.operation.name, dict(p.step.args), p.step.size, p.step.alpha, p.step.transform)
        for p in plan.steps
    ]
    encoded = (plan.encoder.name, dict(plan.encoding), plan.lossless)
    return (drawn, encoded, plan.frames, plan.page, plan.size, plan.scale, plan.describe)


def plain_number(low: float, high: float, places: int = 3) -> st.SearchStrategy[str]:
    """Return decimal texts of a range."""
    scale = 10**places
    return st.integers(round(low * scale), round(high * scale)).map(
        lambda n: f"{n / scale:.{places}f}"
    )


def lengths() -> st.SearchStrategy[str]:
    """Return lengths in pixels and percent."""
    number = st.one_of(st.integers(0, 100).map(str), plain_number(0, 100))
    return st.builds(lambda n, unit: n + unit, number, st.sampled_from(["", "p", "%"]))


def positive_lengths() -> st.SearchStrategy[str]:
    """Return lengths above 0."""
    return lengths().filter(lambda text: float(text.rstrip("p%")) > 0)


def hexes() -> st.SearchStrategy[str]:
    """Return hex colours of every length."""
    return st.sampled_from([3, 4, 6, 8]).flatmap(
        lambda n: st.text("0123456789abcdefABCDEF", min_size=n, max_size=n)
    )


def colours() -> st.SearchStrategy[str]:
    """Return colours in every spelling."""
    names = st.sampled_from(["red", "White", "transparent", "grey", "gray"])
    return st.one_of(hexes(), names)


def borders() -> st.SearchStrategy[str]:
    """Return values of ``trim``."""
    tolerance = st.integers(0, 255).map(str)
    return st.one_of(tolerance, st.builds("{},{}".format, tolerance, colours()))


OF_CLASS: dict[type, st.SearchStrategy[str]] = {
    Colour: colours(),
    Rect: st.builds(
        "{},{},{},{}".format, lengths(), lengths(), positive_lengths(), positive_lengths()
    ),
    Point: st.builds("{},{}".format, plain_number(0, 1), plain_number(0, 1)),
    Ratio: st.one_of(
        st.builds("{}:{}".format, st.integers(1, 30), st.integers(1, 30)), plain_number(0.01, 100)
    ),
    Sides: st.sampled_from([1, 2, 4]).flatmap(
        lambda n: st.lists(st.integers(0, 4096), min_size=n, max_size=n).map(
            lambda sides: ",".join(map(str, sides))
        )
    ),
    Border: borders(),
    ImageId: st.text("abcXYZ019-_", min_size=22, max_size=22),
    FileName: st.text("abc äß.1", min_size=1, max_size=20).filter(str.isprintable),
    Signature: st.builds(
        "{}.{}.{}".format,
        st.text("abZ09_-", min_size=1, max_size=16),
        st.sampled_from(["e", "v", "L" * 22]),
        st.text("abZ09_-", min_size=43, max_size=43),
    ),
    ByteCount: st.builds(
        "{}{}".format, st.integers(100, 1000), st.sampled_from(["", "0", "k", "K", "m"])
    ),
    Word: st.text("abz019_-", min_size=1, max_size=10),
}
"""Texts of each class of values."""


def texts(definition: Definition) -> st.SearchStrategy[str]:
    """Return every text a parameter takes."""
    if definition.name == "fmt":
        return st.sampled_from(sorted(VOCABULARY.formats))
    return st.one_of(
        [_texts_of(kind, definition) for kind in definition.types]
        + [st.just(word) for word, _ in definition.parameter.synonyms]
    )


def _texts_of(kind: type, definition: Definition) -> st.SearchStrategy[str]:
    if issubclass(kind, bool):
        return st.sampled_from(["0", "1"])
    if issubclass(kind, enum.Enum):
        return st.sampled_from([str(member.value) for member in kind])
    low, high = definition.parameter.ge, definition.parameter.le
    if issubclass(kind, int):
        return st.integers(int(low or 0), int(high or 10**6)).map(str)
    if issubclass(kind, float):
        return plain_number(low or 0, high or 1000)
    return OF_CLASS[kind]


def spelt(pairs: Mapping[str, str]) -> str:
    """Return a query that holds the pairs in their order, percent-encoded."""
    return "&".join(f"{name}={quote(value, safe=',:%')}" for name, value in pairs.items())


SIZES = st.one_of(
    st.sampled_from(["1", "2", "300", "900", "1440", "1441", "5000", "9999", "16384"]),
    st.integers(1, 16384).map(str),
)
"""Widths and heights, often such that several mean the same."""

LIKELY: dict[str, st.SearchStrategy[str]] = {
    "w": SIZES,
    "h": SIZES,
    "dpr": st.sampled_from(["1", "1.0", "2", "1.5", "3.25"]),
    "rect": st.sampled_from(
        ["0,0,100p,100p", "0,0,100%,100%", "0,0,50p,50p", "10,10,40,40p", "0,0,720,450", "0,0,1,1"]
    ),
    "rot": st.sampled_from(["0", "90", "-270", "450", "180", "-180", "45", "45.0", "12.5"]).filter(
        lambda text: abs(float(text)) <= 360
    ),
    "page": st.just("0"),
    "anim": st.just("0"),
    "lossless": st.just("0"),
    "pad": st.sampled_from(["0", "5", "5,5", "5,5,5,5", "1,2", "1,2,1,2", "1,2,3,4"]),
    "bg": st.sampled_from(["fff", "ffffff", "white", "ffffffff", "0000", "transparent", "f00"]),
    "q": st.sampled_from(["80", "080", "auto", "high", "88", "1", "low"]),
}
"""Values that fit most pictures, with several spellings of one meaning."""

FREE = tuple(
    name
    for name in VOCABULARY.definitions
    if name not in ("p", "trim", "wm", "fp", "ar", "dl", "sig", "exp")
)
"""Parameters that a random query may hold without anything beside it."""


@st.composite
def queries(draw: st.DrawFn) -> dict[str, str]:
    """Return a random query as canonical names and texts; most can be planned."""
    names = draw(st.lists(st.sampled_from(FREE), unique=True, max_size=6))
    pairs = {
        name: draw(LIKELY.get(name, texts(VOCABULARY.definitions[name])), label=name)
        for name in names
    }
    if "g" not in pairs and draw(st.booleans()):
        pairs["fp"] = draw(st.sampled_from(["0.5,0.5", ".5,.5", "0,0", "0.25,1"]))
    if not {"w", "h"} <= pairs.keys() and draw(st.booleans()):
        pairs["ar"] = draw(st.sampled_from(["16:9", "32:18", "1", "1:1", "2:3", "1.5", "3:2"]))
    return pairs


def pictures() -> st.SearchStrategy[Picture]:
    """Return pictures of several kinds and sizes."""
    size = st.sampled_from([(1440, 900), (1, 1), (3000, 7), (7, 3000), (640, 640)])
    kind = st.sampled_from(
        [
            {"format": "jpg"},
            {"format": "png", "graphic": True, "lossless": True},
            {"format": "png", "alpha": True, "graphic": True, "lossless": True},
            {"format": "gif", "frames": 4, "animated": True, "graphic": True, "lossless": True},
            {"format": "tiff", "frames": 3},
            {"format": "jpg", "copyright": "© Ada"},
        ]
    )
    return st.builds(lambda s, facts: picture(*s, **facts), size, kind)
