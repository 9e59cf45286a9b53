"""What can be written over pictures: asked of the planner, as a URL would."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation
from helpa.core.errors import InvalidValue
from helpa.core.operations import Picture
from helpa.core.plan import OutputLimits, Planner
from helpa.core.query import Grammar
from helpa.core.values import Size
from helpa.core.vocabulary import Vocabulary

SAMPLES = {
    "Latin": "Help", "Greek": "Βοήθεια", "Cyrillic": "Помощь", "Arabic": "مساعدة",
    "Hebrew": "עזרה", "Thai": "ช่วย", "Devanagari": "मदद", "symbols": "→☂",
    "emoji": "🥑🦜🫶", "Chinese": "帮助", "Japanese": "たすけ", "Korean": "도움",
}  # fmt: skip


def check(installation: Installation) -> Iterator[Finding]:
    """Say which writing has a font, where a plugin writes text at all."""
    if installation.settings is None:
        return
    manager, _ = installation.plugins()
    try:
        vocabulary = Vocabulary(manager.operations(), manager.encoders())
    except ValueError:
        return  # said by the check of settings
    if "txt" not in vocabulary.names:
        return
    grammar = Grammar(vocabulary)
    planner = Planner(vocabulary, OutputLimits(10**6, 10**6), manager.settings)
    picture = Picture("A" * 22, "A" * 22, 1, Size(640, 480), "png")
    lacking = []
    for name, sample in SAMPLES.items():
        try:
            planner.plan(grammar.parse(f"txt={quote(sample)}".encode()), picture)
        except InvalidValue:
            lacking.append(name)
    known = [name for name in SAMPLES if name not in lacking]
    text = f"text over pictures: {', '.join(known) or 'no writing has a font'}"
    if not lacking:
        yield Finding("ok", "writing", text)
        return
    advice = "Install fonts-noto-color-emoji or fonts-noto-cjk, or name fonts in plugin.overlays."
    text += f"; no font for {', '.join(lacking)}"
    yield Finding("ok" if "Latin" in known else "warn", "writing", text, advice)
