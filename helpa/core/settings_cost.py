"""Settings of what a server in the open gives away: rates, budgets, whom it believes."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from helpa.core.settings_base import Group, Seconds

WIDTHS = (100, 200, 300, 400, 600, 800, 1000, 1200, 1600, 2000, 2400, 3200)
"""Widths between which no screen sees a difference; those of the ready-made links among them."""

PerMinute = Annotated[int, Field(ge=0, le=10**9)]
Burst = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _network(value: Any) -> Any:
    try:
        return ip_network(value)
    except ValueError:
        pass
    try:
        meant = ip_network(value, strict=False)
    except ValueError:
        raise ValueError("an IPv4 or IPv6 network, such as 10.0.0.0/8 or fd00::/8") from None
    raise ValueError(f"a network without host bits; did you mean {meant}?")


ProxyNetwork = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class Rates(Group):
    """Requests a minute to the API and to pages that change something. 0 is no limit.

    Each instance counts for itself, in memory.
    """

    token: PerMinute = Field(6000, description="With one valid token.")
    address: PerMinute = Field(
        1200, description="From one address (IPv6: from one /64) without a valid token."
    )
    signin_account: PerMinute = Field(
        10,
        description="Tries to sign in to one account, or to have mail sent for it, from one "
        "address (IPv6: one /64).",
    )
    signin_total: PerMinute = Field(
        100,
        description="The same from everywhere together, so that a crowd of addresses guesses no "
        "faster.",
    )
    signin_address: PerMinute = Field(
        60, description="Tries to sign in, or to have mail sent, from one address (IPv6: one /64)."
    )
    failures: PerMinute = Field(
        300,
        description="Wrong tokens and sign-in codes from one address; then none is looked at, not "
        "even a right one, until the minute is over.",
    )


class Budgets(Group):
    """Seconds of worker time for renditions that are not stored yet.

    A bucket starts full, is charged what each rendition took, and refuses new ones while it is
    empty. What is stored is always served, and who manages a picture is not refused. A burst of 0
    is no limit.
    """

    picture_burst: Burst = Field(300, description="Seconds of work that one picture may cause.")
    picture_refill: Seconds = Field(0.1, description="Seconds of it that come back each second.")
    address_burst: Burst = Field(
        600, description="Seconds of work that one address (IPv6: one /64) may cause."
    )
    address_refill: Seconds = Field(0.5, description="Seconds of it that come back each second.")
