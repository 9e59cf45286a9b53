"""Passkeys: signing in with what a device or a security key holds (WebAuthn)."""

from helpa_passkeys.plugin import (
    lifespan,
    register_migrations,
    register_permissions,
    register_personal_data,
    register_routes,
)

__all__ = [
    "lifespan",
    "register_migrations",
    "register_permissions",
    "register_personal_data",
    "register_routes",
]
