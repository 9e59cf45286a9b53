"""What an operation declares: a typed signature, a stage, a version, geometry, and where it draws.

An operation's ``plan`` is a pure function. Its first argument is the :class:`Frame` it works on;
its keyword-only arguments are its URL parameters. It answers a :class:`Step` (what is to be done,
fully resolved), a :class:`Measure` (it must first look at pixels), or None (nothing to do).
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from helpa.core.affine import Affine
from helpa.core.grid import Grid
from helpa.core.parameters import Definition, definitions
from helpa.core.values import ImageId, Size


class Stage(enum.IntEnum):
    """Where in the fixed order of work an operation stands."""

    REDACT = 5
    CUT = 10
    TURN = 20
    RESIZE = 30
    EFFECT = 40
    FRAME = 50
    LAYER = 55
    OVERLAY = 60
    ENCODE = 90


class Needs(enum.Enum):
    """What an operation asks of who is shown its answer, beyond the right to the picture."""

    NOTHING = "nothing"
    MANAGER = "manager"
    """The right to read it that its owner and team have, or a signature of exactly this URL."""
    GRANT = "grant"
    """A signature of exactly this URL, and a picture that is not public."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What planning knows of something stored that is drawn over a picture.

    Args:
        id: of this version of it: other content has another id.
        name: what URLs call it.
        current: whether it is the one that is shown where a URL names none.
        pictures: ids of the pictures drawn in it.
        plugin: whose it is: its operations alone are shown it.
    """

    id: str
    name: str
    current: bool = False
    pictures: tuple[str, ...] = ()
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What planning knows of a picture.

    Args:
        id: its id.
        rendition_id: 128 random bits that name this revision's pixels.
        revision: its number.
        size: upright size in pixels.
        format: name of the format it was uploaded in.
        frames: number of frames or pages.
        animated: whether the frames are an animation.
        alpha: whether anything may shine through.
        graphic: whether it is a drawing or screenshot rather than a photograph.
        lossless: whether auto format keeps every pixel.
        copyright: the notice it came with.
        layers: what is stored to be drawn over it.
        guarded: whether a policy wants what it hides to be hidden for good, so that effects that
            only look as if they did are refused.
        grid: blocks of the lossy codec its pixels have come through.
    """

    id: str
    rendition_id: str
    revision: int
    size: Size
    format: str
    frames: int = 1
    animated: bool = False
    alpha: bool = False
    graphic: bool = False
    lossless: bool = False
    copyright: str = ""
    layers: tuple[Layer, ...] = ()
    guarded: bool = False
    grid: Grid = field(default_factory=Grid)


