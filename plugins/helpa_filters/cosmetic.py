"""Effects that look as if they hid something, and do not."""

from __future__ import annotations

from helpa import Frame, invalid


def refuse_where_guarded(frame: Frame, name: str, given: str) -> None:
    """Refuse an effect on a picture for which a redaction policy holds.

    Args:
        frame: the picture at hand.
        name: of the parameter.
        given: its value.

    Raises:
        InvalidValue: a policy holds for the picture.
    """
    if frame.picture.guarded:
        raise invalid(
            name,
            given,
            "nothing on this picture, for which a redaction policy holds",
            hint="This effect is cosmetic: what was there can be told from it. To hide something, "
            "store a redaction.",
        )
