"""What clients send, and what they are answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from helpa.api import Body, Text
from helpa_annotation.names import DEFAULT, LayerName
from helpa_annotation.shapes import AnyShape

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
Version = Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)]
Side = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]
Show = Annotated[bool, Field(strict=True)]


class SizeDocument(BaseModel):
    """The upright size of a picture, in pixels."""

    width: Side = Field(description="Width in pixels.")
    height: Side = Field(description="Height in pixels.")


class Saving(Body):
    """A layer to be saved."""

    layer: LayerName = Field(DEFAULT, description="Which layer.")
    show: Show = Field(True, description="Whether URLs that name no layer show it.")
    version: Version | None = Field(
        None,
        description="The version this was drawn from, 0 where there was none: another one by now "
        "is 409.",
    )


class LayerSave(Saving):
    """A layer to be saved."""

    shapes: list[AnyShape] | None = Field(
        None, description="What is drawn, from the bottom to the top; without it, what it holds."
    )


class LayerGiven(Saving):
    """The same, before its shapes are looked at."""

    shapes: list[Any] | None = None


class LayerQuery(Body):
    """Which layer is wanted."""

    layer: LayerName | None = Field(None, description="Only this layer.")
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="An earlier version of it."
    )


class CopyRequest(Saving):
    """A layer to be copied from another picture."""

    source: Id = Field(alias="from", description="Id of the picture it is copied from.")
    layer: LayerName = Field(DEFAULT, description="Which of its layers.")
    name: LayerName | None = Field(
        None, alias="as", description="What it is called here; without it, as it is there."
    )


class ApplyRequest(Saving):
    """A template to be laid over a picture."""

    template: Id = Field(description="Id of the template.")
    layer: LayerName = Field(DEFAULT, description="The layer it becomes.")


TemplateName = Annotated[Text, StringConstraints(min_length=1, max_length=100)]


class _Template(Body):
    name: TemplateName = Field(description="What it is called.")
    team: Annotated[Text, Field(max_length=22)] = Field(
        "", description="A team of yours whose members may use it, too; empty is none."
    )
    image: Id | None = Field(None, description="Id of a picture whose layer is taken …")
    layer: LayerName | None = Field(None, description="… and which of its layers.")
    size: SizeDocument | None = Field(
        None, description="Size of the picture that the shapes were drawn for."
    )


class TemplateCreate(_Template):
    """A template to be made: of shapes and a size, or of a picture's layer."""

    shapes: list[AnyShape] | None = Field(None, description="Its shapes …")


class TemplateGiven(_Template):
    """The same, before its shapes are looked at."""

    shapes: list[Any] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        drawn = self.shapes is not None and self.size is not None
        taken = self.image is not None
        if drawn == taken or (taken and (self.shapes is not None or self.size is not None)):
            raise ValueError("shapes and size, or image (and layer), not both")
        return self


class TemplateQuery(Body):
    """Which part of the list is wanted."""

    limit: Annotated[int, Field(ge=1, le=100)] = Field(25, description="How many at the most.")
    cursor: Annotated[Text, Field(max_length=64)] | None = Field(
        None, description="Where to begin, as an earlier page said."
    )


class LayerDocument(BaseModel):
    """A layer of a picture, in one of its versions."""

    name: str = Field(description="What URLs call it: ann=<name>.")
    current: bool = Field(description="Whether URLs that name no layer show it.")
    version: int = Field(description="Counted from 1.")
    versions: list[int] = Field(description="Versions that there are.")
    size: SizeDocument = Field(description="Of the picture it was drawn for.")
    shapes: list[AnyShape] = Field(description="What is drawn, from the bottom to the top.")
    created_at: str = Field(description="When it was saved: RFC 3339, in UTC.")


class Layers(BaseModel):
    """The layers of a picture."""

    layers: list[LayerDocument] = Field(description="By name.")
    layer: int = Field(description="Raised by whatever changes them.")


class Region(BaseModel):
    """A rectangle in pixels of the upright picture, as a redaction takes it."""

    shape: Literal["rect"] = Field(description="Always rect.")
    x: float = Field(description="Left edge.")
    y: float = Field(description="Top edge.")
    w: float = Field(description="Width.")
    h: float = Field(description="Height.")


class Warned(BaseModel):
    """What to think of before the picture is shown to others."""

    shape: int = Field(description="Which shape, counted from 0.")
    id: str = Field(description="Its id.")
    why: Literal["covers", "unchecked", "stamp"] = Field(
        description="covers: it hides something that is still in the picture; unchecked: what it "
        "hides could not be looked at; stamp: fewer may see the picture in it than this one."
    )
    detail: str = Field(description="In words.")
    instead: str | None = Field(None, description="Where to send what hides it for good …")
    regions: list[Region] = Field([], description="… and the regions of that.")


class SavedLayer(LayerDocument):
    """The layer as it was saved."""

    layer: int = Field(description="The picture's counter of changes to layers.")
    warnings: list[Warned] = Field(description="What to think of before others see it.")


class TemplateEntry(BaseModel):
    """A template, without what is drawn."""

    id: str = Field(description="128 random bits.")
    name: str = Field(description="What it is called.")
    owner: str = Field(description="Whose it is.")
    team: str | None = Field(description="The team that may use it.")
    size: SizeDocument = Field(description="Of the picture it was drawn for.")
    created_at: str = Field(description="RFC 3339, in UTC.")


class TemplateDocument(TemplateEntry):
    """A template."""

    shapes: list[AnyShape] = Field(description="What is drawn, from the bottom to the top.")


class TemplateList(BaseModel):
    """Templates, newest first."""

    templates: list[TemplateEntry] = Field(description="Those of this page.")
    next_cursor: str | None = Field(description="Where the next page begins, or null.")


class Schema(BaseModel):
    """The JSON schema of a layer."""
