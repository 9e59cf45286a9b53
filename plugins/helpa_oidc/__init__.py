"""Sign-in by OpenID Connect."""

from helpa_oidc.plugin import (
    register_migrations,
    register_personal_data,
    register_routes,
    register_settings,
    signed_out,
)

__all__ = [
    "register_migrations",
    "register_personal_data",
    "register_routes",
    "register_settings",
    "signed_out",
]
