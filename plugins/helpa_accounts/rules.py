"""Which passwords are taken: long enough, and not among those that leaked.

Length and a list of what leaked are what NIST SP 800-63B (section 3.1.1.2) asks for, and no rules
about kinds of characters.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from helpa import InvalidValue
from helpa_accounts.passwords import LONGEST
from helpa_accounts.settings import AccountSettings

LOOKED_AT = 72
"""Characters whose guessability is estimated; the estimate takes time that grows with them."""

GUESSES = 10**8
"""Guesses a password must withstand: so many are tried in hours at 10,000 a second, the pace
that zxcvbn reckons for a slow hash that leaked (Wheeler, USENIX Security 2016)."""


def check(password: str, settings: AccountSettings, *about: str) -> None:
    """Insist that a password may be used; blocks for some milliseconds.

    Args:
        password: as it was typed.
        settings: the least length, and a file of passwords that leaked.
        about: what is known of its owner, which guessers try first.

    Raises:
        InvalidValue: says what is wrong; never shows the password.
    """
    least = settings.password_length
    if not least <= len(password) <= LONGEST:
        raise _refused(f"A password has {least} to {LONGEST} characters.", f"{least} or more")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in password):
        raise _refused("The password holds what is no character.", "text")
    if settings.breached_passwords is not None and leaked(password, settings.breached_passwords):
        raise _refused("This password is in a list of passwords that leaked.", "another one")
    from zxcvbn import zxcvbn  # its lists of words take long to load: no start waits for them

    estimate = zxcvbn(password[:LOOKED_AT], user_inputs=[each for each in about if each])
    if estimate["guesses"] < GUESSES:
        warning = str(estimate["feedback"]["warning"]).rstrip(".")
        because = f": {warning[:1].lower()}{warning[1:]}" if warning else ""
        raise _refused(
            f"This password is easy to guess{because}. A few unrelated words make a good one.",
            "one that is harder to guess",
        )


def leaked(password: str, path: Path) -> bool:
    """Whether a sorted file of SHA-1 hashes in hex holds that of a password; a binary search.

    Args:
        password: as it was typed.
        path: lines of a hash, perhaps with ``:`` and a count, as such lists come.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            file.seek(max(middle - 1, 0))
            if middle:
                file.readline()  # to the beginning of a line
            line = file.readline()[:40].upper()
            if not line or line >= wanted:
                if line == wanted:
                    return True
                high = middle
            else:
                low = middle + 1
    return False


def _refused(detail: str, allowed: str) -> InvalidValue:
    return InvalidValue(detail, field="password", allowed=allowed)
