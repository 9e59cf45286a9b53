"""Accounts: set-up, sign-in by password, invitations, users and their roles, teams, tokens."""

from helpa_accounts.plugin import (
    lifespan,
    register_commands,
    register_migrations,
    register_permissions,
    register_personal_data,
    register_routes,
    register_settings,
)

__all__ = [
    "lifespan",
    "register_commands",
    "register_migrations",
    "register_permissions",
    "register_personal_data",
    "register_routes",
    "register_settings",
]
