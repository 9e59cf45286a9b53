"""The parts of the plugin, made of what a server gives it."""

from __future__ import annotations

from dataclasses import dataclass

from helpa import Services
from helpa_redaction.editing import Editing
from helpa_redaction.looking import Looking
from helpa_redaction.policies import Policies
from helpa_redaction.redactions import Redactions
from helpa_redaction.scanning import Scanning


@dataclass(frozen=True, slots=True)
class Parts:
    """What routes, jobs and events share."""

    policies: Policies
    redactions: Redactions
    editing: Editing
    scanning: Scanning


def parts_of(services: Services) -> Parts:
    """Return the parts."""
    settings = services.settings
    policies = Policies(services)
    redactions = Redactions(services, settings, policies)
    scanning = Scanning(services, policies, redactions, Looking(services, settings))
    return Parts(policies, redactions, Editing(services, settings, policies), scanning)
