"""What a provider says of somebody."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpa_oidc.failure import Failure, untrusted
from helpa_oidc.id_token import Claims
from helpa_oidc.settings import ProviderSettings, Role

MAX_GROUPS = 10_000


@dataclass(frozen=True)
class Person:
    """Somebody a provider vouches for.

    Args:
        issuer: the provider.
        subject: what it calls them, for ever.
        email: their address, or nothing.
        email_verified: whether the provider has seen that it is theirs.
        name: what people call them, or nothing.
        groups: what they belong to, as the provider says.
        farewell: where a browser ends their session with the provider, or None.
    """

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    groups: frozenset[str]
    farewell: str | None = field(repr=False)

    @classmethod
    def of(cls, claims: Claims, settings: ProviderSettings, farewell: str | None) -> Person:
        """Read claims that have been checked.

        Raises:
            Failure: the groups are needed and not among them, for there are too many.
        """
        email = claims.get("email")
        email = email if isinstance(email, str) else ""
        names = [claims.get(claim) for claim in ("name", "preferred_username")]
        named = [" ".join(each.split()) for each in names if isinstance(each, str)]
        return cls(
            issuer=claims["iss"],
            subject=claims["sub"],
            email=email,
            # Some providers write their booleans as text.
            email_verified=settings.trust_email or claims.get("email_verified") in (True, "true"),
            name=next((each for each in named if each), "") or email.partition("@")[0],
            groups=_groups(claims, settings) if settings.roles else frozenset(),
            farewell=farewell,
        )

    def role(self, settings: ProviderSettings) -> Role | None:
        """Return the role that the groups give, or None where roles are given in Helpa."""
        if not settings.roles:
            return None
        found = (role for group, role in settings.roles.items() if group in self.groups)
        return next(found, settings.default_role)


def complete(claims: Claims, settings: ProviderSettings) -> bool:
    """Whether claims say all that is wanted of somebody."""
    said = "email" in claims and "email_verified" in claims and "name" in claims
    return said and (not settings.roles or _claim(claims, settings.groups_claim) is not None)


def joined(claims: Claims, info: Claims) -> Claims:
    """Return the claims of an ID token with what the userinfo endpoint adds to them.

    Raises:
        Failure: that is said of somebody else: OpenID Connect Core 1.0, 5.3.2.
    """
    if info.get("sub") != claims["sub"]:
        raise untrusted("wrong_userinfo", "the userinfo endpoint speaks of somebody else")
    whole = info | claims
    if "email_verified" not in claims and "email" in info:
        # An address and whether it is verified are said together, or not at all.
        whole |= {name: info.get(name) for name in ("email", "email_verified")}
    return whole


def _groups(claims: Claims, settings: ProviderSettings) -> frozenset[str]:
    found = _claim(claims, settings.groups_claim)
    if found is None:
        elsewhere = claims.get("_claim_names")
        if isinstance(elsewhere, dict) and settings.groups_claim in elsewhere:
            raise Failure(
                "too_many_groups",
                "You belong to more groups than the identity provider sends along. Please tell "
                "the owner of this server: the provider can be told to send fewer.",
                "the groups claim is only referred to (_claim_names)",
            )
        return frozenset()
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or len(listed) > MAX_GROUPS:
        return frozenset()
    return frozenset(each for each in listed if isinstance(each, str))


def _claim(claims: Claims, path: str) -> object:
    """Return a claim by its name, or by a path of names joined by dots."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found
