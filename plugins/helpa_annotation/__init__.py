"""Shapes and words drawn over a picture, which stay editable."""

from helpa_annotation.plugin import (
    register_layers,
    register_migrations,
    register_operations,
    register_personal_data,
    register_routes,
    register_settings,
)

__all__ = [
    "register_layers",
    "register_migrations",
    "register_operations",
    "register_personal_data",
    "register_routes",
    "register_settings",
]
