"""The parts of the plugin, made of what a server gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from helpa import Services
from helpa_redaction.editing import Editing
from helpa_redaction.policies import Policies
from helpa_redaction.redactions import Redactions
from helpa_redaction.scanning import Scanning

if TYPE_CHECKING:
    from helpa_redaction.looking import Looking


@dataclass(frozen=True, slots=True)
class Parts:
    """What routes, jobs and events share."""

    policies: Policies
    redactions: Redactions
    editing: Editing
    scanning: Scanning
    looking: Callable[[], Looking]


def parts_of(services: Services) -> Parts:
    """Return the parts."""
    settings = services.settings
    policies = Policies(services)
    redactions = Redactions(services, settings, policies)

    @cache
    def looking() -> Looking:
        # The expressions of the detectors take long to compile: no start waits for them.
        from helpa_redaction.looking import Looking

        return Looking(services, settings)

    scanning = Scanning(services, policies, redactions, looking)
    editing = Editing(services, settings, policies)
    return Parts(policies, redactions, editing, scanning, looking)
