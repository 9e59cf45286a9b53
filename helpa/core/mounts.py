"""The sources that the settings name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from helpa.core.access import SOURCE_OWNER
from helpa.core.errors import SettingsError, nearest
from helpa.core.mistakes import mistakes_of
from helpa.core.settings_fetch import SourceTable
from helpa.core.source import Source, SourceKind


@dataclass(frozen=True)
class Mounted:
    """A source with what its table says.

    Args:
        name: the first segment of its paths.
        source: where pictures come from.
        visibility: of its pictures.
        link_epoch: raising it revokes every signed link to them.
        max_age: seconds after which it is asked again.
        max_stale: seconds after that for which what is held is served while it fails.
        base_url: what the URLs of its pictures begin with, or empty where they have none.
    """

    name: str
    source: Source
    visibility: str
    link_epoch: int
    max_age: int
    max_stale: int
    base_url: str = ""

    @property
    def owner(self) -> str:
        """The owner of its pictures."""
        return f"{SOURCE_OWNER}{self.name}"


def mount(
    tables: Iterable[SourceTable], kinds: Mapping[str, SourceKind], visibility: str
) -> dict[str, Mounted]:
    """Return the sources of the settings by name.

    Args:
        tables: ``[[sources]]``.
        kinds: what plugins have registered.
        visibility: of pictures where a table does not say.

    Raises:
        SettingsError: lists every mistake.
    """
    mounted: dict[str, Mounted] = {}
    mistakes = []
    for table in tables:
        kind = kinds.get(table.kind)
        if kind is None:
            close = nearest(table.kind, kinds)
            hint = f" Did you mean {close}?" if close else ""
            listed = ", ".join(sorted(kinds)) or "none: no enabled plugin brings any"
            mistakes.append(
                f"sources.{table.name}.kind = {table.kind!r}: expected one of {listed}.{hint}"
            )
            continue
        try:
            model = kind.model.model_validate(table.model_extra or {})
        except ValidationError as error:
            mistakes += mistakes_of(error, kind.model, f"sources.{table.name}.")
            continue
        mounted[table.name] = Mounted(
            table.name,
            kind.make(model),
            table.visibility or visibility,
            table.link_epoch,
            table.max_age,
            table.max_stale,
            kind.base_url(model) if kind.base_url is not None else "",
        )
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return mounted
