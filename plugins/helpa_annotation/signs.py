"""Signs that come with Helpa: drawings in a box of 100×100, each made of our own markup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign.

    Args:
        colour: of its own, as hex.
        outline: its outline as path data; its edge and its shadow are drawn along it.
        inside: markup over the outline, with ``{main}``, ``{on}`` (what is read on it) and
            ``{dark}`` in the places of colours.
    """

    colour: str
    outline: str
    inside: str = ""


_ROUND = "M50 5a45 45 0 1 1 0 90a45 45 0 1 1 0-90z"
_HAND = (
    "M12 46h15v42h-15zM33 48L48 14c3-6 13-4 13 6c0 6-2 12-3 18h25c6 0 10 5 9 11l-6 30c-1 6-5 9-10 9"
    "H42c-4 0-9-2-9-5z"
)
_LINE = 'fill="none" stroke="{on}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"'
_DARK = (
    'fill="none" stroke="{dark}" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"'
)
_EYES = '<circle cx="35" cy="40" r="6" fill="{dark}"/><circle cx="65" cy="40" r="6" fill="{dark}"/>'

GREEN, RED, BLUE, AMBER, YELLOW, GREY = (
    "30a46c", "e5484d", "0091ff", "f5a524", "ffd60a", "60646c",
)  # fmt: skip

DRAWINGS: dict[str, Sign] = {
    "check": Sign(GREEN, _ROUND, f'<path d="M29 52l15 15 28-32" {_LINE}/>'),
    "cross": Sign(RED, _ROUND, f'<path d="M34 34l32 32M66 34l-32 32" {_LINE}/>'),
    "question": Sign(
        BLUE,
        _ROUND,
        f'<path d="M37 39c0-8 6-13 13-13s13 5 13 12c0 9-13 10-13 20" {_LINE}/>'
        '<circle cx="50" cy="73" r="6" fill="{on}"/>',
    ),
    "exclamation": Sign(
        RED, _ROUND, f'<path d="M50 27v28" {_LINE}/><circle cx="50" cy="72" r="6" fill="{{on}}"/>'
    ),
    "info": Sign(
        BLUE, _ROUND, f'<path d="M50 48v26" {_LINE}/><circle cx="50" cy="30" r="6" fill="{{on}}"/>'
    ),
    "warning": Sign(
        AMBER,
        "M44 11c3-5 9-5 12 0l38 69c3 5 0 11-6 11H12c-6 0-9-6-6-11z",
        '<path d="M50 36v22" fill="none" stroke="{dark}" stroke-width="9" stroke-linecap="round"/>'
        '<circle cx="50" cy="75" r="5.5" fill="{dark}"/>',
    ),
    "star": Sign(
        YELLOW,
        "M50 6l13.5 28.5 31 4.1-22.7 21.6 5.6 30.9L50 76.2 22.6 91.1l5.6-30.9L5.5 38.6l31-4.1z",
    ),
    "heart": Sign(
        RED,
        "M50 90C22 67 6 52 6 33C6 19 17 9 30 9c8 0 16 5 20 12c4-7 12-12 20-12c13 0 24 10 24 24"
        "c0 19-16 34-44 57z",
    ),
    "thumbs-up": Sign(AMBER, _HAND),
    "thumbs-down": Sign(
        AMBER,
        "M12 54h15v-42h-15zM33 52L48 86c3 6 13 4 13-6c0-6-2-12-3-18h25c6 0 10-5 9-11l-6-30"
        "c-1-6-5-9-10-9H42c-4 0-9 2-9 5z",
    ),
    "smile": Sign(YELLOW, _ROUND, f'{_EYES}<path d="M30 60c8 17 32 17 40 0" {_DARK}/>'),
    "frown": Sign(YELLOW, _ROUND, f'{_EYES}<path d="M31 73c7-15 31-15 38 0" {_DARK}/>'),
    "pin": Sign(
        RED,
        "M50 96C45 89 17 60 17 38a33 33 0 1 1 66 0c0 22-28 51-33 58z",
        '<circle cx="50" cy="38" r="13" fill="{on}"/>',
    ),
    "flag": Sign(
        RED,
        "M18 8a5 5 0 0 1 10 0c18-7 30 10 56 2v44c-26 8-38-9-56-2v39a5 5 0 0 1-10 0z",
    ),
    "eye": Sign(
        BLUE,
        "M4 50c12-22 28-32 46-32s34 10 46 32c-12 22-28 32-46 32S16 72 4 50z",
        '<circle cx="50" cy="50" r="19" fill="{on}"/>'
        '<circle cx="50" cy="50" r="10" fill="{dark}"/>',
    ),
    "lock": Sign(
        GREY,
        "M22 44h4v-10c0-15 10-26 24-26s24 11 24 26v10h4c5 0 8 3 8 8v34c0 5-3 8-8 8H22"
        "c-5 0-8-3-8-8V52c0-5 3-8 8-8z",
        '<path d="M38 44V34c0-8 5-13 12-13s12 5 12 13v10z" fill="{on}"/>'
        '<circle cx="50" cy="64" r="7" fill="{on}"/>'
        '<path d="M50 66v12" fill="none" stroke="{on}" stroke-width="6" stroke-linecap="round"/>',
    ),
    "bug": Sign(
        GREEN,
        "M50 18c16 0 26 14 26 36S66 92 50 92 24 76 24 54s10-36 26-36z",
        '<path d="M50 36v52M26 36c14 8 34 8 48 0" fill="none" stroke="{on}" stroke-width="5"/>'
        '<path d="M24 46L8 36M23 60H6M26 74L11 86M76 46l16-10M77 60h17M74 74l15 12M40 20L30 7'
        'M60 20L70 7" fill="none" stroke="{main}" stroke-width="6" stroke-linecap="round"/>',
    ),
    "idea": Sign(
        YELLOW,
        "M50 6c19 0 32 14 32 31c0 12-6 19-12 26c-3 4-4 7-4 11v12c0 5-4 8-8 8H42c-4 0-8-3-8-8V74"
        "c0-4-1-7-4-11C24 56 18 49 18 37C18 20 31 6 50 6z",
        '<path d="M35 74h30M37 84h26" fill="none" stroke="{dark}" stroke-width="5"/>'
        f'<path d="M40 44l10 9 10-9M50 53v20" {_DARK}/>',
    ),
    "clock": Sign(
        BLUE,
        _ROUND,
        f'<circle cx="50" cy="50" r="35" fill="{{on}}"/><path d="M50 29v21l15 10" {_DARK}/>',
    ),
}
"""Signs by the name that a stamp gives."""

SIGNS = tuple(DRAWINGS)
