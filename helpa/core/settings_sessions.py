"""Settings of sessions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from helpa.core.settings_base import Group

Days = Annotated[float, Field(gt=0, le=400)]


class SessionSettings(Group):
    """How long browsers stay signed in."""

    days: Days = Field(30, description="Days after which one signs in again.")
    idle_days: Days = Field(7, description="Days without a request after which one signs in again.")
    fresh_minutes: Annotated[float, Field(gt=0, le=1440)] = Field(
        15,
        description="Minutes after signing in within which a password may be changed, a token made "
        "or an account erased without signing in anew.",
    )
