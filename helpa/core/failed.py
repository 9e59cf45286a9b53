"""Plans that failed a moment ago, so that nobody tries them again at once."""

from __future__ import annotations

import time
from collections import OrderedDict

from helpa.core.errors import RequestError

REMEMBER_FAILURE = 60.0
"""Seconds for which a plan that failed is refused without trying again."""

FAILURES_KEPT = 10_000


class Failed:
    """Errors by key."""

    def __init__(self) -> None:
        self._errors: OrderedDict[str, tuple[float, RequestError]] = OrderedDict()

    def refuse(self, key: str) -> None:
        """Raise what the plan of a key failed with, while that is remembered.

        Raises:
            RequestError: it failed.
        """
        failed = self._errors.get(key)
        if failed is None:
            return
        until, error = failed
        if until > time.monotonic():
            raise error
        del self._errors[key]

    def remember(self, key: str, error: RequestError) -> None:
        """Note what the plan of a key failed with."""
        # A new object: the one raised carries a traceback with the picture's bytes in it.
        kept = type(error)(
            error.detail,
            field=error.field,
            given=error.given,
            allowed=error.allowed,
            retry_after=error.retry_after,
        )
        self._errors[key] = (time.monotonic() + REMEMBER_FAILURE, kept)
        if len(self._errors) > FAILURES_KEPT:
            self._errors.popitem(last=False)
