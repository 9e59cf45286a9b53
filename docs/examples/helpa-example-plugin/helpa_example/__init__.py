"""Paints pictures in two colours, lists the newest so painted, and reads zip archives."""

from helpa_example.plugin import (
    register_commands,
    register_operations,
    register_routes,
    register_settings,
    register_sources,
)

__all__ = [
    "register_commands",
    "register_operations",
    "register_routes",
    "register_settings",
    "register_sources",
]
