"""The language of image URLs, as enabled plugins and settings make it."""

from __future__ import annotations

from helpa.core.errors import InvalidValue, SettingsError
from helpa.core.plan import OutputLimits, Planner
from helpa.core.plugins.manager import PluginManager
from helpa.core.query import Grammar
from helpa.core.settings import Settings
from helpa.core.vocabulary import Vocabulary


def words(plugins: PluginManager, settings: Settings) -> tuple[Vocabulary, Grammar]:
    """Return the words of image URLs, and their parser.

    Raises:
        SettingsError: two plugins claim one word, or a preset does not parse.
    """
    try:
        vocabulary = Vocabulary(plugins.operations(), plugins.encoders())
    except ValueError as error:
        raise SettingsError(str(error)) from None
    try:
        grammar = Grammar(
            vocabulary,
            presets=settings.presets,
            ignored=settings.ignored_params,
            max_parameters=settings.limits.parameters,
            max_length=settings.limits.query_bytes,
        )
    except InvalidValue as error:
        raise SettingsError(f"presets: {error.detail}") from None
    return vocabulary, grammar


def planner(vocabulary: Vocabulary, plugins: PluginManager, settings: Settings) -> Planner:
    """Return what resolves queries."""
    pixels = settings.limits.output_pixels
    return Planner(vocabulary, OutputLimits(pixels, pixels), plugins.settings)
