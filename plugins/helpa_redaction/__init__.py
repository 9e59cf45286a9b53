"""Redaction that cannot be undone: regions, suggestions, policies, edits, manifests."""

from helpa_redaction.plugin import (
    on_event,
    permission_allowed,
    register_commands,
    register_jobs,
    register_migrations,
    register_operations,
    register_permissions,
    register_routes,
    register_screenings,
    register_settings,
)

__all__ = [
    "on_event",
    "permission_allowed",
    "register_commands",
    "register_jobs",
    "register_migrations",
    "register_operations",
    "register_permissions",
    "register_routes",
    "register_screenings",
    "register_settings",
]
