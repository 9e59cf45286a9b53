"""What the plugin can be told: ``[plugin.imgproxy]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class KeyPair(BaseModel):
    """A key and its salt, as imgproxy has them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: SecretStr = Field(description="IMGPROXY_KEY, in hexadecimal digits.")
    salt: SecretStr = Field(description="IMGPROXY_SALT, in hexadecimal digits.")

    @field_validator("key", "salt")
    @classmethod
    def _check_hex(cls, value: SecretStr) -> SecretStr:
        try:
            given = bytes.fromhex(value.get_secret_value())
        except ValueError:
            given = b""
        if not given:
            raise ValueError("expected pairs of hexadecimal digits")
        return value


class ImgproxySettings(BaseModel):
    """Whose signatures are right, and what imgproxy's own settings said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[KeyPair, ...] = Field(
        (),
        description='IMGPROXY_KEY and IMGPROXY_SALT: [{key = "…", salt = "…"}]; several while one '
        "pair replaces another.",
    )
    signature_size: int = Field(
        32, ge=1, le=32, description="IMGPROXY_SIGNATURE_SIZE: bytes of the signature."
    )
    unsafe: bool = Field(
        True,
        description="Whether unsigned URLs are understood: unsafe, insecure or _ in the place of "
        "the signature, and any text where no key is set. They grant nothing: what anybody may "
        "ask for is decided as for /img/.",
    )
    arguments_separator: str = Field(
        ":",
        pattern=r"^[:,;|!~=]$",
        description="IMGPROXY_ARGUMENTS_SEPARATOR: what stands between an option's arguments.",
    )
    base_url: str = Field(
        "", description="IMGPROXY_BASE_URL: stands before every source that does not begin with it."
    )
    sources: dict[str, Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]] = Field(
        default_factory=dict,
        description='Names of [[sources]] by what source URLs begin with: {"local://" = "files", '
        '"s3://bucket" = "shop"}.',
    )
    presets: dict[str, str] = Field(
        default_factory=dict,
        description='IMGPROXY_PRESETS: {sharp = "sharpen:0.7", default = "q:80"}. A preset that is '
        "not among them is one of [presets].",
    )
    watermark: str = Field(
        "",
        pattern=r"^([A-Za-z0-9_-]{22})?$",
        description="Id of the picture that the option watermark draws in.",
    )
    watermark_opacity: float = Field(
        1.0, ge=0, le=1, description="IMGPROXY_WATERMARK_OPACITY: what opacities are multiplied by."
    )
