"""Tables of plugins: brought up to date after the core's, plugin by plugin in order."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from helpa.core.database import migrate
from helpa.core.errors import PluginError, SettingsError
from helpa.core.plugins.manager import PluginManager


def folders(manager: PluginManager) -> dict[str, Path]:
    """Return the folders of revisions, by plugin name."""
    return {each.name: each.migrations for each in manager.plugins if each.migrations is not None}


def upgrade(manager: PluginManager, path: Path, url: str | None) -> None:
    """Create the database or bring it up to date; an optional plugin that fails is left out.

    Args:
        manager: the plugins.
        path: the file of SQLite.
        url: of PostgreSQL, instead.

    Raises:
        PluginError: a revision of a plugin fails.
        SettingsError: a newer Helpa has been here, or PostgreSQL does not let us in.
    """
    migrate.upgrade(path, url)
    for plugin in list(manager.plugins):
        if plugin.migrations is not None:
            step = partial(migrate.upgrade_plugin, plugin.name, plugin.migrations, path, url)
            manager.contain(plugin.optional, step, plugin)


def require(manager: PluginManager, path: Path, url: str | None) -> None:
    """Insist that the database is up to date; an optional plugin that is not is left out.

    Args:
        manager: the plugins.
        path: the file of SQLite.
        url: of PostgreSQL, instead.

    Raises:
        PluginError: the tables of a plugin are old or not there.
        SettingsError: the core's are.
    """
    old = migrate.stale(path, url, folders(manager))
    if None in old:
        raise SettingsError("The database's schema is old; run `helpa db upgrade`.")
    for plugin in [each for each in manager.plugins if each.name in old]:
        error = PluginError(plugin.name, migrate.PHASE, old[plugin.name])
        manager.contain(plugin.optional, partial(_raise, error), plugin)


def _raise(error: PluginError) -> None:
    raise error
