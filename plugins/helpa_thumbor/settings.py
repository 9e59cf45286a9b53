"""What the plugin can be told: ``[plugin.thumbor]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ThumborSettings(BaseModel):
    """Whose signatures are right, and what plain paths mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[Annotated[SecretStr, Field(min_length=1)], ...] = Field(
        (),
        description="thumbor's SECURITY_KEY; several while one replaces another. Without one no "
        "signature is right.",
    )
    unsafe: bool = Field(
        True,
        description="Whether /unsafe/ is understood. It grants nothing: what anybody may ask for "
        "is decided as for /img/.",
    )
    source: str = Field(
        "",
        pattern=r"^([a-z][a-z0-9-]{0,31})?$",
        description="The source that paths without http:// are of, as with thumbor's file loader; "
        "without one they are URLs that lack it, as with its HTTP loader.",
    )
