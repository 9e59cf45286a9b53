"""Plugins: installed, enabled, broken."""

from __future__ import annotations

from collections.abc import Iterator

from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation
from helpa.core.plugins.manager import installed


def check(installation: Installation) -> Iterator[Finding]:
    """Name the enabled plugins, and each broken one with the phase it broke in."""
    settings = installation.settings
    if settings is None:
        return
    manager, broken = installation.plugins()
    names = [plugin.name for plugin in manager.plugins]
    others = sorted(set(installed()) - {each.name for each in settings.enabled})
    text = f"enabled: {', '.join(names) or 'none'}"
    yield Finding("ok", "plugins", text + (f"; not enabled: {', '.join(others)}" * bool(others)))
    optional = {each.name for each in settings.enabled if each.optional}
    for error in broken:
        text = f"{error.plugin} fails to {error.phase}: {error.reason}"
        if error.plugin in optional and not error.fatal:
            yield Finding("warn", "plugins", text, "It is optional: the server starts without it.")
        else:
            advice = "The server does not start with it; repair it, or take it out of plugins."
            yield Finding("fail", "plugins", text, advice)
