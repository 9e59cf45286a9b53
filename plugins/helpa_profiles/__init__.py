"""Profiles: what people say of themselves, its export, and its erasure."""

from helpa_profiles.plugin import (
    register_migrations,
    register_personal_data,
    register_routes,
    register_settings,
)

__all__ = [
    "register_migrations",
    "register_personal_data",
    "register_routes",
    "register_settings",
]
