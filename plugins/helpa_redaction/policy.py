"""Policies: what is looked for, what is done about it, and what becomes of originals."""

from __future__ import annotations

import typing
from typing import Annotated, Literal

from pydantic import Field, model_validator

from helpa import Retention
from helpa.api import Body

Category = Literal[
    "email", "phone", "card", "iban", "ip", "url_secret", "jwt", "api_key", "private_key", "name",
    "code", "face",
]  # fmt: skip
Style = Literal["solid", "decoy"]
Role = Literal[
    "guest", "member", "helper", "agent", "moderator", "mediator", "admin", "auditor"
]  # fmt: skip

CATEGORIES: tuple[Category, ...] = typing.get_args(Category)
"""All that is looked for."""

COSMETIC = ("blur", "mosaic", "pixelate", "px")
"""Styles that people ask for and that hide nothing for good."""


class Original(Body):
    """What becomes of the file that was uploaded once its picture is redacted or edited."""

    mode: Literal["destroy", "seal", "keep"] = Field(
        "destroy",
        description="destroy: gone for good. seal: kept encrypted for some days, with a key "
        "outside the database. keep: kept as it came.",
    )
    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        None, description="For how many days it is sealed."
    )

    @model_validator(mode="after")
    def _complete(self) -> Original:
        if (self.mode == "seal") != (self.days is not None):
            raise ValueError("days with seal, and with seal alone")
        return self

    @property
    def retention(self) -> Retention:
        """It as the core understands it."""
        return Retention(self.mode, self.days or 0)


class Policy(Body):
    """What holds for the pictures of a team, of whoever uploads with a token, or of everybody."""

    look_for: Annotated[list[Category], Field(max_length=len(CATEGORIES))] = Field(
        list(CATEGORIES),
        description="Categories that are looked for in every upload.",
    )
    action: Literal["none", "suggest", "apply"] = Field(
        "suggest",
        description="none: uploads are not looked through. suggest: findings wait for a person. "
        "apply: what is found with enough confidence is redacted at once; until then nobody but "
        "those who manage the picture sees it.",
    )
    confidence: Annotated[float, Field(ge=0.5, le=1)] = Field(
        0.8, description="From which confidence on a finding is redacted at once."
    )
    style: Style = Field("solid", description="How findings are hidden.")
    original: Original = Field(
        Original(), description="What becomes of the upload after a redaction or an edit."
    )
    originals: Annotated[list[Role], Field(max_length=8)] | None = Field(
        None,
        description="Roles that may see an original, beside having originals:read; unset sets no "
        "further limit.",
    )
