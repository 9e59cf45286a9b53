"""The schema: the core's tables, and those of plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from helpa.core.checks.finding import Finding
from helpa.core.database import migrate

ADVICE = "`helpa serve` brings an older one up to date, as does `helpa db upgrade`."


def check(
    where: str, path: Path | None, url: str | None, plugins: Mapping[str, Path]
) -> Iterator[Finding]:
    """Say whose tables are not at their newest revision.

    Args:
        where: what the database is called.
        path: the file of SQLite.
        url: of PostgreSQL, instead.
        plugins: folders of their revisions, by name.
    """
    stale = migrate.stale(path, url, plugins)
    if None in stale:
        stale = {None: stale[None]}  # those of plugins come with it
    for name, reason in stale.items():
        if name is not None and reason != migrate.OLD:
            advice = "Repair the plugin, or take it out of plugins."
            yield Finding("fail", "database", f"the plugin {name!r}: {reason}", advice)
            continue
        owner = "this Helpa" if name is None else f"the plugin {name!r}"
        yield Finding("fail", "database", f"{where} has not the schema of {owner}", ADVICE)
