"""What the options of a URL come to, before it is said in Helpa's words: later ones win."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpa_imgproxy.arguments import Option

COMPASS = {
    "ce": (0.5, 0.5),
    "no": (0.5, 0.0),
    "so": (0.5, 1.0),
    "ea": (1.0, 0.5),
    "we": (0.0, 0.5),
    "noea": (1.0, 0.0),
    "nowe": (0.0, 0.0),
    "soea": (1.0, 1.0),
    "sowe": (0.0, 1.0),
}
"""Places of gravities as fractions of the free room."""

WORDS = {
    "ce": "center",
    "no": "top",
    "so": "bottom",
    "ea": "right",
    "we": "left",
    "noea": "top-right",
    "nowe": "top-left",
    "soea": "bottom-right",
    "sowe": "bottom-left",
}
"""Helpa's words for them."""


@dataclass(frozen=True)
class Anchor:
    """A gravity.

    Args:
        kind: a point of the compass, ``fp``, or Helpa's word for what is looked for.
        x: offset, or the point for ``fp``.
        y: the same.
    """

    kind: str = "ce"
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Crop:
    """An area to keep.

    Args:
        width: in pixels from 1 on, below it a fraction, 0 for all of it.
        height: the same.
        anchor: where it is, or None for where gravity says.
        option: as the URL says it, for messages.
    """

    width: float
    height: float
    anchor: Anchor | None
    option: Option


@dataclass
class Asked:
    """What is asked for.

    Args:
        resize: imgproxy's resizing type.
        width: in pixels, 0 where it follows.
        height: the same.
        enlarge: whether small pictures grow.
        extend: where a picture stands that is extended to the box, or None.
        zoom: factor of the size.
        dpr: factor of sizes and paddings.
        gravity: which part is kept.
        crop: what is cut out before, or None.
        padding: top, right, bottom and left in pixels.
        rotate: degrees clockwise.
        flip: ``h``, ``v``, ``hv`` or nothing.
        background: six or three hexadecimal digits, or nothing.
        alpha: of the background, 0–1.
        blur: sigma in pixels.
        pixelate: side of blocks in pixels.
        qualities: by imgproxy's name of a format.
        attachment: whether it is a download.
        filename: of the download.
        expires: moment in seconds since 1970, or 0.
        params: what maps at once, text by Helpa's name.
        options: the option that said it last, by Helpa's name or the field's.
    """

    resize: str = "fit"
    width: int = 0
    height: int = 0
    enlarge: bool = False
    extend: Anchor | None = None
    zoom: float = 1.0
    dpr: float = 1.0
    gravity: Anchor = Anchor()
    crop: Crop | None = None
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    rotate: int = 0
    flip: str = ""
    background: str = ""
    alpha: float = 1.0
    blur: float = 0.0
    pixelate: int = 0
    qualities: dict[str, int] = field(default_factory=dict)
    attachment: bool = False
    filename: str = ""
    expires: int = 0
    params: dict[str, str] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)

    def put(self, name: str, value: str | None, option: Option) -> None:
        """Set a parameter, or take it back."""
        self.options[name] = option
        if value is None:
            self.params.pop(name, None)
        else:
            self.params[name] = value
