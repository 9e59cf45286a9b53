"""A query resolved against a picture: the steps, what they are drawn from, and the key."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from helpa.core.accept import choose_format
from helpa.core.affine import Affine
from helpa.core.errors import InvalidValue, UnfitFormat, invalid
from helpa.core.operations import Encoder, Frame, Layer, Measure, Operation, Picture, Stage, Step
from helpa.core.query import Query
from helpa.core.values import Size
from helpa.core.vocabulary import AUTO_FORMAT, DESCRIBE_SIDE, JSON_FORMAT, Vocabulary

ENGINE = 2
"""Raised when the pixels or bytes of an unchanged plan change; it is part of every key."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with the operation that draws it.

    Args:
        operation: whose it is.
        step: what is drawn.
        before: size of the picture before it.
        transform: where a point of the upright picture lands before it.
        layer: the stored layer it draws, or None.
    """

    operation: Operation
    step: Step
    before: Size
    transform: Affine = field(default_factory=Affine)
    layer: Layer | None = None

    @property
    def drawn(self) -> list[Any]:
        """What keys are made of."""
        said = [self.operation.name, self.operation.version, self.step.args]
        if self.layer is None:
            return said
        to = self.transform
        return [*said, self.layer.id, [to.a, to.b, to.c, to.d, to.e, to.f]]


@dataclass(frozen=True)
class Plan:
    """What a rendition is, fully resolved.

    Args:
        picture: what it is drawn from.
        pictures: other pictures drawn in, by id.
        steps: what is drawn, in order.
        encoder: what it is encoded in.
        encoding: JSON values handed to the encoder.
        lossless: whether every pixel is kept.
        frames: number of frames of the answer.
        page: the frame or page taken, where only one is.
        size: size of the answer in pixels.
        scale: largest scale of the source any part needs; below 1 a smaller level will do, and
            without steps the encoder is handed that.
        varies: whether the answer depends on the Accept header.
        describe: whether JSON that describes the answer is asked for, not the answer.
        transform: where a point of the picture lands in the answer.
        origins: where arguments of the encoder come from, in words, where not from the URL.
    """

    picture: Picture
    pictures: Mapping[str, Picture]
    steps: tuple[PlannedStep, ...]
    encoder: Encoder
    encoding: Mapping[str, Any]
    lossless: bool
    frames: int
    page: int
    size: Size
    scale: float
    varies: bool
    describe: bool
    transform: Affine = field(default_factory=Affine)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of the rendition: equal keys mean equal pixels, and the reverse."""
        drawn = [planned.drawn for planned in self.steps]
        encoded = [self.encoder.name, self.encoder.version, self.encoding, self.lossless]
        source = [self.picture.rendition_id, *sorted(self.rendition_ids())]
        return digest([source, self.frames, self.page, drawn, encoded, self.describe])

    @property
    def format(self) -> str:
        """The word for what is answered."""
        return JSON_FORMAT if self.describe else self.encoder.name

    @property
    def drawn(self) -> int:
        """Number of frames that are drawn: a description looks at the first alone."""
        return 1 if self.describe else self.frames

    def rendition_ids(self) -> frozenset[str]:
        """Return the rendition ids of every picture drawn in it."""
        drawn = {picture.rendition_id for picture in self.pictures.values()}
        return frozenset(drawn | {self.picture.rendition_id})

    def overlay_scale(self, name: str) -> float:
        """Return the largest scale at which a step draws another picture; 1 where one is silent."""
        size = self.pictures[name].size
        may = [p.step.pictures for p in self.steps if p.operation.pictures or p.layer is not None]
        if not may or not all(name in drawn for drawn in may):
            return 1.0
        sizes = [drawn[name] for drawn in may]
        return min(1.0, max(max(s.width / size.width, s.height / size.height) for s in sizes))


