"""Documents of the API."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from helpa import Account, HeldToken, Team
from helpa.api import timestamp


class TeamDocument(BaseModel):
    """A team."""

    id: str
    name: str
    created_at: str = Field(description="RFC 3339, in UTC.")

    @classmethod
    def of(cls, team: Team) -> TeamDocument:
        """Return the document of a team."""
        return cls(id=team.id, name=team.name, created_at=timestamp(team.created_at))


class TeamMember(BaseModel):
    """Somebody in a team."""

    id: str
    name: str
    role: str


class WholeTeam(TeamDocument):
    """A team with its members."""

    members: list[TeamMember]


class TeamList(BaseModel):
    """Teams, by name."""

    teams: list[TeamDocument]


class UserDocument(BaseModel):
    """Somebody who has an account, or is invited."""

    id: str
    email: str
    name: str
    role: str
    state: str = Field(description="active or disabled.")
    invited: bool = Field(description="Whether an invitation waits for them.")
    created_at: str = Field(description="RFC 3339, in UTC.")
    teams: list[TeamDocument]

    @classmethod
    def of(cls, account: Account, teams: list[Team], *, invited: bool) -> UserDocument:
        """Return the document of an account that is not erased."""
        return cls(
            id=account.id,
            email=account.email or "",
            name=account.name,
            role=account.role,
            state=account.state,
            invited=invited,
            created_at=timestamp(account.created_at),
            teams=[TeamDocument.of(team) for team in teams],
        )


class UserList(BaseModel):
    """A part of the list of people, in the order of their making."""

    users: list[UserDocument]
    next_cursor: str | None = Field(
        None, description="Where the next part begins, if there is one."
    )


class InvitedUser(UserDocument):
    """Somebody who was invited."""

    link: str | None = Field(
        description="The invitation, where no mail server is set up: hand it to them yourself."
    )


class ResetLink(BaseModel):
    """A new password may be chosen."""

    link: str | None = Field(
        description="The link to do so, where no mail server is set up; else it went by mail."
    )


class Credential(BaseModel):
    """What the request came with."""

    id: str
    kind: str = Field(description="session or token.")


class AccountDocument(BaseModel):
    """Whoever asks."""

    id: str
    email: str | None
    name: str
    role: str = Field(description="Empty for a token that was made before there were accounts.")
    teams: list[TeamDocument]
    permissions: list[str] = Field(description="What this request's credential allows.")
    credential: Credential


class SessionDocument(BaseModel):
    """A browser that is signed in."""

    id: str
    current: bool = Field(description="Whether it is the one that asks.")
    device: str = Field(description="What the browser called itself.")
    address: str = Field(description="Where it signed in from, as far as that is kept.")
    method: str = Field(description="How: password, passkey, oidc:<provider> …")
    created_at: str = Field(description="RFC 3339, in UTC.")
    used_at: str | None = Field(description="The last request, within half a minute.")
    expires_at: str | None

    @classmethod
    def of(cls, held: HeldToken, current: str) -> SessionDocument:
        """Return the document of a session.

        Args:
            held: its row.
            current: id of the session that asks.
        """
        return cls(
            id=held.id,
            current=held.id == current,
            device=str(held.data.get("device", "")),
            address=str(held.data.get("address", "")),
            method=str(held.data.get("method", "")),
            **_moments(held),
        )


class SessionList(BaseModel):
    """Sessions, oldest first."""

    sessions: list[SessionDocument]


class TokenDocument(BaseModel):
    """A token."""

    id: str
    name: str
    scopes: list[str] = Field(description="What it allows, as far as its owner may themselves.")
    created_at: str = Field(description="RFC 3339, in UTC.")
    used_at: str | None = Field(description="The last request, within half a minute.")
    expires_at: str | None = Field(description="null is never.")

    @classmethod
    def of(cls, held: HeldToken) -> TokenDocument:
        """Return the document of a token."""
        return cls(id=held.id, name=held.name, scopes=list(held.scopes), **_moments(held))


class TokenList(BaseModel):
    """Tokens, oldest first."""

    tokens: list[TokenDocument]


class NewTokenDocument(TokenDocument):
    """A token that was made; its text is shown this once."""

    token: str = Field(description="What programs send. It cannot be shown again.")
    curl: str = Field(description="A command that uploads a picture with it.")
    sharex: dict[str, Any] = Field(description="A custom uploader for ShareX: save it as .sxcu.")


def _moments(held: HeldToken) -> dict[str, Any]:
    return {
        name: timestamp(moment) if moment is not None else None
        for name, moment in (
            ("created_at", held.created_at),
            ("used_at", held.used_at),
            ("expires_at", held.expires_at),
        )
    }
