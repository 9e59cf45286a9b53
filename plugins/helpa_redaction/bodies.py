"""Bodies of the plugin's routes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator

from helpa.api import Body, Text
from helpa_redaction.colour import colour_of
from helpa_redaction.edits import EditBody
from helpa_redaction.policy import COSMETIC, Category, Style
from helpa_redaction.regions import Regions

Reason = Annotated[Text, Field(max_length=500)]


def _opaque(value: str) -> str:
    return str(colour_of(value))


class RedactionRequest(Body):
    """What is to be hidden for good."""

    regions: Regions = Field(description="Regions of the upright picture, in pixels or percent.")
    style: Style = Field(
        "solid",
        description="solid fills with a colour. decoy looks like a mosaic, made of the region's "
        "border alone.",
    )
    colour: Annotated[str, AfterValidator(_opaque)] | None = Field(
        None, description="Of solid: hex digits or a CSS name; opaque."
    )
    category: Category | None = Field(None, description="What it hides.")
    reason: Reason = Field("", description="Why; the audit log keeps it.")
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="The revision that the regions were drawn on; another is refused."
    )

    @field_validator("style", mode="before")
    @classmethod
    def _no_cosmetics(cls, value: Any) -> Any:
        if isinstance(value, str) and value.lower() in COSMETIC:
            raise ValueError(
                "solid or decoy: a blur or a mosaic of real pixels is cosmetic, for what it hides "
                "can be computed again"
            )
        return value


class EditRequest(EditBody):
    """What is done to a picture for good."""

    reason: Reason = Field("", description="Why; the audit log keeps it.")
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="The revision that was looked at; another is refused."
    )


class SuggestionsRequest(Body):
    """What is to be looked for."""

    look_for: Annotated[list[Category], Field(min_length=1)] | None = Field(
        None, description="Categories; unset takes what the policy says, or all."
    )


class Decision(Body):
    """What becomes of a suggestion: exactly one of the two."""

    accept: bool = Field(False, description="It is redacted.")
    dismiss: bool = Field(False, description="It is none, and is not suggested again.")
    style: Style | None = Field(None, description="How it is hidden, where it is accepted.")

    @model_validator(mode="after")
    def _one(self) -> Decision:
        if self.accept == self.dismiss:
            raise ValueError('{"accept": true} or {"dismiss": true}')
        return self


SuggestionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]


class Decisions(Body):
    """What becomes of several suggestions, in one revision."""

    accept: Annotated[list[SuggestionId], Field(max_length=1000)] = Field(
        [], description="Ids of those that are redacted."
    )
    dismiss: Annotated[list[SuggestionId], Field(max_length=1000)] = Field(
        [], description="Ids of those that are none."
    )
    style: Style | None = Field(None, description="How they are hidden.")
    reason: Reason = Field("", description="Why; the audit log keeps it.")

    @model_validator(mode="after")
    def _some(self) -> Decisions:
        if not self.accept and not self.dismiss:
            raise ValueError("ids to accept or to dismiss")
        if set(self.accept) & set(self.dismiss):
            raise ValueError("each id once")
        return self
