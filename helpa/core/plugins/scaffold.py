"""Writing the project of a new plugin."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from pathlib import Path

import helpa
from helpa.core.commands import CORE_COMMANDS
from helpa.core.errors import HelpaError, invalid
from helpa.core.plugins.manager import PluginManager, installed
from helpa.core.settings import PluginName
from helpa.core.vocabulary import Vocabulary

NAMES = {
    "operation": ("Operation", "Stage"),
    "route": ("Route", "Services"),
    "source": ("Services", "SourceKind"),
    "command": ("Command",),
}
"""What of Helpa the registration of each part needs."""

PARTS = tuple(NAMES)
"""What a new plugin may bring."""

TEMPLATE = Path(__file__).with_name("template")
SUFFIX = ".jinja"


def write(name: str, parts: Iterable[str], into: Path) -> Path:
    """Write a project and return its folder, ``<into>/helpa-<name>``.

    Args:
        name: of the plugin: lower case letters, digits and _.
        parts: some of :data:`PARTS`.
        into: where the folder is made.

    Raises:
        InvalidValue: the name or a part is not allowed, or the name means something already.
        HelpaError: the folder is there already; nothing is written.
    """
    chosen = list(dict.fromkeys(parts))
    for part in chosen:
        if part not in PARTS:
            raise invalid("--with", part, "some of " + ", ".join(PARTS))
    _check_name(name, chosen)
    project = into / f"helpa-{name}"
    if project.exists():
        raise HelpaError(f"{project} is there already; nothing was written.")
    import jinja2  # not loaded by every command

    environment = jinja2.Environment(  # noqa: S701  what is written is Python, not HTML
        loader=jinja2.FileSystemLoader(TEMPLATE),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    names = {"hookimpl"}.union(*(NAMES[part] for part in chosen))
    words = {
        "name": name,
        "parts": chosen,
        "version": helpa.__version__,
        "modules": sorted(chosen),
        "hooks": sorted(f"register_{part}s" for part in chosen),
        "names": sorted(names, key=lambda word: (not word[0].isupper(), word)),
    }
    for source in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        relative = source.relative_to(TEMPLATE)
        text = environment.get_template(relative.as_posix()).render(words)
        if not text.strip():
            continue  # a file of a part that is not wanted
        path = str(relative).removesuffix(SUFFIX).replace("NAME", name).replace("TESTS", "tests")
        target = project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (project / f"helpa_{name}" / "py.typed").touch()
    return project


def _check_name(name: str, parts: list[str]) -> None:
    allowed = "lower case letters, digits and _, a letter first, up to 24 characters"
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,23}", name) or keyword.iskeyword(name):
        raise invalid("NAME", name, allowed)
    if name in installed():
        raise invalid("NAME", name, "a name no installed plugin has")
    if "command" in parts and name in CORE_COMMANDS:
        raise invalid("NAME", name, "a name that is no command of the core")
    if "operation" in parts:
        manager = PluginManager([PluginName(name="basics", optional=False)], {})
        vocabulary = Vocabulary(manager.operations(), manager.encoders())
        taken = {operation.name for operation in vocabulary.operations}
        if name in taken or name in set(vocabulary.spellings):
            raise invalid("NAME", name, "a name that is no parameter of image URLs")
