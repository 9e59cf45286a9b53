"""What the plugin registers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from helpa import (
    Command,
    Event,
    Identity,
    Job,
    Operation,
    Permission,
    Route,
    Screening,
    Services,
    Stage,
    hookimpl,
)
from helpa_redaction import redact
from helpa_redaction.settings import RedactionSettings

if TYPE_CHECKING:
    from helpa_redaction.parts import Parts

ORIGINALS = "originals:read"


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the model of ``[plugin.redaction]``."""
    return RedactionSettings


@hookimpl
def register_operations() -> list[Operation]:
    """Return the operation that hides in a signed link."""
    return [
        Operation(
            "redact",
            stage=Stage.REDACT,
            plan=redact.redact,
            draw="helpa_redaction.draw.redact:redact",
            needs=redact.needs,
            refusal=redact.REFUSAL,
        )
    ]


@hookimpl
def register_migrations() -> Path:
    """Return the folder of the revisions of its tables."""
    return Path(__file__).parent / "migrations"


@hookimpl
def register_permissions() -> list[Permission]:
    """Return the permission to set policies."""
    return [Permission("redaction-policies:write", "see and set redaction policies", ("admin",))]


@hookimpl
def register_commands() -> Sequence[Command]:
    """Return the commands about manifests."""
    from helpa_redaction.commands import COMMANDS

    return COMMANDS


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the API."""
    from helpa_redaction.api.policies import PoliciesApi
    from helpa_redaction.api.redactions import RedactionsApi
    from helpa_redaction.api.suggestions import SuggestionsApi

    parts = _parts(services)
    return [
        *RedactionsApi(services, parts.redactions, parts.editing).routes(),
        *SuggestionsApi(services, parts.scanning, parts.redactions).routes(),
        *PoliciesApi(services, parts.policies, parts.looking).routes(),
    ]


@hookimpl
def register_jobs(services: Services) -> list[Job]:
    """Return the job that looks through a picture."""
    from helpa_redaction.scanning import JOB

    parts = _parts(services)
    if services.settings.detectors:
        parts.looking()  # one that is not there stops the start
    return [Job(JOB, parts.scanning.run)]


@hookimpl
def register_screenings(services: Services) -> list[Screening]:  # noqa: ARG001
    """Return what holds pictures back until they were looked through."""
    from helpa_redaction.policies import screen

    return [Screening("redaction", screen)]


@hookimpl
async def permission_allowed(
    services: Services, identity: Identity, permission: str, target: str
) -> bool | None:
    """Say whether the policy of a picture lets somebody see its original."""
    if permission != ORIGINALS:
        return None
    from helpa_redaction.policies import Policies

    return await Policies(services).may_see_original(identity, target.partition(":")[2])


@hookimpl
async def on_event(services: Services, event: Event) -> None:
    """Look through what was uploaded, and forget what was found in what is gone."""
    if event.kind == "image.upload":
        await _parts(services).scanning.uploaded(event)
    if event.kind == "image.delete":
        from helpa_redaction import findings

        image = event.object.partition(":")[2]
        await services.database.write(lambda c: findings.forget(c, image))


def _parts(services: Services) -> Parts:
    from helpa_redaction.parts import parts_of

    return parts_of(services)
