"""What the plugin's routes answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from helpa import Identity, Services, StoredImage
from helpa.api import ImageDocument
from helpa_redaction.policy import Policy


class RevisedDocument(BaseModel):
    """A picture with new pixels."""

    image: ImageDocument
    manifest_url: str = Field(description="What was done to it, signed.")
    covered: list[list[int]] = Field(
        description="Rectangles that were filled, x, y, w, h in pixels: the regions, grown by a "
        "margin and to the blocks that the uploaded file's codec has."
    )


class Box(BaseModel):
    """A rectangle of the upright picture, in pixels."""

    x: int
    y: int
    w: int
    h: int


class SuggestionDocument(BaseModel):
    """Something that looks as if it should be hidden."""

    id: str
    category: str
    box: Box = Field(description="Around all of it.")
    boxes: list[Box] = Field(description="Of each line that it stands in; these are redacted.")
    confidence: float = Field(description="0 to 1.")
    why: str = Field(description="What tells it; never what it says.")
    state: Literal["pending", "accepted", "dismissed"]
    revision: int = Field(description="It was found in.")
    created_at: str = Field(description="RFC 3339, in UTC.")


class ScanDocument(BaseModel):
    """How looking went."""

    job_url: str = Field(description="Shows how far it is.")
    state: Literal["queued", "done", "failed"]
    revision: int = Field(description="That was looked at.")
    report: dict[str, Any] = Field(
        description="looked_for; unavailable: what could not be looked for, and why; not_read: "
        "parts that were not."
    )
    changed_at: str = Field(description="RFC 3339, in UTC.")


class SuggestionList(BaseModel):
    """What was found in a picture."""

    suggestions: list[SuggestionDocument]
    scan: ScanDocument | None = Field(None, description="None where nobody has looked yet.")


class ScanStarted(BaseModel):
    """Looking has begun."""

    job: str
    job_url: str


class PolicyDocument(BaseModel):
    """A policy."""

    subject: str = Field(description="default, team:<id> or token:<id>.")
    policy: Policy
    changed_at: str = Field(description="RFC 3339, in UTC.")


class PolicyList(BaseModel):
    """Every policy."""

    policies: list[PolicyDocument]


class ManifestDocument(BaseModel):
    """What was done to a picture, signed."""

    manifest: dict[str, Any]
    key: str = Field(description="Public key, Ed25519, in base64url.")
    signature: str = Field(description="Over the manifest, in base64url.")


def revised(
    services: Services, connection: Connection, image: StoredImage, viewer: Identity
) -> dict[str, Any]:
    """Return what is answered of a picture with new pixels, as the transaction at hand sees it."""
    last = services.images.revisions(connection, image.id)[-1]
    return {
        "image": services.images.document(connection, image.id, viewer),
        "manifest_url": f"{services.public_url}/api/images/{image.id}/manifest",
        "covered": last.details.get("covered", []),
    }
