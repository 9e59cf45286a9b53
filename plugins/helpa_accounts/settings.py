"""``[plugin.accounts]``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Hours = Annotated[float, Field(gt=0, le=24 * 90)]


class AccountSettings(BaseModel):
    """Passwords, the links that are sent by mail, and the mail server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    password_length: Annotated[int, Field(ge=8, le=72)] = Field(
        10, description="Characters that a password has at the least."
    )
    breached_passwords: Path | None = Field(
        None,
        description="A sorted file of SHA-1 hashes of passwords that leaked (hex, one a line, "
        "perhaps with :count), whose passwords are refused; some 30,000 common ones always are.",
    )
    argon2_time: Annotated[int, Field(ge=1, le=20)] = Field(
        3, description="Passes of argon2id (RFC 9106)."
    )
    argon2_memory: Annotated[int, Field(ge=8 * 1024, le=4 * 2**20)] = Field(
        64 * 1024, description="Memory of argon2id, in KiB."
    )
    argon2_lanes: Annotated[int, Field(ge=1, le=16)] = Field(4, description="Lanes of argon2id.")
    setup_hours: Hours = Field(24, description="Hours for which a set-up link works.")
    invitation_hours: Hours = Field(24 * 7, description="Hours for which an invitation works.")
    reset_hours: Hours = Field(1, description="Hours for which a link to reset a password works.")
    smtp_host: str = Field(
        "",
        description="Mail server. Without one, letters wait where an administrator sees them.",
    )
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to it is protected."
    )
    smtp_user: str = Field("", description="Name to sign in to it with, if any.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password for that.")
    mail_from: str = Field(
        "helpa@localhost", description="Address that letters come from: name@example.org."
    )
