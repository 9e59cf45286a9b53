"""Writes the documents that are made from the code; with --check, says which have drifted."""

from __future__ import annotations

import sys
from pathlib import Path

import effects
import roles

from helpa.core import reference, settings_text
from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import PluginName, Settings
from helpa.core.vocabulary import Vocabulary

DOCS = Path(__file__).parent
PLUGINS: tuple[str, ...] = Settings.model_fields["plugins"].default
"""Those that are enabled unless settings say otherwise."""


def documents(manager: PluginManager, vocabulary: Vocabulary) -> dict[Path, str]:
    """Return the text of each generated document, by path."""
    models = {p.name: type(p.settings) for p in manager.plugins if p.settings is not None}
    pages = effects.pages(vocabulary).items()
    return {
        DOCS / "operations.md": reference.markdown(vocabulary),
        DOCS / "roles.md": roles.text(),
        DOCS / "settings.md": settings_text.reference(models),
        **{DOCS / "operations" / f"{name}.md": text for name, text in pages},
    }


def main() -> int:
    """Write or check; return the exit code."""
    manager = PluginManager([PluginName(name=name, optional=False) for name in PLUGINS], {})
    vocabulary = Vocabulary(manager.operations(), manager.encoders())
    wanted = documents(manager, vocabulary)
    drifted = [str(path.relative_to(DOCS)) for path, text in wanted.items() if _now(path) != text]
    unknown = [p for p in (DOCS / "operations").glob("*.md") if p not in wanted]
    drifted += [f"{path.relative_to(DOCS)} (of no operation)" for path in unknown]
    pictures = effects.drifted(vocabulary)
    if "--check" in sys.argv:
        drifted += [f"operations/{name}.webp" for name in pictures]
        if drifted:
            print(f"Drifted from the code: {', '.join(drifted)}. Run `make docs`.")
        return int(bool(drifted))
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in unknown:
        path.unlink()
    if pictures:
        effects.make(vocabulary, PLUGINS)
    return 0


def _now(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
