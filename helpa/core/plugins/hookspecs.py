"""The hooks a plugin may implement.

Those named ``register_*`` are called once at the start, plugin by plugin in the order of the
``plugins`` setting, and return declarations that are checked and frozen; requests never call
them. ``lifespan`` wraps the running server. ``authenticate`` is asked for requests without a
token of ours. ``on_event`` is told of every change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pluggy
from pydantic import BaseModel

from helpa.core.commands import Command
from helpa.core.dialect import Dialect
from helpa.core.event import Event
from helpa.core.identity import Identity, Refused
from helpa.core.job import Job
from helpa.core.layer_kind import LayerKind
from helpa.core.operations import Encoder, Operation
from helpa.core.permissions import Permission
from helpa.core.routes import Route
from helpa.core.screening import Screening
from helpa.core.services import PersonalData, Services
from helpa.core.source import SourceKind

PROJECT = "helpa"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_settings() -> type[BaseModel]:  # type: ignore[empty-body]
    """Return the model of the table ``[plugin.<name>]``.

    When: at the start, first.
    Returns: a pydantic model class whose every field has a default and a description.
    Since: 0.1.
    """


@hookspec
def register_operations() -> Sequence[Operation | Encoder]:  # type: ignore[empty-body]
    """Return operations of the URL, and formats renditions come in.

    When: at the start, after settings.
    Returns: declarations whose names no other plugin has.
    Since: 0.1.
    """


@hookspec
def register_migrations() -> Path:  # type: ignore[empty-body]
    """Return the folder of Alembic revisions that make the plugin's tables.

    When: at the start, after commands; ``helpa serve`` and ``helpa db upgrade`` then run what is
    new in it, after the core's and those of the plugins before.
    Returns: a folder of files; none of them is imported for anything else.
    Since: 0.1.
    """


@hookspec
def register_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """Return commands, shown where each says: ``helpa <name>`` on the command line.

    When: at the start, after operations; also by the command line, which serves nobody then.
    Returns: declarations whose names neither the core nor another plugin has.
    Since: 0.1.
    """


@hookspec
def register_permissions() -> Sequence[Permission]:  # type: ignore[empty-body]
    """Return permissions that routes of this plugin ask for, each with its default roles.

    When: at the start, after commands.
    Returns: declarations whose names neither the core nor another plugin has.
    Since: 0.1.
    """


@hookspec
def register_routes(services: Services) -> Sequence[Route]:  # type: ignore[empty-body]
    """Return routes of the HTTP server.

    When: at the start, after operations.
    Arguments: ``services``, what the server offers this plugin.
    Returns: declarations whose method and path no other plugin has.
    Since: 0.1.
    """


@hookspec
def register_personal_data(services: Services) -> Sequence[PersonalData]:  # type: ignore[empty-body]
    """Return what this plugin keeps of people, so that it can be exported and erased.

    When: at the start, after routes.
    Arguments: ``services``, what the server offers this plugin.
    Returns: declarations whose names no other plugin has.
    Since: 0.1.
    """


@hookspec
def register_jobs(services: Services) -> Sequence[Job]:  # type: ignore[empty-body]
    """Return kinds of work done in the background; ``services.jobs`` queues it.

    When: at the start, after personal data.
    Arguments: ``services``, what the server offers this plugin.
    Returns: declarations whose kinds neither the core nor another plugin has.
    Since: 0.1.
    """


@hookspec
def register_layers(services: Services) -> Sequence[LayerKind]:  # type: ignore[empty-body]
    """Return what the layers are that this plugin stores with pictures; one kind, or none.

    When: at the start, after jobs.
    Arguments: ``services``, what the server offers this plugin.
    Returns: declarations whose names no other plugin has.
    Since: 0.1.
    """


@hookspec
def register_screenings(services: Services) -> Sequence[Screening]:  # type: ignore[empty-body]
    """Return what looks at pictures that arrive, before anybody can see them.

    When: at the start, after layers.
    Arguments: ``services``, what the server offers this plugin.
    Returns: declarations whose names no other plugin has.
    Since: 0.1.
    """


@hookspec
def register_sources(services: Services) -> Sequence[SourceKind]:  # type: ignore[empty-body]
    """Return kinds of source, which tables of ``[[sources]]`` name.

    When: at the start, after operations.
    Arguments: ``services``, what the server offers this plugin.
    Returns: declarations whose names no other plugin has.
    Since: 0.1.
    """


@hookspec
def register_dialects(services: Services) -> Sequence[Dialect]:  # type: ignore[empty-body]
    """Return dialects: image URLs as other servers write them.

    When: at the start, after sources.
    Arguments: ``services``, what the server offers this plugin.
    Returns: declarations whose prefixes no other plugin and no route has.
    Since: 0.1.
    """


@hookspec
def lifespan(services: Services) -> AbstractAsyncContextManager[None]:  # type: ignore[empty-body]
    """Return a context manager that is open while the server runs.

    When: entered once the server can answer, left when it has drained.
    Arguments: ``services``, what the server offers this plugin.
    Returns: an async context manager.
    Since: 0.1.
    """


@hookspec
async def authenticate(services: Services, headers: Mapping[str, str]) -> Identity | Refused | None:
    """Say who sent a request, where its credential is this plugin's.

    When: for requests without a token of ours (``Bearer helpa_…``) whose right depends on who asks.
    Arguments: ``services``; ``headers`` by lower-case name, where a bearer token was sent that
    header alone.
    Returns: an Identity; None where the credential is not this plugin's or there is none;
    Refused where it is and is not valid. Refused and exceptions refuse this request alone.
    Since: 0.1.
    """


@hookspec
async def permission_allowed(
    services: Services, identity: Identity, permission: str, target: str
) -> bool | None:
    """Say whether somebody who has a permission may use it on an object all the same.

    When: before a picture is changed, deleted, linked to, or its original is handed out, and its
    owner, team or role allow that already.
    Arguments: ``services``; ``identity``, who asks; ``permission``, such as ``originals:read``;
    ``target``, such as ``image:<id>``.
    Returns: False denies, whatever others say; True and None do not. An exception denies, too.
    Since: 0.1.
    """


@hookspec
async def signed_out(services: Services, session: Identity) -> str | None:
    """Say where a browser goes on to from signing out: to who vouched for it, to sign out there.

    When: after somebody signed out; the session holds no longer.
    Arguments: ``services``; ``session``, whose ``id`` is that of the session that ended.
    Returns: an absolute URL, which the first plugin that has one decides; or None. Exceptions are
    logged, and somebody is signed out all the same.
    Since: 0.1.
    """


@hookspec
async def on_event(services: Services, event: Event) -> None:
    """Do what follows from a change that was made.

    When: after the change was committed, for every event since the plugin was first enabled, one
    by one in order; at least once each, so again where a process died in the middle. In the
    server, after ``lifespan`` was entered, and in ``helpa jobs run``, which does not enter it.
    Arguments: ``services``; ``event``, what happened.
    Returns: nothing, within 20 seconds. After an exception, or later than that, the event is
    delivered again, after a growing delay; after ``jobs.attempts`` tries it is a dead letter, and
    the next one follows.
    Since: 0.1.
    """
