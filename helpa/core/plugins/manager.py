"""Finding plugins, and calling them one by one so that a failing one is named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy
import structlog
from pydantic import BaseModel, ValidationError

from helpa.core.commands import Command
from helpa.core.errors import PluginError, nearest
from helpa.core.mistakes import mistakes_of
from helpa.core.operations import Encoder, Operation
from helpa.core.permissions import CORE, Permission
from helpa.core.plugins import declared, hookspecs
from helpa.core.plugins.hookspecs import PROJECT
from helpa.core.plugins.variables import decoded
from helpa.core.settings import PluginName
from helpa.core.vocabulary import Vocabulary

log = structlog.get_logger("helpa.plugins")

HOOKS = tuple(name for name, value in vars(hookspecs).items() if hasattr(value, "helpa_spec"))

GUARDS = ("authenticate", "permission_allowed", "register_screenings")
"""Hooks that access depends on: a plugin that has one is never left out."""

GROUP = "helpa"
"""The entry-point group plugins stand in."""


@dataclass
class Loaded:
    """An enabled plugin.

    Args:
        name: its entry-point name.
        optional: whether the server starts without it.
        module: what the entry point names.
        distribution: name and version of the package it comes from.
        settings: its parsed settings.
        migrations: folder of the revisions of its tables, or None where it has none.
    """

    name: str
    optional: bool
    module: Any
    distribution: str
    settings: BaseModel | None = None
    operations: list[Operation] = field(default_factory=list)
    encoders: list[Encoder] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    migrations: Path | None = None
    permissions: list[Permission] = field(default_factory=list)


def installed(group: str = GROUP) -> dict[str, EntryPoint]:
    """Return the entry points of every installed plugin, by name."""
    return {point.name: point for point in entry_points(group=group)}


class PluginManager:
    """The enabled plugins.

    Args:
        enabled: names in order.
        tables: raw settings by plugin name.
        found: entry points by name; what is installed, unless a test says otherwise.

    Raises:
        PluginError: a plugin that is not optional is missing, broken or malformed.
    """

    def __init__(
        self,
        enabled: Iterable[PluginName],
        tables: Mapping[str, Mapping[str, Any]],
        found: Mapping[str, Any] | None = None,
    ) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self.plugins: list[Loaded] = []
        self.broken: list[PluginError] = []
        points = installed() if found is None else found
        seen: set[str] = set()
        for wanted in enabled:
            if wanted.name in seen:
                raise PluginError(wanted.name, "find", "it is listed twice in plugins")
            seen.add(wanted.name)
            self.contain(wanted.optional, partial(self._load, wanted, points))
        for name in tables:
            if name not in seen:
                close = nearest(name, seen)
                hint = f"; did you mean [plugin.{close}]?" if close else ""
                raise PluginError(name, "read settings", f"[plugin.{name}] is not enabled{hint}")
        for plugin in list(self.plugins):
            self.contain(
                plugin.optional,
                partial(self._configure, plugin, tables.get(plugin.name, {})),
                plugin,
            )
        for plugin in list(self.plugins):
            self.contain(plugin.optional, partial(self._register, plugin), plugin)

    def contain(
        self, optional: bool, step: Callable[[], None], plugin: Loaded | None = None
    ) -> None:
        """Do a step; leave an optional plugin out where it fails.

        Raises:
            PluginError: the step fails, and the plugin is not optional.
        """
        try:
            step()
        except PluginError as error:
            if not optional or error.fatal:
                raise
            log.error("plugin.left_out", plugin=error.plugin, phase=error.phase,
                      reason=error.reason)  # fmt: skip
            self.broken.append(error)
            if plugin is not None:
                self.plugins.remove(plugin)
                self._manager.unregister(plugin.module)

    def _load(self, wanted: PluginName, points: Mapping[str, Any]) -> None:
        name = wanted.name
        point = points.get(name)
        if point is None:
            close = nearest(name, points)
            hint = f" Did you mean {close!r}?" if close else ""
            known = ", ".join(sorted(points)) or "none"
            raise PluginError(name, "find", f"it is not installed; installed: {known}.{hint}")
        try:
            module = point.load()
        except Exception as error:
            raise PluginError(name, "import", f"{type(error).__name__}: {error}") from error
        self._check_marks(name, module)
        try:
            self._manager.register(module, name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(module)
            text = f"{error}; the hooks are {', '.join(HOOKS)}"
            raise PluginError(name, "validate", text) from error
        except ValueError as error:
            raise PluginError(name, "register", str(error)) from error
        if wanted.optional and any(self.implements(module, hook) for hook in GUARDS):
            self._manager.unregister(module)
            reason = "it guards access, so it cannot be optional"
            raise PluginError(name, "validate", reason, fatal=True)
        package = getattr(point, "dist", None)
        distribution = f"{package.name} {package.version}" if package is not None else ""
        self.plugins.append(Loaded(name, wanted.optional, module, distribution))

    @staticmethod
    def _check_marks(name: str, module: Any) -> None:
        for attribute, value in vars(module).items():
            named = attribute.startswith("register_") or attribute in HOOKS
            if not named or not inspect.isfunction(value):
                continue
            if not hasattr(value, "helpa_impl"):
                raise PluginError(
                    name, "validate", f"{attribute} is not marked with @helpa.hookimpl"
                )
            waited = attribute in ("on_event", "signed_out", "permission_allowed")
            if waited and not inspect.iscoroutinefunction(value):
                raise PluginError(name, "validate", f"{attribute} is no async function")

    @staticmethod
    def implements(module: Any, hook: str) -> bool:
        """Whether a plugin's module has a hook."""
        return hasattr(getattr(module, hook, None), "helpa_impl")

    def _configure(self, plugin: Loaded, table: Mapping[str, Any]) -> None:
        model = self.call(plugin, "settings", "register_settings")
        if model is None:
            if table:
                raise PluginError(plugin.name, "read settings", "it has no settings")
            return
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise PluginError(plugin.name, "settings", f"{model!r} is no pydantic model class")
        try:
            plugin.settings = model.model_validate(decoded(model, table))
        except ValidationError as error:
            lines = mistakes_of(error, model, f"plugin.{plugin.name}.")
            raise PluginError(plugin.name, "read settings", "\n" + "\n".join(lines)) from None

    def _register(self, plugin: Loaded) -> None:
        for each in self.listed(plugin, "register operations", "register_operations"):
            if isinstance(each, Operation):
                plugin.operations.append(each)
            elif isinstance(each, Encoder):
                plugin.encoders.append(each)
            else:
                raise PluginError(
                    plugin.name,
                    "register operations",
                    f"{each!r} is neither an Operation nor an Encoder",
                )
        try:
            Vocabulary(self.operations(), self.encoders())
        except ValueError as error:
            raise PluginError(plugin.name, "register operations", str(error)) from None
        name = plugin.name
        owners = {command.name: owner for owner, command in self.commands()}
        said = self.listed(plugin, "register commands", "register_commands")
        plugin.commands += declared.commands(name, said, owners)
        owners = {each.name: p.name for p in self.plugins for each in p.permissions}
        said = self.listed(plugin, "register permissions", "register_permissions")
        plugin.permissions += declared.permissions(name, said, owners)
        folder = self.call(plugin, "register migrations", "register_migrations")
        plugin.migrations = declared.migrations(name, folder)

    def listed(self, plugin: Loaded, phase: str, hook: str, **given: Any) -> Sequence[Any]:
        """Return what a hook of one plugin answers, a list.

        Raises:
            PluginError: it answers something else, or fails.
        """
        answer = self.call(plugin, phase, hook, **given)
        if answer is None:
            return ()
        if not isinstance(answer, (list, tuple)):
            raise PluginError(plugin.name, phase, f"{hook} answered {answer!r}, not a list")
        return answer

    def call(self, plugin: Loaded, phase: str, hook: str, **given: Any) -> Any:
        """Return what a plugin's hook answers, or None where it has none.

        Raises:
            PluginError: it fails.
        """
        if not self.implements(plugin.module, hook):
            return None
        others = [p.module for p in self.plugins if p is not plugin]
        caller = self._manager.subset_hook_caller(hook, others)
        try:
            answers = caller(**given)
        except Exception as error:
            raise PluginError(plugin.name, phase, f"{type(error).__name__}: {error}") from error
        return answers[0] if answers else None

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """Yield (plugin name, operation) in order."""
        for plugin in self.plugins:
            for operation in plugin.operations:
                yield plugin.name, operation

    def encoders(self) -> Iterator[tuple[str, Encoder]]:
        """Yield (plugin name, encoder) in order."""
        for plugin in self.plugins:
            for encoder in plugin.encoders:
                yield plugin.name, encoder

    def permissions(self) -> list[Permission]:
        """Return every permission of the core and of plugins, in order."""
        return [*CORE, *(each for plugin in self.plugins for each in plugin.permissions)]

    def commands(self, surface: str | None = None) -> Iterator[tuple[str, Command]]:
        """Yield (plugin name, command) in order, of one surface or of all."""
        for plugin in self.plugins:
            for command in plugin.commands:
                if surface is None or surface in command.surfaces:
                    yield plugin.name, command

    @property
    def settings(self) -> dict[str, Any]:
        """Parsed settings by plugin name."""
        return {plugin.name: plugin.settings for plugin in self.plugins}
