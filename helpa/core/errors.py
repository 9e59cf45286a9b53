"""The tree of errors Helpa raises, each with what a client is told.

::

    HelpaError
    ├── RequestError            answered to a client as a problem document (RFC 9457)
    │   ├── InvalidValue        400  a parameter or field, what was given, what is allowed
    │   │   └── UnfitFormat     400  a format that cannot hold the answer; auto takes another
    │   ├── Unauthorized        401  no valid credential where one is needed
    │   ├── Forbidden           403  a valid credential without the right
    │   ├── NotFound            404  no such thing, or no right to know of it
    │   ├── RequestTimeout      408  the body came too slowly
    │   ├── Conflict            409  an equal request is in progress
    │   ├── Gone                410  a signed link that has expired or was revoked
    │   ├── ContentTooLarge     413  over a limit of bytes, pixels or frames
    │   ├── UnsupportedMedia    415  not a picture Helpa reads
    │   ├── Unprocessable       422  a damaged picture, or a rendition that cannot be made
    │   ├── TooManyRequests     429  over a budget; Retry-After says when
    │   ├── HeadTooLarge        431  the head of a request is too long
    │   ├── BadGateway          502  a server that was asked to fetch from failed
    │   ├── Unavailable         503  no room now; Retry-After says when
    │   └── StorageFull         507  no space left for what was sent
    ├── SettingsError           stops the start; every mistake at once
    ├── PluginError             stops the start; names the plugin, the phase and the reason
    └── DataDirError            a command looked for a data directory and found none
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar


class HelpaError(Exception):
    """The root of every error Helpa raises on purpose."""


class RequestError(HelpaError):
    """An error that is answered to a client.

    Args:
        detail: what happened, in a sentence for the person who sent the request.
        field: the parameter, header or field it is about.
        given: what was sent there.
        allowed: what may be sent there.
        retry_after: seconds after which the same request may succeed.
        extra: further members of the problem document.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    anchor: ClassVar[str] = "internal-error"

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        given: str | None = None,
        allowed: str | None = None,
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.given = given
        self.allowed = allowed
        self.retry_after = retry_after
        self.extra = dict(extra or {})

    def problem(self) -> dict[str, Any]:
        """Return the members of the problem document (RFC 9457) for this error."""
        members: dict[str, Any] = {
            "type": f"/docs/errors#{self.anchor}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        for name in ("field", "given", "allowed"):
            value = getattr(self, name)
            if value is not None:
                members[name] = value
        return members | self.extra


class InvalidValue(RequestError):
    """A parameter, field or header whose value is not allowed."""

    status = 400
    title = "Invalid value"
    anchor = "invalid-value"


class UnfitFormat(InvalidValue):
    """A format that cannot hold the answer: asked for it is refused, auto takes another.

    Operations of the stage ENCODE may raise it.
    """


class Unauthorized(RequestError):
    """A credential is missing or not valid."""

    status = 401
    title = "Unauthorized"
    anchor = "unauthorized"


class Forbidden(RequestError):
    """The credential is valid and lacks the right."""

    status = 403
    title = "Forbidden"
    anchor = "forbidden"


class NotFound(RequestError):
    """There is no such thing, or the viewer may not know of it."""

    status = 404
    title = "Not found"
    anchor = "not-found"


class MethodNotAllowed(RequestError):
    """The path exists and does not take this method."""

    status = 405
    title = "Method not allowed"
    anchor = "method-not-allowed"


class RequestTimeout(RequestError):
    """The request's body did not arrive in time."""

    status = 408
    title = "Request timeout"
    anchor = "request-timeout"


class Conflict(RequestError):
    """An equal request is being worked on."""

    status = 409
    title = "Conflict"
    anchor = "conflict"


class Gone(RequestError):
    """A signed link that has expired or was revoked."""

    status = 410
    title = "Gone"
    anchor = "gone"


class ContentTooLarge(RequestError):
    """What was sent is over a limit of bytes, pixels or frames."""

    status = 413
    title = "Content too large"
    anchor = "content-too-large"


class UnsupportedMedia(RequestError):
    """What was sent is not a picture of a kind Helpa reads."""

    status = 415
    title = "Unsupported media type"
    anchor = "unsupported-media-type"


class Unprocessable(RequestError):
    """The picture is damaged, or the rendition asked for cannot be made."""

    status = 422
    title = "Unprocessable content"
    anchor = "unprocessable-content"


class TooManyRequests(RequestError):
    """A budget is used up."""

    status = 429
    title = "Too many requests"
    anchor = "too-many-requests"


class HeadTooLarge(RequestError):
    """The head of a request is longer than any client's needs to be."""

    status = 431
    title = "Request header fields too large"
    anchor = "request-header-fields-too-large"


class BadGateway(RequestError):
    """A server that something was to be fetched from failed, or did not answer in time."""

    status = 502
    title = "Bad gateway"
    anchor = "bad-gateway"


class Unavailable(RequestError):
    """There is no room for the work at the moment."""

    status = 503
    title = "Service unavailable"
    anchor = "service-unavailable"


class StorageFull(RequestError):
    """The disk has no space left for what was sent."""

    status = 507
    title = "Insufficient storage"
    anchor = "insufficient-storage"


class SettingsError(HelpaError):
    """The settings hold mistakes; the message lists every one of them."""


class PluginError(HelpaError):
    """A plugin cannot be used.

    Args:
        plugin: its name as the ``plugins`` setting says it.
        phase: what was being done: find, import, validate, register, settings, operations …
        reason: what went wrong.
        fatal: whether the server must not start even if the plugin is optional.
    """

    def __init__(self, plugin: str, phase: str, reason: str, *, fatal: bool = False) -> None:
        super().__init__(f"plugin {plugin!r} failed to {phase}: {reason}")
        self.plugin = plugin
        self.phase = phase
        self.reason = reason
        self.fatal = fatal


class DataDirError(HelpaError):
    """A command needs a data directory and the folder it looked in is none."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` spelt most like ``name``, or None where none is close."""
    found = difflib.get_close_matches(name.lower(), list(names), n=1, cutoff=0.6)
    return found[0] if found else None


def shorten(value: str, limit: int = 80) -> str:
    """Return ``value`` cut to ``limit`` characters, for repeating a client's text back to it."""
    return value if len(value) <= limit else value[: limit - 1] + "…"


def invalid(field: str, given: str, allowed: str, *, hint: str | None = None) -> InvalidValue:
    """Return the one form of message for a value that is not allowed.

    Args:
        field: the parameter or field as the client spelt it.
        given: the value as the client sent it.
        allowed: what would be taken.
        hint: a further sentence, for instance the nearest valid name.
    """
    given = shorten(given)
    detail = f"{field}={given}: expected {allowed}." + (f" {hint}" if hint else "")
    return InvalidValue(detail, field=field, given=given, allowed=allowed)
