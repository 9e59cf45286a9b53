"""What ``explain=1`` answers: how a rendition came about, told after it was there."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helpa.core.levels import Level
from helpa.core.moments import timestamp
from helpa.core.plan import Plan, PlannedStep
from helpa.core.query import Query
from helpa.core.values import Size
from helpa.core.vocabulary import AUTO_FORMAT, EXPLAIN, Vocabulary

REPORTS_KEPT = 4096
"""Reports held at the most: some 300 bytes each."""

NOT_IN_URL = (EXPLAIN, "sig", "exp")
"""Parameters the canonical URL is without: a signature is of one spelling, with ``explain``."""


@dataclass(frozen=True, slots=True)
class Made:
    """How a worker made a rendition.

    Args:
        at: when, in milliseconds since 1970.
        level: the level it was drawn from, or None for the original.
        waited: seconds it waited for a worker.
        drawing: seconds of opening and drawing.
        encoding: seconds of encoding; of large pictures also most of drawing.
    """

    at: int
    level: Level | None
    waited: float
    drawing: float
    encoding: float


def made(level: Level | None, head: Mapping[str, Any], waited: float) -> Made:
    """Return how a rendition was made, from what its worker said.

    Args:
        level: it was drawn from.
        head: of the worker's answer.
        waited: seconds it waited for the worker.
    """
    at = int(time.time() * 1000)
    return Made(at, level, waited, head["open_seconds"], head["encode_seconds"])


class Reports:
    """How the renditions came about that this process made last, by key."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, Made] = OrderedDict()

    def put(self, key: str, made: Made) -> None:
        """Note how a rendition was made."""
        self._made[key] = made
        self._made.move_to_end(key)
        if len(self._made) > REPORTS_KEPT:
            self._made.popitem(last=False)

    def get(self, key: str) -> Made | None:
        """Return how a rendition was made, where this process made it, not too long ago."""
        return self._made.get(key)


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done to answer a request.

    Args:
        accept: class of its Accept header.
        tier: where the rendition came from.
        made: how it was made, where this process knows.
        planning: seconds until the plan stood, with measurements it needed.
        total: seconds until the rendition was there.
        media_type: of the rendition.
        bytes: of the rendition.
        original: bytes of the upload.
        headers: what caches would be told with the rendition.
    """

    accept: int
    tier: str
    made: Made | None
    planning: float
    total: float
    media_type: str
    bytes: int
    original: int
    headers: Mapping[str, str]


def explanation(
    path: str, query: Query, plan: Plan, vocabulary: Vocabulary, happened: Happened
) -> dict[str, Any]:
    """Return the answer to ``explain=1``.

    Args:
        path: of the URL, without an extension.
        query: what it asked for.
        plan: how that was resolved.
        vocabulary: the words there are.
        happened: what was done then.
    """
    others = sorted(set(plan.pictures) - {plan.picture.id})
    canonical = query.without(*NOT_IN_URL).canonical(vocabulary)
    saved = happened.original - happened.bytes
    return {
        "url": f"{path}?{canonical}" if canonical else path,
        "key": plan.key,
        "parameters": dict(_parameters(query, plan, vocabulary)),
        "steps": [_step(each, vocabulary) for each in plan.steps],
        "size": _size(plan.size),
        "frames": plan.frames,
        "pictures": others,
        "format": _format(query, plan, happened),
        "encoding": {} if plan.describe else _encoding(plan),
        "tier": happened.tier,
        "made": _made(happened),
        "timings_ms": {
            "plan": _ms(happened.planning),
            "rendition": _ms(happened.total - happened.planning),
            "total": _ms(happened.total),
        },
        "bytes": happened.bytes,
        "original_bytes": happened.original,
        "saved_bytes": saved,
        "saved_percent": round(100 * saved / happened.original, 1),
        "headers": dict(happened.headers),
    }


def _parameters(
    query: Query, plan: Plan, vocabulary: Vocabulary
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the parameters and where each came from; unset ones that mean nothing are left out."""
    for name, value in sorted(query.values.items()):
        text = vocabulary.definitions[name].canonical(value)
        if name == "fmt" and text == AUTO_FORMAT:
            continue
        yield name, {"value": text, **_origin(query, name)}
    if _word(query) == AUTO_FORMAT:
        asked = _origin(query, "fmt") if "fmt" in query.values else {}
        yield "fmt", {"value": plan.encoder.name, **asked, "from": "accept"}
    for name, definition in vocabulary.definitions.items():
        if name not in query.values and definition.default not in (None, False):
            yield name, {"value": definition.canonical(definition.default), "from": "default"}


