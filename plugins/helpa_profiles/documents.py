"""Documents of the API."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from helpa_profiles.notices import Channel, Notice


class PictureDocument(BaseModel):
    """The picture of somebody."""

    id: str
    url: str = Field(description="A rendition of 160×160 px.")


class HoursDocument(BaseModel):
    """Hours of every day."""

    model_config = ConfigDict(populate_by_name=True)

    start: str = Field(alias="from")
    end: str = Field(alias="to")


class PlaceDocument(BaseModel):
    """A place, as its owner sees it."""

    cell: str = Field(description="H3, resolution 8: kept, and shown to nobody else.")
    shown: str = Field(description="H3, resolution 7: what others are shown.")


class ProfileDocument(BaseModel):
    """One's own profile."""

    id: str
    name: str
    email: str
    initials: str
    picture: PictureDocument | None = Field(
        description="None where it was deleted, or is private: initials stand for it."
    )
    language: str | None
    time_zone: str | None
    quiet_hours: HoursDocument | None
    quiet_now: bool = Field(description="Whether it is within the quiet hours.")
    place: PlaceDocument | None
    notifications: dict[Notice, list[Channel]]
    languages: list[str] = Field(description="Those that may be chosen.")


class SharedPlace(BaseModel):
    """A place, as others see it."""

    cell: str = Field(description="H3, resolution 7.")


class SharedProfile(BaseModel):
    """Somebody's profile, as others see it."""

    id: str
    name: str
    initials: str
    picture: PictureDocument | None
    place: SharedPlace | None
