"""What a plugin declares of the layers it stores with pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from helpa.core.affine import Affine
from helpa.core.values import Size

Moved = Callable[[Mapping[str, Any], Affine, Size, Size], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class LayerKind:
    """The layers of a plugin.

    Args:
        name: what they are: ``annotation``.
        moved: returns the content of a layer after its picture was cut or turned: what it was,
            where a point of the picture lands, and the picture's size before and after. Pure.
    """

    name: str
    moved: Moved
