"""The hook ``on_event``; what it is told, and when, is in ``tests/events``."""

from __future__ import annotations

from plugins.workshop import Workshop


def test_on_event_that_is_not_async_is_refused_at_the_start(workshop: Workshop) -> None:
    code = """
    from helpa import hookimpl

    @hookimpl
    def on_event(services, event):
        pass
    """
    workshop.install("hasty", code)
    said = workshop.refused_at_once()
    assert said == "helpa: plugin 'hasty' failed to validate: on_event is no async function\n"
