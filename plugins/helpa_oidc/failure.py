"""Why a sign-in came to nothing."""

from __future__ import annotations


class Failure(Exception):
    """A sign-in that is refused.

    Args:
        reason: in a word or two with underscores, for the audit log.
        message: what the person at the browser reads.
        details: more for the log of the server, which its owner reads.
        status: of the answer.
        account: id of the account it is about, or nothing.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        details: str = "",
        status: int = 403,
        account: str = "",
    ) -> None:
        super().__init__(f"{reason}: {details or message}")
        self.reason = reason
        self.message = message
        self.details = details
        self.status = status
        self.account = account


def unusable(details: str) -> Failure:
    """Return the failure of a provider whose answers cannot be used."""
    return Failure(
        "provider_failed",
        "The identity provider cannot be reached, or its answer cannot be used. Please try again; "
        "if it happens again, tell the owner of this server.",
        details,
        502,
    )


def untrusted(reason: str, details: str) -> Failure:
    """Return the failure of an answer that is not what it should be."""
    return Failure(
        reason,
        "The answer of the identity provider did not pass the checks. Please sign in again.",
        details,
    )
