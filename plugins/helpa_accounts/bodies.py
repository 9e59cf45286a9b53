"""Bodies and queries of the API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from helpa.api import Body, Text

Role = Literal[
    "guest", "member", "helper", "agent", "moderator", "mediator", "admin", "auditor"
]  # fmt: skip


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("printable characters in a line")
    return value


Name = Annotated[Text, Field(min_length=1, max_length=100), AfterValidator(_printable)]
Email = Annotated[Text, Field(min_length=3, max_length=254)]
Id = Annotated[Text, Field(min_length=1, max_length=64)]

LONGEST = 10 * 365 * 24 * 3600
"""Seconds; a token that shall live longer has no end."""


class UserQuery(Body):
    """Which part of the list is wanted."""

    limit: Annotated[int, Field(ge=1, le=100)] = Field(25, description="How many at the most.")
    cursor: Id | None = Field(None, description="Where to go on, as an earlier page said.")
    q: Annotated[Text, Field(max_length=200)] = Field(
        "", description="Text that the name or the e-mail address holds."
    )


class Invitation(Body):
    """Somebody who is invited."""

    email: Email = Field(description="Their e-mail address.")
    name: Name = Field(description="What to call them.")
    role: Role = Field("member", description="What they may do.")
    teams: Annotated[list[Id], Field(max_length=50)] = Field(
        [], description="Ids of teams they shall belong to; needs teams:write, too."
    )


class UserChange(Body):
    """What may be changed of an account; members left out stay as they are."""

    name: Name | None = Field(None, description="What to call them.")
    role: Role | None = Field(None, description="What they may do.")
    state: Literal["active", "disabled"] | None = Field(
        None, description="Whether they may sign in; disabled ends sessions and tokens."
    )


class NewTeam(Body):
    """A team to be made."""

    name: Name = Field(description="What to call it.")


class NewToken(Body):
    """A token to be made."""

    name: Name = Field(description="What its holder calls it.")
    scopes: Annotated[list[Annotated[Text, Field(max_length=64)]], Field(max_length=100)] = Field(
        min_length=1, description="What it allows: nothing that one may not oneself."
    )
    expires_in: Annotated[int, Field(ge=60, le=LONGEST)] | None = Field(
        None,
        description="Seconds it lives; without it for ever, or as long as the token that makes it.",
    )
