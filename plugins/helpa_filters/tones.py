"""``invert``, ``gam``, ``bri``, ``con``: curves that every channel goes through alike."""

from __future__ import annotations

from typing import Annotated

from helpa import Frame, Parameter, Step


def invert(
    frame: Frame,
    *,
    invert: Annotated[
        bool, Parameter("1 turns colours into their negative, as CSS invert().", example="1")
    ] = False,
) -> Step | None:
    """Invert the colours; what is transparent stays so.

    It comes first, so that the other adjustments speak of the negative.
    """
    return Step({"slope": -1.0, "offset": 255.0}, frame.size) if invert else None


def gam(
    frame: Frame,
    *,
    gam: Annotated[
        float,
        Parameter(
            "Gamma: above 1 lightens the middle tones, below 1 darkens them; black and white stay.",
            aliases=("gamma",),
            ge=0.1,
            le=10,
            example="1.6",
        ),
    ] = 1.0,
) -> Step | None:
    """Raise every channel, as a fraction of 1, to the power 1/gam."""
    return None if gam == 1 else Step({"exponent": round(1 / gam, 6)}, frame.size)


def bri(
    frame: Frame,
    *,
    bri: Annotated[
        float,
        Parameter(
            "Brightness: 0 changes nothing, -100 is black, 100 is twice as bright.",
            aliases=("brightness",),
            ge=-100,
            le=100,
            example="25",
        ),
    ] = 0.0,
) -> Step | None:
    """Multiply every channel by 1 + bri/100, as CSS brightness() of that number does."""
    return None if bri == 0 else Step({"slope": _share(bri), "offset": 0.0}, frame.size)


def con(
    frame: Frame,
    *,
    con: Annotated[
        float,
        Parameter(
            "Contrast: 0 changes nothing, -100 leaves one grey, 100 doubles it.",
            aliases=("contrast",),
            ge=-100,
            le=100,
            example="30",
        ),
    ] = 0.0,
) -> Step | None:
    """Stretch every channel about the middle grey by 1 + con/100, as CSS contrast() does."""
    if con == 0:
        return None
    slope = _share(con)
    return Step({"slope": slope, "offset": round(127.5 * (1 - slope), 6)}, frame.size)


def _share(percent: float) -> float:
    return round(1 + percent / 100, 8)