def _origin(query: Query, name: str) -> dict[str, str]:
    if name in query.preset:
        return {"from": "preset", "preset": str(query.values["p"])}
    spelling = query.spelling[name]
    if spelling == "extension":
        return {"from": "extension"}
    return {"from": "url", "spelling": spelling}


def _word(query: Query) -> str:
    return str(query.values["fmt"]) if "fmt" in query.values else AUTO_FORMAT


def _format(query: Query, plan: Plan, happened: Happened) -> dict[str, Any]:
    picture = plan.picture
    accepted = [name for bit, name in ((1, "avif"), (2, "webp")) if happened.accept & bit]
    return {
        "name": plan.format,
        "media_type": happened.media_type,
        "lossless": plan.lossless,
        "why": _why(query, plan, accepted),
        "facts": {
            "accept": accepted,
            "kind": "graphic" if picture.graphic else "photograph",
            "alpha": picture.alpha,
            "animated": picture.animated,
            "lossless": picture.lossless,
        },
    }


def _why(query: Query, plan: Plan, accepted: list[str]) -> str:
    word = _word(query)
    if word != AUTO_FORMAT:
        origin = _origin(query, "fmt")
        where = {
            "url": f"{origin.get('spelling')}={word} in the URL",
            "preset": f"The preset {origin.get('preset')}",
            "extension": f"The extension .{word}",
        }[origin["from"]]
        if plan.describe:
            return f"{where} asks for a description, here of what would be {plan.encoder.name}."
        return f"{where} asks for it."
    kind = "a drawing or screenshot" if plan.picture.graphic else "a photograph"
    what = f"an animation of {plan.frames} frames" if plan.frames > 1 else kind
    notes = [
        *(["every pixel is to be kept"] if plan.lossless else []),
        *(["parts of it are transparent"] if plan.picture.alpha else []),
        "the Accept header names " + (" and ".join(accepted) or "neither avif nor webp"),
    ]
    return f"auto: the picture is {what}, {', '.join(notes)}."


def _encoding(plan: Plan) -> dict[str, Any]:
    return {
        name: {"value": value, "from": plan.origins.get(name, "format and picture")}
        for name, value in plan.encoding.items()
    }


def _step(planned: PlannedStep, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "operation": planned.operation.name,
        "plugin": vocabulary.owner[planned.operation.name],
        "args": dict(planned.step.args),
        "before": _size(planned.before),
        "after": _size(planned.step.size),
    }


def _size(size: Size) -> dict[str, int]:
    return {"width": size.width, "height": size.height}


def _made(happened: Happened) -> dict[str, Any]:
    made, when = happened.made, "now" if happened.tier == "worker" else "earlier"
    if made is None:
        note = "Made before this server started, by another one, or too long ago to be remembered."
        return {"when": when, "note": note}
    level = made.level
    return {
        "when": when,
        "at": timestamp(made.at),
        "from": "original" if level is None else "level",
        **({"level": {"factor": level.factor, "format": level.format}} if level else {}),
        "timings_ms": {
            "wait": _ms(made.waited),
            "open_and_draw": _ms(made.drawing),
            "encode": _ms(made.encoding),
        },
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
