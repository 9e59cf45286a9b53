"""Tries to sign in to an account, counted."""

from __future__ import annotations

import unicodedata

from helpa import RateService


def take(rates: RateService, address: str, email: str) -> None:
    """Count a try: by where it comes from, by the account from there, and by the account.

    Were they counted by the account alone, ten requests a minute would keep its holder out.

    Args:
        rates: of the server.
        address: group of the client's address.
        email: of the account, however it is spelt.

    Raises:
        TooManyRequests: that was one too many.
    """
    account = unicodedata.normalize("NFC", email).casefold()
    rates.take("signin_address", address)
    rates.take("signin_account", f"{account}\n{address}")
    rates.take("signin_total", account)
