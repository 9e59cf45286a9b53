"""What is kept beside a picture's pixels: versions of layers, and what it was uploaded as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """A version of a layer.

    Args:
        id: of this version.
        plugin: whose it is.
        name: of the layer.
        version: counted from 1.
        content: JSON, of its plugin.
        actor: who saved it.
        created_at: when, in milliseconds since 1970.
    """

    id: str
    plugin: str
    name: str
    version: int
    content: Mapping[str, Any]
    actor: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Retention:
    """What becomes of the file that was uploaded once its picture is revised.

    Args:
        mode: ``destroy`` it, ``seal`` it (kept encrypted for some days), or ``keep`` it.
        days: for how many it is sealed.
    """

    mode: Literal["destroy", "seal", "keep"] = "destroy"
    days: int = 0