@dataclass(frozen=True, slots=True)
class Encoder:
    """A format that renditions can be encoded in.

    Args:
        name: the word for it in ``fmt``.
        media_type: its media type.
        extensions: file name extensions; the first is used for downloads.
        encode: import path ``module:function`` of ``encode(image, args) -> bytes``, loaded only in
            a worker.
        version: raised when its output changes.
        aliases: other words for it in ``fmt``.
        alpha: whether it carries transparency.
        animation: whether it carries frames.
        lossless: whether it can keep every pixel.
        exif: whether it carries a copyright notice.
        max_side: longest side it can hold, in pixels.
        picture: whether it shows the picture; False for data made of its pixels, such as hashes
            and palettes, which auto never chooses.
        side: longer side, in pixels, of the picture that such data needs, or None for all of it:
            where no step is drawn, ``encode`` may then be handed a smaller level.
        doc: a line for the documents.
    """

    name: str
    media_type: str
    extensions: tuple[str, ...]
    encode: str
    version: int = 1
    aliases: tuple[str, ...] = ()
    alpha: bool = True
    animation: bool = False
    lossless: bool = True
    exif: bool = True
    max_side: int = 16383
    picture: bool = True
    side: int | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture as the operations before have left it.

    Args:
        size: its size in pixels.
        alpha: whether anything may shine through by now.
        frames: how many frames the answer will have.
        picture: the picture it began as.
        encoder: what it will be encoded in.
        lossless: whether every pixel is kept when it is encoded.
        insists: whether that is so because the request says ``lossless=1``.
        auto: whether the format was chosen by what the picture is and what the client shows.
        settings: the settings of the plugin that owns the operation.
        pictures: other pictures the request names, by id.
        measured: what an earlier :class:`Measure` of this operation found, else None.
        transform: where a point of the upright picture has landed in it.
        layer: what this operation draws of the picture's layers, else None.
    """

    size: Size
    alpha: bool
    frames: int
    picture: Picture
    encoder: Encoder
    lossless: bool = False
    insists: bool = False
    auto: bool = False
    settings: Any = None
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    measured: Mapping[str, Any] | None = None
    transform: Affine = field(default_factory=Affine)
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What an operation does, resolved: equal steps draw equal pixels.

    Args:
        args: JSON values handed to ``draw``.
        size: size after it, in pixels.
        transform: where a point of the picture before it lands after it.
        alpha: whether anything may shine through after it; None keeps what was.
        origins: where arguments that the URL does not give come from, in a few words by argument
            (``{"quality": "setting jpg_quality"}``); what ``explain=1`` says of them.
        pictures: size in pixels at which other pictures are drawn, by id: ``draw`` is given them in
            that size, from a level that serves; others in their own.
    """

    args: Mapping[str, Any]
    size: Size
    transform: Affine = field(default_factory=Affine)
    alpha: bool | None = None
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    pictures: Mapping[str, Size] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """A wish to look at the pixels before planning.

    Args:
        args: JSON values handed to the operation's ``measure``, whose answer (a JSON object) then
            stands in :attr:`Frame.measured`.
        side: longer side, in pixels, of the picture that suffices to find it, or None for all of
            it: a smaller level may then be looked at, so that the answer is best in fractions.
    """

    args: Mapping[str, Any]
    side: int | None = None


class Operation:
    """An operation of the URL.

    Args:
        name: its name, lower case.
        stage: where in the order of work it stands.
        plan: the pure function described above; its docstring is the reference text.
        draw: import path ``module:function`` of ``draw(image, args, context) -> image``, loaded
            only in a worker. Empty for an operation that draws nothing itself.
        version: raised when its pixels change.
        rank: order among the operations of one stage.
        measure: import path of ``measure(image, args) -> dict``, for operations that need it.
        in_view: whether a signed link that grants a view, and not an exact URL, allows it: size,
            place and output, which show no more of the picture and cost no more than viewing.
        needs: says from its parameters what it asks of who is shown the answer; None asks nothing.
        refusal: what is answered, besides, where a signature of exactly this URL is wanting.
        layer: says from the picture and its parameters which of the stored layers of its plugin it
            draws.

    Raises:
        TypeError: the signature cannot be read.
        ValueError: the name or an import path is malformed.
    """

    def __init__(
        self,
        name: str,
        *,
        stage: Stage,
        plan: Callable[..., Step | Measure | None],
        draw: str = "",
        version: int = 1,
        rank: int = 50,
        measure: str = "",
        in_view: bool = False,
        needs: Callable[..., Needs] | None = None,
        refusal: str = "",
        layer: Callable[..., Layer | None] | None = None,
    ) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name):
            raise ValueError(f"operation name {name!r}: expected lower case letters, digits and _")
        for path in filter(None, (draw, measure)):
            if not re.fullmatch(r"[\w.]+:\w+", path):
                raise ValueError(f"operation {name}: import path {path!r} is not module:function")
        self.name = name
        self.stage = stage
        self.plan = plan
        self.draw = draw
        self.version = version
        self.rank = rank
        self.measure = measure
        self.in_view = in_view
        self.needs = needs
        self.refusal = refusal
        self.layer = layer
        self.parameters: tuple[Definition, ...] = definitions(plan)

    @property
    def order(self) -> tuple[int, int, str]:
        """The place in the order of work."""
        return self.stage, self.rank, self.name

    @property
    def pictures(self) -> tuple[str, ...]:
        """Names of the parameters that name another picture to be drawn in."""
        return tuple(d.name for d in self.parameters if ImageId in d.types)

    @property
    def doc(self) -> str:
        """The reference text."""
        return inspect.cleandoc(self.plan.__doc__ or "")

    def __repr__(self) -> str:
        return f"Operation({self.name!r})"
