"""What the plugin registers."""

from __future__ import annotations

from pydantic import BaseModel

from helpa import Command, Operation, Route, Services, SourceKind, Stage, hookimpl
from helpa_example import command, operation, route, source
from helpa_example.settings import ExampleSettings


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings."""
    return ExampleSettings


@hookimpl
def register_operations() -> list[Operation]:
    """Return the operation of image URLs."""
    return [
        Operation(
            "duo",
            stage=Stage.EFFECT,
            plan=operation.duo,
            draw="helpa_example.draw.duotone:duotone",
        )
    ]


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the route of the HTTP server."""
    return [
        Route(
            "GET",
            "/api/example/sheet",
            route.SheetApi(services).answer,
            permission="images:read",
            summary="List the newest pictures in two colours.",
            replies={200: route.Sheet},
        )
    ]


@hookimpl
def register_commands() -> list[Command]:
    """Return the command of the command line."""
    return [Command("sheet", command.sheet)]


@hookimpl
def register_sources(services: Services) -> list[SourceKind]:  # noqa: ARG001  hooks take all
    """Return the kind of source."""
    return [SourceKind("zip", source.ZipSettings, source.ZipSource)]
