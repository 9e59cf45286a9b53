"""What the plugin can be told: ``[plugin.oidc]``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from helpa_oidc.address import secure

Role = Literal["guest", "member", "helper", "agent", "moderator", "mediator", "admin", "auditor"]
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "Ed25519", "EdDSA",
]  # fmt: skip
"""With public keys only: what is signed with a secret, or not at all, is never an ID token here."""

ProviderName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class ProviderSettings(BaseModel):
    """An identity provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(
        max_length=512,
        description="Its issuer identifier, exactly as its own documents write it: "
        "https://login.example.com. http:// is for providers on this machine only.",
    )
    client_id: str = Field(min_length=1, description="What the provider calls this server.")
    client_secret: SecretStr | None = Field(
        None, description="What this server proves itself with; a public client has none."
    )
    title: str = Field("", max_length=60, description="What people read on the button.")
    scopes: tuple[Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")], ...] = Field(
        ("profile", "email"), description="What is asked for beside openid."
    )
    algorithms: tuple[Algorithm, ...] = Field(
        ("RS256", "PS256", "ES256", "Ed25519", "EdDSA"),
        min_length=1,
        description="How ID tokens may be signed.",
    )
    userinfo: bool = Field(
        True,
        description="Whether to ask the provider's userinfo endpoint for an e-mail address, a name "
        "or groups that the ID token does not say.",
    )
    create_accounts: bool = Field(
        False,
        description="Whether whoever the provider lets in gets an account here. With a provider "
        "that is open to all, that is everybody.",
    )
    link_by_email: bool = Field(
        False,
        description="Whether somebody new from the provider takes the account that has their "
        "e-mail address, where the provider says that it has verified it.",
    )
    trust_email: bool = Field(
        False,
        description="Whether its e-mail addresses count as verified though it does not say so, as "
        "Entra ID does not. Only where people cannot choose their address there.",
    )
    groups_claim: str = Field(
        "groups", min_length=1, description="The claim that lists groups; realm_access.roles works."
    )
    roles: dict[str, Role] = Field(
        default_factory=dict,
        description="Group to role, the first that applies counts; set anew at each sign-in. "
        "Without groups here, roles are given in Helpa.",
    )
    default_role: Role = Field(
        "member", description="The role of new accounts, and of who is in none of these groups."
    )
    leeway: int = Field(
        60, ge=0, le=600, description="Seconds the provider's clock may be ahead or behind."
    )
    timeout: float = Field(
        10, ge=1, le=60, description="Seconds that an answer of the provider may take."
    )

    @field_validator("issuer")
    @classmethod
    def _check_issuer(cls, value: str) -> str:
        if not secure(value, loopback=True) or "?" in value:
            raise ValueError(
                "expected https://…, without user, query and fragment "
                "(http:// only for a provider on this machine)"
            )
        return value

    @field_validator("client_id")
    @classmethod
    def _check_client(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable()):
            raise ValueError("expected printable ASCII characters")
        return value


class OidcSettings(BaseModel):
    """Who may vouch for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    providers: dict[ProviderName, ProviderSettings] = Field(
        default_factory=dict,
        description="Identity providers by name, which is part of the redirect address: "
        "/signin/oidc/NAME/callback.",
    )

    @field_validator("providers")
    @classmethod
    def _differ(cls, value: dict[str, ProviderSettings]) -> dict[str, ProviderSettings]:
        clients = {(each.issuer, each.client_id) for each in value.values()}
        if len(clients) < len(value):
            raise ValueError("expected providers that differ in issuer or client_id")
        return value