@dataclass(frozen=True)
class Measurement:
    """Pixels must be looked at before the plan can be made.

    Args:
        operation: whose wish it is.
        args: what its ``measure`` is given.
        steps: the steps before it, which are drawn first.
        picture: what it looks at.
        page: which frame.
        scale: of the picture that suffices; below 1 a smaller level will do.
    """

    operation: Operation
    args: Mapping[str, Any]
    steps: tuple[PlannedStep, ...]
    picture: Picture
    page: int
    scale: float = 1.0

    @property
    def key(self) -> str:
        """Name of its answer."""
        drawn = [planned.drawn for planned in self.steps]
        wanted = [self.operation.name, self.operation.version, self.args, self.scale]
        return digest(["measure", self.picture.rendition_id, self.page, drawn, wanted])


def digest(value: Any) -> str:
    """Return 128 bits of SHA-256 over canonical JSON, as 22 URL-safe characters."""
    text = json.dumps([ENGINE, value], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    raw = hashlib.sha256(text.encode()).digest()[:16]
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def values_of(operation: Operation, query: Query) -> dict[str, Any]:
    """Return what a query gives an operation, by parameter."""
    return {d.name: query.values.get(d.name, d.default) for d in operation.parameters}


def layer_of(operation: Operation, query: Query, picture: Picture, plugin: str) -> Layer | None:
    """Return which of a picture's layers an operation of a plugin draws, or None.

    Raises:
        InvalidValue: the query names a layer that is not there.
    """
    if operation.layer is None:
        return None
    own = tuple(each for each in picture.layers if each.plugin == plugin)
    return operation.layer(replace(picture, layers=own), **values_of(operation, query))


@dataclass(frozen=True)
class OutputLimits:
    """How large an answer may be.

    Args:
        pixels: pixels of one frame.
        total_pixels: pixels of all frames together.
    """

    pixels: int
    total_pixels: int


class Planner:
    """Resolves queries.

    Args:
        vocabulary: the operations and encoders there are.
        limits: how large an answer may be.
        settings: parsed settings by plugin name.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        limits: OutputLimits,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._limits = limits
        self._settings = settings or {}

    def plan(
        self,
        query: Query,
        picture: Picture,
        accept: int = 0,
        *,
        pictures: Mapping[str, Picture] | None = None,
        measured: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Plan | Measurement:
        """Return the plan, or the measurement that must be taken first.

        Args:
            query: what the URL asks for.
            picture: the picture it names.
            accept: class of the Accept header.
            pictures: the other pictures it names, by id.
            measured: answers to earlier measurements, by operation name.

        Raises:
            InvalidValue: the query cannot be done on this picture; says why.
        """
        word = query.values["fmt"].text if "fmt" in query.values else AUTO_FORMAT
        encoders = dict(self._vocabulary.encoders)
        while True:
            try:
                return self._resolve(
                    query, picture, accept, word, encoders, pictures or {}, measured or {}
                )
            except UnfitFormat as unfit:
                # Auto takes the next best format that holds as much.
                if word not in (AUTO_FORMAT, JSON_FORMAT):
                    raise
                left = {name: e for name, e in encoders.items() if name != unfit.given}
                animated, _ = self._frames(query, picture, word)
                if left == encoders or not any(
                    e.picture and (e.animation or not animated) for e in left.values()
                ):
                    raise
                encoders = left

    def _resolve(
        self,
        query: Query,
        picture: Picture,
        accept: int,
        word: str,
        encoders: Mapping[str, Encoder],
        pictures: Mapping[str, Picture],
        measured: Mapping[str, Mapping[str, Any]],
    ) -> Plan | Measurement:
        describe = word == JSON_FORMAT
        animated, page = self._frames(query, picture, word)
        auto = word in (AUTO_FORMAT, JSON_FORMAT)
        lossless = query.get("lossless")
        if lossless is None:
            lossless = picture.lossless and auto
        name = word
        if auto:
            name = choose_format(picture, accept, encoders, animated=animated, lossless=lossless)
        encoder = self._vocabulary.encoders[name]
        if query.get("lossless") and not encoder.lossless:
            can = [e.name for e in self._vocabulary.encoders.values() if e.lossless]
            allowed = f"0 with {encoder.name}, which cannot keep every pixel"
            raise invalid("lossless", "1", allowed, hint=f"{', '.join(can)} can.")
        frames = picture.frames if animated else 1
        frame = Frame(
            picture.size,
            picture.alpha,
            frames,
            picture,
            encoder,
            lossless,
            bool(query.get("lossless")),
            auto,
            pictures=pictures,
        )
        steps: list[PlannedStep] = []
        encoding: dict[str, Any] = {}
        origins: dict[str, str] = {}
        transform, scale = Affine(), 1.0
        for operation in self._vocabulary.operations:
            owner = self._vocabulary.owner[operation.name]
            layer = layer_of(operation, query, picture, owner)
            told = replace(
                frame,
                settings=self._settings.get(owner),
                measured=measured.get(operation.name),
                transform=transform,
                layer=layer,
            )
            answer = operation.plan(told, **values_of(operation, query))
            if isinstance(answer, Measure):
                if answer.side is not None and operation.stage <= Stage.RESIZE:
                    scale = min(1.0, answer.side / max(frame.size.width, frame.size.height))
                return Measurement(operation, answer.args, tuple(steps), picture, page, scale)
            if answer is None:
                continue
            if operation.stage is Stage.ENCODE:
                encoding.update(answer.args)
                origins.update(answer.origins)
                continue
            # A cut or a turn of a picture over the limit may still come out small.
            if operation.stage >= Stage.RESIZE or answer.size.pixels > frame.size.pixels:
                asked = (d.name for d in operation.parameters if d.name in query.values)
                name = next(asked, operation.name)
                self._check_size(query.spelling.get(name, name), answer.size, frames)
            steps.append(PlannedStep(operation, answer, frame.size, transform, layer))
            transform = transform.then(answer.transform)
            if operation.stage is Stage.RESIZE:
                scale = max(
                    math.hypot(transform.a, transform.d), math.hypot(transform.b, transform.e)
                )
            alpha = frame.alpha if answer.alpha is None else answer.alpha
            frame = replace(frame, size=answer.size, alpha=alpha)
        self._check_size("w", frame.size, frames)
        self._check_output(encoder, frame.size)
        side = DESCRIBE_SIDE if describe else encoder.side
        if side is not None and not steps:
            scale = min(1.0, side / max(frame.size.width, frame.size.height))
        return Plan(
            picture=picture,
            pictures=pictures,
            steps=tuple(steps),
            encoder=encoder,
            encoding=encoding,
            lossless=lossless,
            frames=frames,
            page=page,
            size=frame.size,
            scale=scale,
            varies=auto,
            describe=describe,
            transform=transform,
            origins=origins,
        )

    def _frames(self, query: Query, picture: Picture, word: str) -> tuple[bool, int]:
        """Return whether all frames are taken, and which one else."""
        page, anim = query.get("page"), query.get("anim")
        if page is not None:
            if page >= picture.frames:
                last = picture.frames - 1
                allowed = f"0–{last}" if last else "0, for the picture has one frame"
                raise invalid("page", str(page), allowed)
            if anim:
                raise invalid("anim", "1", "0 or nothing beside page, which takes one frame")
        encoder = self._vocabulary.encoders.get(word)
        holds = encoder is None or encoder.animation
        if anim and picture.animated and not holds:
            can = [e.name for e in self._vocabulary.encoders.values() if e.animation]
            raise invalid("anim", "1", f"0 with fmt={word}", hint=f"{' and '.join(can)} animate.")
        animated = picture.animated and holds and anim is not False and page is None
        return animated, page or 0

    def _check_size(self, field_name: str, size: Size, frames: int) -> None:
        limits = self._limits
        if size.pixels > limits.pixels or size.pixels * frames > limits.total_pixels:
            what = f"{size.width}×{size.height} px" + (f" × {frames} frames" if frames > 1 else "")
            allowed = f"up to {limits.pixels} px, and {limits.total_pixels} px in all frames"
            raise InvalidValue(
                f"{field_name}: the answer would have {what}; allowed is {allowed}.",
                field=field_name,
                given=what,
                allowed=allowed,
            )

    @staticmethod
    def _check_output(encoder: Encoder, size: Size) -> None:
        side = max(size.width, size.height)
        if side > encoder.max_side:
            raise UnfitFormat(
                f"{encoder.name} holds at most {encoder.max_side} px a side; this has {side}.",
                field="fmt",
                given=encoder.name,
                allowed=f"a size within {encoder.max_side} px, or another format",
            )
