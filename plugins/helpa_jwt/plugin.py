"""What the plugin registers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from helpa import Command, Identity, Refused, Route, Services, hookimpl
from helpa_jwt import commands, keyfile, recognition
from helpa_jwt.issuing import Issuing


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the routes: tokens, and the keys to check them with."""
    return Issuing(services).routes()


@hookimpl
def register_commands() -> list[Command]:
    """Return ``helpa jwt keys`` and ``helpa jwt rotate``."""
    return [Command("jwt keys", commands.keys), Command("jwt rotate", commands.rotate)]


@hookimpl
async def authenticate(services: Services, headers: Mapping[str, str]) -> Identity | Refused | None:
    """Say whose access token was sent."""
    return await recognition.recognise(services, headers.get("authorization", ""))


@hookimpl
def lifespan(services: Services) -> AbstractAsyncContextManager[None]:
    """Make the first key where there is none; a file that cannot be read stops the start."""
    return _running(services)


@asynccontextmanager
async def _running(services: Services) -> AsyncIterator[None]:
    await asyncio.to_thread(keyfile.load, services.folder())
    yield
