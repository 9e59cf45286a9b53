"""What plugins declare once they are given services: checked, and no name claimed twice."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TypeVar

from helpa.core.dialect import Dialect
from helpa.core.errors import PluginError
from helpa.core.job import Job
from helpa.core.layer_kind import LayerKind
from helpa.core.plugins.manager import Loaded, PluginManager
from helpa.core.routes import Route
from helpa.core.screening import Screening
from helpa.core.services import PersonalData, Services
from helpa.core.source import SourceKind

T = TypeVar("T")

OWN_PREFIXES = ("/img/", "/api/", "/docs/")
"""Paths that no dialect takes."""


class Registries:
    """Asks the plugins, in their order.

    Args:
        manager: the plugins.
        services: what a plugin is given.
    """

    def __init__(self, manager: PluginManager, services: Callable[[Loaded], Services]) -> None:
        self._manager = manager
        self._services = services

    def routes(self, prefixes: tuple[str, ...]) -> list[tuple[str, Route]]:
        """Return (plugin name, route) in order.

        Args:
            prefixes: of image URLs, which are answered before any route.

        Raises:
            PluginError: two plugins claim one path, or a declaration is none.
        """

        def claim(route: Route) -> str:
            if route.path.startswith(prefixes):
                raise ValueError(f"{route.path}: image URLs are answered before any route")
            return f"{route.method} {route.path}"

        return self._declared("routes", Route, claim)

    def sources(self) -> dict[str, SourceKind]:
        """Return kinds of source by name.

        Raises:
            PluginError: two plugins claim one name, or a declaration is none.
        """
        found = self._declared("sources", SourceKind, lambda k: f"the kind {k.name!r}")
        return {kind.name: kind for _, kind in found}

    def personal_data(self) -> list[PersonalData]:
        """Return what plugins keep of people, in order.

        Raises:
            PluginError: two plugins claim one name, or a declaration is none.
        """
        found = self._declared("personal_data", PersonalData, lambda d: f"{d.name!r}")
        return [each for _, each in found]

    def jobs(self, taken: Collection[str]) -> list[Job]:
        """Return kinds of background work, in order.

        Args:
            taken: the kinds of the core.

        Raises:
            PluginError: two claim one kind, or a declaration is none.
        """

        def claim(job: Job) -> str:
            if job.kind in taken:
                raise ValueError(f"the job {job.kind!r} belongs to the core")
            return f"the job {job.kind!r}"

        return [each for _, each in self._declared("jobs", Job, claim)]

    def layers(self) -> dict[str, LayerKind]:
        """Return the kind of layer of each plugin that has one.

        Raises:
            PluginError: two claim one name, or a declaration is none.
        """
        found = self._declared("layers", LayerKind, lambda k: f"the layer {k.name!r}")
        return dict(found)

    def screenings(self) -> list[Screening]:
        """Return what looks at pictures that arrive, in order.

        Raises:
            PluginError: two claim one name, or a declaration is none.
        """
        found = self._declared("screenings", Screening, lambda s: f"{s.name!r}")
        return [each for _, each in found]

    def dialects(self) -> list[Dialect]:
        """Return dialects in order.

        Raises:
            PluginError: two plugins claim one prefix, or a declaration is none.
        """

        def claim(dialect: Dialect) -> str:
            if dialect.prefix.startswith(OWN_PREFIXES):
                raise ValueError(f"{dialect.prefix} is Helpa's own")
            return f"the prefix {dialect.prefix!r}"

        return [each for _, each in self._declared("dialects", Dialect, claim)]

    def _declared(
        self,
        what: str,
        kind: type[T],
        claim: Callable[[T], str],
    ) -> list[tuple[str, T]]:
        """Return (plugin name, declaration) in order, of a hook that is given services.

        Args:
            what: ``register_<what>`` is the hook.
            kind: what declarations are.
            claim: says what one claims for itself alone; ValueError where it may not.
        """
        found: dict[str, tuple[str, T]] = {}
        for plugin in list(self._manager.plugins):
            step = partial(self._declare, plugin, what, kind, claim, found)
            self._manager.contain(plugin.optional, step, plugin)
        return list(found.values())

    def _declare(
        self,
        plugin: Loaded,
        what: str,
        kind: type[T],
        claim: Callable[[T], str],
        found: dict[str, tuple[str, T]],
    ) -> None:
        phase = f"register {what}"
        own: dict[str, tuple[str, T]] = {}
        for each in self._manager.listed(
            plugin, phase, f"register_{what}", services=self._services(plugin)
        ):
            if not isinstance(each, kind):
                raise PluginError(plugin.name, phase, f"{each!r} is no {kind.__name__}")
            try:
                claimed = claim(each)
            except ValueError as error:
                raise PluginError(plugin.name, phase, str(error)) from None
            if claimed in found or claimed in own:
                owner = found.get(claimed, (plugin.name,))[0]
                reason = f"{claimed} is registered by {owner!r} already"
                raise PluginError(plugin.name, phase, reason)
            own[claimed] = (plugin.name, each)
        found.update(own)
