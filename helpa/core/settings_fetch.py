"""Settings of fetching from other servers, and of sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork

from helpa.core.settings_base import Count, Group, Seconds


class Fetch(Group):
    """Fetching from other servers: imports by URL, and sources of the kind http."""

    enabled: bool = Field(True, description="Whether an upload may name a URL to import.")
    seconds: Seconds = Field(30, description="Seconds a fetch may take, with its redirects.")
    idle_seconds: Seconds = Field(
        10, description="Seconds a server may take to accept, and pause between two pieces."
    )
    redirects: Annotated[int, Field(ge=0, le=20)] = Field(
        3, description="Redirects that are followed, each checked as the first."
    )
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = Field(
        (80, 443), description="Ports that may be fetched from."
    )
    allow: tuple[IPvAnyNetwork, ...] = Field(
        (),
        description="Networks that may be fetched from although they are not public, such as "
        "10.0.0.0/8.",
    )
    header_bytes: Annotated[int, Field(ge=1024)] = Field(
        32 * 1024, description="Bytes of the head of an answer."
    )
    concurrency: Count = Field(16, description="Fetches at a time; four times as many wait.")


class SourceTable(BaseModel):
    """A table of ``[[sources]]``; members that are not here belong to the kind."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] = Field(
        description="First segment of its paths: /img/<name>/…"
    )
    kind: str = Field(description="folder, http, or what a plugin brings.")
    visibility: Literal["public", "signed", "private"] | None = Field(
        None, description="Of its pictures; unset takes the setting visibility."
    )
    link_epoch: Count = Field(
        1, description="Raise it to revoke every signed link to its pictures."
    )
    max_age: Count = Field(300, description="Seconds after which the source is asked again.")
    max_stale: Annotated[int, Field(ge=0)] = Field(
        86400, description="Seconds beyond that to serve what is held while the source fails."
    )
