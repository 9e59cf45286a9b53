"""Access tokens for services: short, signed, and checked by anybody with the public keys."""

from helpa_jwt.plugin import authenticate, lifespan, register_commands, register_routes

__all__ = ["authenticate", "lifespan", "register_commands", "register_routes"]
