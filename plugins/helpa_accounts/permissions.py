"""What the routes ask for."""

from __future__ import annotations

from helpa import Permission

PERMISSIONS = (
    Permission("profile:write", "see and change what is said of oneself", ("guest", "auditor")),
    Permission("users:read", "see who has an account", ("moderator", "auditor")),
    Permission("users:write", "invite, change and disable accounts"),
    Permission("teams:write", "make teams, and say who is in them"),
)
