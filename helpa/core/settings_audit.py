"""Settings of the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from helpa.core.settings_base import Group

Addresses = Literal["full", "truncated", "none"]


class Audit(Group):
    """The audit log."""

    address: Addresses = Field(
        "truncated",
        description="How much of a client's address is kept: full, truncated (IPv4 to /24, IPv6 to "
        "/48) or none.",
    )
    checkpoints: Path | None = Field(
        None,
        description="Folder of the signed checkpoints, best on another disk or machine; unset "
        "takes audit in the data directory.",
    )
