"""Bodies of the API; the OpenAPI document is made from them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from helpa.api import Body, Text
from helpa_profiles import place
from helpa_profiles.languages import LANGUAGES
from helpa_profiles.notices import Channel, Notice
from helpa_profiles.quiet import zones

TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _language(tag: str) -> str:
    known = {each.lower(): each for each in LANGUAGES}
    if tag.lower() not in known:
        raise ValueError(f"one of {', '.join(LANGUAGES)}")
    return known[tag.lower()]


def _zone(name: str) -> str:
    if name not in zones():
        raise ValueError("an IANA time zone such as Europe/Zurich")
    return name


def _cell(text: str) -> str:
    kept = place.kept_cell(text)
    if kept is None:
        raise ValueError(f"an H3 cell of resolution {place.KEPT} or finer")
    return kept


class Hours(Body):
    """Hours of every day, past midnight where they end before they begin."""

    start: str = Field(alias="from", pattern=TIME, description="HH:MM, in the time zone.")
    end: str = Field(alias="to", pattern=TIME, description="HH:MM; not quiet any more.")

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.start == self.end:
            raise ValueError("two different times")
        return self


class Place(Body):
    """A point or a cell; nothing but the cell of resolution 8 is kept of either."""

    lat: float | None = Field(
        None, ge=-90, le=90, strict=True, allow_inf_nan=False, description="Degrees north."
    )
    lng: float | None = Field(
        None, ge=-180, le=180, strict=True, allow_inf_nan=False, description="Degrees east."
    )
    cell: Annotated[str, Field(max_length=16), AfterValidator(_cell)] | None = Field(
        None, description="An H3 cell of resolution 8 or finer."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        point = self.lat is not None and self.lng is not None
        if (self.lat is None) != (self.lng is None) or point == (self.cell is not None):
            raise ValueError("either lat and lng, or cell")
        return self

    def kept(self) -> str:
        """Return the cell that is kept."""
        if self.lat is not None and self.lng is not None:
            return place.cell_of(self.lat, self.lng)
        assert self.cell is not None
        return self.cell


class ProfileChange(Body):
    """What may be changed of one's profile; what is left out stays, null takes it away."""

    name: Annotated[Text, Field(min_length=1, max_length=100)] = Field(
        "", description="What others call you.", validate_default=False
    )
    picture: Annotated[Text, Field(max_length=22)] | None = Field(
        None, description="Id of an image of yours that is not private."
    )
    language: Annotated[str, Field(max_length=35), AfterValidator(_language)] | None = Field(
        None, description="BCP 47, of those that `languages` of the profile lists."
    )
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] | None = Field(
        None, description="IANA, such as Europe/Zurich; null is UTC."
    )
    quiet_hours: Hours | None = Field(None, description="When you are not to be disturbed.")
    place: Place | None = Field(None, description="Where you are; kept as a cell of 0.7 km².")
    notifications: dict[Notice, Annotated[list[Channel], Field(max_length=10)]] = Field(
        {}, description="Ways to be told, by kind of notice; kinds left out stay as they are."
    )


class ErasureRequest(Body):
    """That somebody means it."""

    email: Annotated[Text, Field(max_length=254)] = Field(
        description="Your e-mail address, as a confirmation."
    )
