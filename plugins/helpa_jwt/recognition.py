"""Who sends an access token."""

from __future__ import annotations

import re

from helpa import Identity, Refused, Services
from helpa_jwt import keyfile
from helpa_jwt.claims import Wrong, verify

_FORM = re.compile(r"[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]*){2}")
"""Three parts of base64url, as every signed JWT has; the last is empty where nothing signs it."""


async def recognise(services: Services, authorization: str) -> Identity | Refused | None:
    """Return whose access token was sent, None where none was, or why it is refused.

    What it allows is what its scopes, the token or session it was made by, and the account's role
    allow now: revoking either, or a lower role, tells at once.
    """
    text = bearer(authorization)
    if text is None:
        return None
    try:
        said = verify(text, keyfile.load(services.folder()), issuer=services.public_url)
    except Wrong as wrong:
        return Refused(str(wrong))
    found = await services.tokens.limited(said.parent, said.scopes)
    if isinstance(found, Refused):
        return Refused("What this access token was made by was revoked, or its account disabled.")
    if found.owner != said.account:
        return Refused("The access token does not hold here.")
    return found


def bearer(authorization: str) -> str | None:
    """Return what has the form of a JWT, or None."""
    scheme, _, text = authorization.partition(" ")
    text = text.strip()
    return text if scheme.lower() == "bearer" and _FORM.fullmatch(text) else None
