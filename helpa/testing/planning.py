"""Whether plans are pure, tried with values and pictures of all kinds (hypothesis)."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpa.core.errors import RequestError
from helpa.core.operations import Encoder, Frame, Measure, Operation, Picture, Step
from helpa.core.parameters import Definition
from helpa.core.values import Colour, ImageId, Point, Ratio, Rect, Sides, Size
from helpa.testing.declarations import example_of
from helpa.testing.problem import Problem

OTHER = "B" * 22
TEXTS: Mapping[type, tuple[str, ...]] = {
    Colour: ("000", "fff", "ff000080", "transparent", "rebeccapurple"),
    ImageId: (OTHER,),
    Point: ("0,0", "1,1", "0.5,0.25"),
    Ratio: ("1:1", "16:9", "1:1000", "1000:1"),
    Rect: ("0,0,1,1", "10p,10p,80p,50p", "0,0,100p,100p", "5000,0,10,10"),
    Sides: ("0", "1", "3,7", "1,2,3,4", "4096"),
}
"""Texts of the values every plugin has; of its own classes the examples are taken."""


class Impure(AssertionError):
    """A plan did what a plan must not; carries the advice."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.advice = advice


def planning_problems(
    operation: Operation, encoders: list[Encoder], plugin_settings: Any, *, examples: int = 150
) -> Iterator[Problem]:
    """Yield what goes wrong when an operation plans.

    Args:
        operation: whose plan is asked.
        encoders: formats the answer may have.
        plugin_settings: the parsed settings of the plugin.
        examples: how many frames and values are tried.
    """

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(_frames(encoders, plugin_settings), _values(operation))
    def ask(frame: Frame, values: dict[str, Any]) -> None:
        shown = ", ".join(f"{name}={value}" for name, value in values.items())
        size = f"{frame.size.width}×{frame.size.height} px"
        try:
            _ask_twice(operation, frame, values)
        except Impure as error:
            raise Impure(f"with {shown} on {size} {error}", error.advice) from None

    try:
        ask()
    except Impure as error:
        yield Problem(f"operation {operation.name}", str(error), error.advice)


def _ask_twice(operation: Operation, frame: Frame, values: dict[str, Any]) -> None:
    first = _ask(operation, frame, values)
    text = _json(first)
    if _ask(operation, frame, values) != first or _json(first) != text:
        raise Impure(
            "its plan answers differently when it is asked again.",
            "A plan depends on its arguments alone: no clock, no chance, no state.",
        )
    if isinstance(first, Step):
        _check_step(first)


def _ask(operation: Operation, frame: Frame, values: dict[str, Any]) -> Step | Measure | None:
    try:
        answer = operation.plan(frame, **values)
    except RequestError:
        return None  # a refusal is an answer
    except Exception as error:
        raise Impure(
            f"its plan raises {type(error).__name__}: {error}.",
            "Refuse what cannot be done with helpa.invalid, which names what is allowed.",
        ) from error
    if answer is not None and not isinstance(answer, Step | Measure):
        raise Impure(f"its plan answers {answer!r}.", "Answer a Step, a Measure or None.")
    return answer


def _json(answer: Step | Measure | None) -> str:
    if answer is None:
        return ""
    try:
        return json.dumps(answer.args, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Impure(
            f"its plan answers args that are no JSON: {error}.",
            "args go to the worker and into the key: numbers, texts, lists, tables.",
        ) from None


def _check_step(step: Step) -> None:
    for side in (step.size.width, step.size.height):
        if not isinstance(side, int) or side < 1:
            raise Impure(
                f"it plans a size of {step.size.width}×{step.size.height}.",
                "Sides are whole numbers from 1: max(1, round(…)).",
            )
    t = step.transform
    if not all(map(math.isfinite, (t.a, t.b, t.c, t.d, t.e, t.f))) or t.a * t.e == t.b * t.d:
        raise Impure(
            f"its transform {t} has no way back.",
            "Limits, levels and annotations need the inverse.",
        )


def _values(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({d.name: _value(d) for d in operation.parameters})


def _value(definition: Definition) -> st.SearchStrategy[Any]:
    found: list[st.SearchStrategy[Any]] = [st.just(definition.default)]
    low, high = definition.parameter.ge, definition.parameter.le
    for kind in definition.types:
        if issubclass(kind, bool):
            found.append(st.booleans())
        elif issubclass(kind, enum.Enum):
            found.append(st.sampled_from(list(kind)))
        elif issubclass(kind, int):
            least = -1000 if low is None else math.ceil(low)
            most = max(least, 10_000) if high is None else math.floor(high)
            found.append(st.integers(least, most))
        elif issubclass(kind, float):
            bottom, top = -1000.0 if low is None else low, 10_000.0 if high is None else high
            found.append(st.floats(bottom, top).map(lambda value: round(value, 6)))
        elif kind in TEXTS:
            found.append(st.sampled_from([definition.parse(text) for text in TEXTS[kind]]))
        elif (example := example_of(definition)) is not None:
            found.append(st.just(definition.parse(example)))
    return st.one_of(found)


def _frames(encoders: list[Encoder], plugin_settings: Any) -> st.SearchStrategy[Frame]:
    side = st.one_of(st.integers(1, 40), st.integers(1, 6000))

    def frame(
        width: int, height: int, alpha: bool, frames: int, graphic: bool, encoder: Encoder
    ) -> Frame:
        size = Size(width, height)
        picture = Picture(
            "A" * 22, "R" * 22, 1, size, "png", frames, frames > 1, alpha, graphic, graphic
        )
        other = Picture(OTHER, "S" * 22, 1, Size(300, 200), "png", alpha=True)
        return Frame(
            size,
            alpha,
            frames if encoder.animation else 1,
            picture,
            encoder,
            lossless=graphic and encoder.lossless,
            settings=plugin_settings,
            pictures={OTHER: other},
        )

    flag = st.booleans()
    return st.builds(
        frame, side, side, flag, st.sampled_from([1, 4]), flag, st.sampled_from(encoders)
    )
