"""Settings of signed links."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, SecretStr, field_validator

from helpa.core.settings_base import Group
from helpa.core.signing import KEY_ID, SECRET_BYTES, Key


class SigningKey(Group):
    """A key that links are signed with."""

    id: Annotated[str, Field(pattern=f"^{KEY_ID}$")] = Field(description="Its name in signatures.")
    secret: SecretStr = Field(description="At least 32 bytes, as text.")
    retires: AwareDatetime | None = Field(
        None, description="When what it signed is refused: 2027-01-31T00:00:00Z."
    )

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value().encode()) < SECRET_BYTES:
            raise ValueError(f"expected at least {SECRET_BYTES} bytes")
        return value

    def key(self) -> Key:
        """Return the key."""
        retires: datetime | None = self.retires
        at = retires.timestamp() if retires is not None else None
        return Key(self.id, self.secret.get_secret_value(), at)


class Signing(Group):
    """Signed links."""

    keys: tuple[SigningKey, ...] = Field(
        (),
        description="Keys, the first of which signs; all are taken until they retire. Unset makes "
        "one at the first start, in signing.key in the data directory.",
    )

    @field_validator("keys")
    @classmethod
    def _differ(cls, value: tuple[SigningKey, ...]) -> tuple[SigningKey, ...]:
        if len({key.id for key in value}) < len(value):
            raise ValueError("expected keys with ids that differ")
        if value and value[0].retires is not None:
            raise ValueError("expected a first key, the one that signs, without retires")
        return value
