"""What plugins do while the server runs: lifespans, who asks, and events."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from helpa.core.errors import PluginError
from helpa.core.event import Event
from helpa.core.events import Listener
from helpa.core.identity import Identity
from helpa.core.plugins.manager import Loaded, PluginManager
from helpa.core.services import Services

log = structlog.get_logger("helpa.plugins")


async def enter_lifespans(
    manager: PluginManager,
    services: Callable[[Loaded], Services],
    stack: contextlib.AsyncExitStack,
) -> None:
    """Enter each plugin's lifespan, in order.

    Args:
        manager: the plugins.
        services: what a plugin is given.
        stack: leaves them, in the reverse order.

    Raises:
        PluginError: one fails whose plugin is not optional.
    """
    for plugin in manager.plugins:
        try:
            lifespan = manager.call(plugin, "start", "lifespan", services=services(plugin))
            if lifespan is not None:
                await stack.enter_async_context(lifespan)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            if isinstance(error, PluginError):
                reason = error.reason
            if not plugin.optional:
                raise PluginError(plugin.name, "start", reason) from error
            log.error("plugin.left_out", plugin=plugin.name, phase="start", reason=reason)


def authenticators(
    manager: PluginManager, services: Callable[[Loaded], Services]
) -> list[tuple[str, Any]]:
    """Return (plugin name, async function of headers) in order."""
    found = []
    for plugin in manager.plugins:
        if manager.implements(plugin.module, "authenticate"):
            offered = services(plugin)
            hook = plugin.module.authenticate

            async def ask(
                headers: Mapping[str, str], hook: Any = hook, offered: Services = offered
            ) -> Any:
                return await hook(services=offered, headers=headers)

            found.append((plugin.name, ask))
    return found


def farewell(
    manager: PluginManager, services: Callable[[Loaded], Services]
) -> Callable[[Identity], Awaitable[str | None]]:
    """Return the function that says where a browser goes on to from signing out."""
    asked = [
        (plugin.name, plugin.module.signed_out, services(plugin))
        for plugin in manager.plugins
        if manager.implements(plugin.module, "signed_out")
    ]

    async def ask(session: Identity) -> str | None:
        for plugin, hook, offered in asked:
            try:
                url = await hook(services=offered, session=session)
                if url is not None and not re.match(r"https?://[^/]", url):
                    raise ValueError(f"{url!r} is no absolute URL")
            except Exception as error:
                # The session has ended, whatever fails here.
                log.error("plugin.failed", plugin=plugin, phase="signed_out", exc_info=error)
                continue
            if url is not None:
                return str(url)
        return None

    return ask


def guard(
    manager: PluginManager, services: Callable[[Loaded], Services]
) -> Callable[[Identity, str, str], Awaitable[bool]]:
    """Return the function that says whether no plugin denies a permission on an object."""
    asked = [
        (plugin.name, plugin.module.permission_allowed, services(plugin))
        for plugin in manager.plugins
        if manager.implements(plugin.module, "permission_allowed")
    ]

    async def ask(identity: Identity, permission: str, target: str) -> bool:
        for plugin, hook, offered in asked:
            try:
                said = await hook(
                    services=offered, identity=identity, permission=permission, target=target
                )
            except Exception as error:
                log.error("plugin.failed", plugin=plugin, phase="permission_allowed",
                          exc_info=error)  # fmt: skip
                return False
            if said is False:
                return False
        return True

    return ask


def listeners(
    manager: PluginManager, services: Callable[[Loaded], Services]
) -> dict[str, Listener]:
    """Return what is told of events, by plugin name."""
    found: dict[str, Listener] = {}
    for plugin in manager.plugins:
        if manager.implements(plugin.module, "on_event"):
            found[plugin.name] = _listener(plugin.module.on_event, services(plugin))
    return found


def _listener(hook: Any, offered: Services) -> Listener:
    async def tell(event: Event) -> None:
        await hook(services=offered, event=event)

    return tell
