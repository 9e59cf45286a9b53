"""Parameters the core itself reads: which format, which frames, which preset, how it is handed on.

They are declared like an operation's, as keyword-only arguments, so that messages, OpenAPI and
the reference page treat all parameters alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa.core.parameters import Definition, Parameter, definitions
from helpa.core.signing import Signature


@dataclass(frozen=True, slots=True)
class Word:
    """A short name: of a format or a preset."""

    text: str

    expects: ClassVar[str] = "a name of letters, digits, - and _"
    pattern: ClassVar[str] = r"^[a-z0-9_-]{1,64}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the word in lower case.

        Raises:
            ValueError: empty, too long, or other characters.
        """
        if not re.fullmatch(cls.pattern[1:-1], text.lower(), re.ASCII):
            raise ValueError(text)
        return cls(text.lower())

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class FileName:
    """A name for a downloaded file, without folders."""

    text: str

    expects: ClassVar[str] = "1, or a file name of up to 120 characters without / or control codes"
    pattern: ClassVar[str] = r"^[^/\\]{1,120}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the file name.

        Raises:
            ValueError: empty, too long, or with a separator or control character.
        """
        if not 1 <= len(text) <= 120 or not text.isprintable() or re.search(r'[/\\"]', text):
            raise ValueError(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


def control(
    *,
    fmt: Annotated[
        Word | None,
        Parameter(
            "Format of the answer: auto, or the name of an encoder. Auto, also the default, takes "
            "what the picture is and what the Accept header names.",
            aliases=("fm", "f", "format", "output"),
            example="webp",
        ),
    ] = None,
    lossless: Annotated[
        bool | None,
        Parameter("1 keeps every pixel; 0 never does, whatever auto would choose.", example="1"),
    ] = None,
    anim: Annotated[
        bool | None,
        Parameter("0 takes only the first frame of an animation; 1 insists on all.", example="0"),
    ] = None,
    page: Annotated[
        int | None,
        Parameter("The frame or page to take, counted from 0.", ge=0, le=9999, example="2"),
    ] = None,
    p: Annotated[
        Word | None,
        Parameter(
            "A preset from the settings; parameters beside it win over those in it.",
            aliases=("preset", "class", "t"),
            example="thumb",
        ),
    ] = None,
    dl: Annotated[
        FileName | None,
        Parameter(
            "Answer as a download: 1 under the picture's own name, or a file name.",
            aliases=("download",),
            example="1",
        ),
    ] = None,
    v: Annotated[
        int | None,
        Parameter(
            "The revision the page was written for. It never selects pixels; when it is the "
            "current one, the answer may be kept for a day.",
            ge=1,
            le=2_000_000_000,
            example="1",
        ),
    ] = None,
    explain: Annotated[
        bool | None,
        Parameter(
            "1 makes the rendition and answers, in place of it, how it came about, as JSON.",
            example="1",
        ),
    ] = None,
    exp: Annotated[
        int | None,
        Parameter(
            "The moment a signed link expires, in seconds since 1970; only beside sig.",
            aliases=("expires",),
            ge=1,
            le=99_999_999_999,
            example="1893456000",
        ),
    ] = None,
    sig: Annotated[
        Signature | None,
        Parameter(
            "The signature of a link, as helpa sign, POST /api/images/{id}/links or a signer of "
            "your own makes it.",
            example="k1.e." + 43 * "A",
        ),
    ] = None,
) -> None:
    """Choose format and frames, apply a preset, and say how the answer is handed on."""


CONTROL: tuple[Definition, ...] = definitions(control)
