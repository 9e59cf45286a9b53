"""What people are told of, and by which way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Notice = Literal["security", "team", "picture"]
Channel = Literal["mail", "push"]

NOTICES: Mapping[Notice, str] = {
    "security": "Tell me when my account is signed in to from a new device, or changed",
    "team": "Tell me when I join or leave a team",
    "picture": "Tell me when somebody else changes or deletes a picture of mine",
}
CHANNELS: Mapping[Channel, str] = {"mail": "By mail", "push": "In the browser"}

DEFAULT: Mapping[Notice, tuple[Channel, ...]] = {
    "security": ("mail",),
    "team": ("mail",),
    "picture": (),
}
