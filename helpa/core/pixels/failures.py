"""What goes wrong with pixels, as the web process is told."""

from __future__ import annotations


class PixelError(Exception):
    """A job cannot be done.

    Args:
        code: ``damaged``, ``too_large``, ``unsupported``, ``refused``, ``memory`` or ``internal``.
        detail: a sentence for the person who sent the picture.
        field: the limit or parameter it is about.
        given: what was found.
        allowed: what would be taken.
    """

    def __init__(
        self, code: str, detail: str, *, field: str = "", given: str = "", allowed: str = ""
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.given = given
        self.allowed = allowed

    def head(self) -> dict[str, str]:
        """Return it as the head of a reply."""
        return {
            "code": self.code,
            "detail": self.detail,
            "field": self.field,
            "given": self.given,
            "allowed": self.allowed,
        }


def refusal(detail: str, *, field: str, given: str, allowed: str) -> PixelError:
    """Return the error for what is asked for and turns out, in the worker, not to be possible.

    It is answered as 422 and remembered for a minute.

    Args:
        detail: what happened and what can be done, in a sentence.
        field: the parameter it is about.
        given: its value.
        allowed: what would be taken.
    """
    return PixelError("refused", detail, field=field, given=given, allowed=allowed)
