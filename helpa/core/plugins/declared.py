"""What a plugin declares besides operations, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from helpa.core.commands import CORE_COMMANDS, Command
from helpa.core.errors import PluginError
from helpa.core.permissions import CORE, Permission

LONGEST_NAME = 40
"""PostgreSQL cuts names at 63 bytes; the version table's key is alembic_version_<plugin>_pkc."""


def commands(
    plugin: str, answers: Iterable[object], owners: Mapping[str, str]
) -> Iterable[Command]:
    """Yield the commands a plugin declares.

    Args:
        plugin: its name.
        answers: of its hook.
        owners: plugins by the names of the commands that are taken.

    Raises:
        PluginError: one is no command, or its name is taken.
    """
    phase, taken = "register commands", dict(owners)
    for command in answers:
        if not isinstance(command, Command):
            raise PluginError(plugin, phase, f"{command!r} is no Command")
        if command.name.split()[0] in CORE_COMMANDS:
            raise PluginError(plugin, phase, f"the command {command.name!r} belongs to the core")
        if command.name in taken:
            reason = (
                f"the command {command.name!r} is registered by {taken[command.name]!r} already"
            )
            raise PluginError(plugin, phase, reason)
        taken[command.name] = plugin
        yield command


def permissions(
    plugin: str, answers: Iterable[object], owners: Mapping[str, str]
) -> Iterable[Permission]:
    """Yield the permissions a plugin declares.

    Args:
        plugin: its name.
        answers: of its hook.
        owners: plugins by the names of the permissions that are taken.

    Raises:
        PluginError: one is no permission, or its name is taken.
    """
    phase = "register permissions"
    taken = {each.name: "the core" for each in CORE}
    taken |= {name: repr(owner) for name, owner in owners.items()}
    for permission in answers:
        if not isinstance(permission, Permission):
            raise PluginError(plugin, phase, f"{permission!r} is no Permission")
        name = permission.name
        if name in taken:
            reason = f"the permission {name!r} is registered by {taken[name]} already"
            raise PluginError(plugin, phase, reason)
        taken[name] = repr(plugin)
        yield permission


def migrations(plugin: str, folder: object) -> Path | None:
    """Return the folder of a plugin's revisions, or None where it has none.

    Raises:
        PluginError: it is no folder of revisions, or the plugin's name is too long for it.
    """
    phase = "register migrations"
    if folder is None:
        return None
    if not isinstance(folder, Path):
        raise PluginError(plugin, phase, f"{folder!r} is no Path")
    if not any(folder.glob("*.py")):
        raise PluginError(plugin, phase, f"{folder} holds no revisions")
    if len(plugin) > LONGEST_NAME:
        reason = f"a plugin with tables has a name of at most {LONGEST_NAME} characters"
        raise PluginError(plugin, phase, reason)
    return folder
