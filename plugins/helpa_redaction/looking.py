"""Looking at a picture: its frames are prepared in a worker, read in programs, and judged."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from typing import Any

from helpa import Services, StoredImage, Unprocessable
from helpa_redaction.detect import DETECTORS, Box, Detector, Finding, find
from helpa_redaction.detect.page import Page
from helpa_redaction.reading import (
    NOT_LETTERS,
    Prepared,
    Seen,
    codes_missing,
    faces_missing,
    look,
)
from helpa_redaction.readings import squeezed
from helpa_redaction.settings import RedactionSettings

PREPARE = "helpa_redaction.draw.reading:prepare"
GROUP = "helpa.detectors"
FRAMES = 12
"""So many frames of an animation, or pages, are looked at, spread evenly."""

WHOLE_SECONDS = 90.0
"""For all frames of a picture; a job has two minutes, and may look more than once."""

Progress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, with its text, which is kept in memory alone.

    Args:
        findings: what was found, in all frames.
        unread: sentences on what was not read or not looked for, and why.
        frames: how many were looked at, and of how many.
        pages: what was read in each of them.
    """

    findings: tuple[Finding, ...]
    unread: tuple[str, ...]
    frames: tuple[int, int]
    pages: tuple[Page, ...] = field(repr=False)

    @property
    def complete(self) -> bool:
        """Whether everything was looked at that was to be."""
        return not self.unread and self.frames[0] == self.frames[1]

    def report(self, wanted: Collection[str]) -> dict[str, Any]:
        """Return what the API tells of the look, nothing of what was read."""
        return {
            "looked_for": list(wanted),
            "frames": {"looked_at": self.frames[0], "of": self.frames[1]},
            "not_read": list(self.unread),
        }

    def still(self, texts: Collection[str]) -> list[Finding]:
        """Return where any of some texts can still be read, each in one line or over several."""
        found: list[Finding] = []
        for page in self.pages:
            for line in page.lines:
                said = squeezed(line.text)
                if any(text in said or (len(said) >= LEAST and said in text) for text in texts):
                    found.append(
                        Finding(
                            "", (line.box,), 1.0, "text that was redacted and can still be read"
                        )
                    )
        return found


LEAST = 8
"""Letters of a part of a text below which it is no part of it worth hiding."""


class Looking:
    """Looks at pictures.

    Args:
        services: of the server.
        settings: of the plugin.

    Raises:
        ValueError: a detector that the settings name is not installed, or is none.
    """

    def __init__(self, services: Services, settings: RedactionSettings) -> None:
        self._services = services
        self._settings = settings
        self._detectors = (*DETECTORS, *_further(settings.detectors))
        self._further = {
            category for each in self._detectors[len(DETECTORS) :] for category in each.categories
        }

    def missing(self) -> dict[str, str]:
        """Return why categories cannot be looked for here, of those that cannot."""
        found = {"code": codes_missing(), "face": faces_missing()}
        return {category: why for category, why in found.items() if why is not None}

    async def look(self, image: StoredImage, wanted: Collection[str], progress: Progress) -> Looked:
        """Return what is found in a picture.

        Args:
            image: which.
            wanted: categories.
            progress: is told how many parts of how many are done.

        Raises:
            NotFound: it is gone.
            RequestError: it cannot be read: Tesseract is not installed, or time ran out.
        """
        numbers = frames_of(image.picture.frames)
        ends = time.monotonic() + WHOLE_SECONDS
        findings: dict[tuple[str, tuple[Box, ...]], Finding] = {}
        unread: dict[str, None] = {}
        pages: list[Page] = []
        for place, number in enumerate(numbers):
            seconds = min(self._settings.reading_seconds, ends - time.monotonic())
            if seconds < 1:
                unread["time ran out before every frame was looked at"] = None
                break

            async def told(done: int, total: int, place: int = place) -> None:
                await progress(place * total + done, len(numbers) * total)

            page, said = await self._frame(image, number, wanted, seconds, told)
            pages.append(page)
            unread |= dict.fromkeys(said)
            # Thousands of words take seconds.
            found = await asyncio.to_thread(find, page, {*wanted, *self._further}, self._detectors)
            for each in found:
                findings.setdefault((each.category, each.boxes), each)
        frames = (len(pages), image.picture.frames)
        return Looked(tuple(findings.values()), tuple(unread), frames, tuple(pages))

    async def _frame(
        self,
        image: StoredImage,
        number: int,
        wanted: Collection[str],
        seconds: float,
        progress: Progress,
    ) -> tuple[Page, Sequence[str]]:
        async def seen(planes: dict[str, bool], categories: Collection[str]) -> Seen:
            facts, pixels = await self._services.images.look(
                image.id, PREPARE, planes, seconds=seconds, frame=number
            )
            return await look(
                Prepared.of(facts, pixels),
                wanted=categories,
                processes=self._settings.processes or os.cpu_count() or 2,
                deadline_seconds=seconds,
                languages=self._settings.languages,
                progress=progress,
            )

        # Faces are found while the plane for letters, which takes longer to make, is made and read.
        parts = (
            ({"letters": False}, NOT_LETTERS & {*wanted}),
            ({"plain": False}, {*wanted} - NOT_LETTERS),
        )
        found = await asyncio.gather(
            *(seen(planes, categories) for planes, categories in parts if categories),
            return_exceptions=True,
        )
        pages: list[Page] = []
        unread: dict[str, None] = {}
        for each in found:
            if isinstance(each, BaseException):
                raise each
            pages.append(each.page)
            unread |= dict.fromkeys(each.unread)
        page = Page(
            pages[0].width, pages[0].height,
            words=[word for each in pages for word in each.words],
            codes=[code for each in pages for code in each.codes],
            faces=[face for each in pages for face in each.faces],
        )  # fmt: skip
        return page, list(unread)


def frames_of(count: int) -> list[int]:
    """Return the numbers of the frames that are looked at."""
    if count <= FRAMES:
        return list(range(count))
    return [round(place * (count - 1) / (FRAMES - 1)) for place in range(FRAMES)]


def _further(names: Sequence[str]) -> list[Detector]:
    """Return the detectors of others that the settings name.

    Raises:
        ValueError: one is not installed, or is none.
    """
    if not names:
        return []
    points = {point.name: point for point in entry_points(group=GROUP)}
    found = []
    for name in names:
        if name not in points:
            known = ", ".join(sorted(points)) or "none"
            raise ValueError(f"detector {name!r} is not installed; installed: {known}")
        detector = points[name].load()
        if not isinstance(detector, Detector):
            raise ValueError(f"detector {name!r}: {detector!r} is no Detector")
        found.append(replace(detector, find=_contained(detector)))
    return found


def _contained(detector: Detector) -> Callable[[Page], list[Finding]]:
    def find_in(page: Page) -> list[Finding]:
        try:
            return list(detector.find(page))
        except Exception as error:  # noqa: BLE001  whatever a stranger's detector raises
            # The message may hold what it read: its kind alone is told.
            raise Unprocessable(
                f"The detector {detector.name} failed: {type(error).__name__}."
            ) from None

    return find_in
