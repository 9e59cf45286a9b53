"""``helpa jwt``: the keys of access tokens on the command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

from helpa import Actor, Parameter, Services
from helpa_jwt import keyfile
from helpa_jwt.claims import LEEWAY, MAX_SECONDS


async def keys(services: Services) -> str:
    """List the keys that access tokens are signed and checked with, the one that signs first."""
    return "\n".join(
        f"{key.kid}  made {_moment(key.made_at)}  "
        + ("signs" if key.retires_at is None else f"checks until {_moment(key.retires_at)}")
        for key in keyfile.load(services.folder())
    )


async def rotate(
    services: Services,
    *,
    forget: Annotated[
        bool,
        Parameter("End every token that the keys before have signed, as after a leak."),
    ] = False,
) -> str:
    """Sign access tokens with a new key from now on, in every process that shares the data folder.

    The keys before it check tokens until the last one they have signed has expired.
    """
    retires_at = time.time() + MAX_SECONDS + LEEWAY
    added = keyfile.rotate(services.folder(), retires_at, forget=forget)
    await services.database.write(
        lambda connection: services.journal.record(
            connection,
            Actor("command-line"),
            "access_token.rotate",
            f"key:{added.kid}",
            details={"forget": forget},
        )
    )
    return f"{added.kid} signs now."


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
