"""Looking through a picture as a job: found, suggested, and by policy redacted at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection

from helpa import (
    Actor,
    Conflict,
    Event,
    JobRun,
    NotFound,
    RequestError,
    Services,
    StoredImage,
    Unprocessable,
)
from helpa_redaction import findings
from helpa_redaction.findings import Found
from helpa_redaction.policies import Policies
from helpa_redaction.policy import CATEGORIES, Policy
from helpa_redaction.readings import squeezed
from helpa_redaction.redactions import Redactions, Wanted, body_of

log = structlog.get_logger("helpa.redaction")

if TYPE_CHECKING:
    from helpa_redaction.detect import Box, Finding
    from helpa_redaction.looking import Looked, Looking

JOB = "redaction.scan"
ROUNDS = 3
"""How often what a second look still finds is redacted again, before it is given up."""

LEAST = 6
"""Letters of a text below which it is not looked for again: too much else holds it."""

ACTOR = Actor(f"job:{JOB}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a job is to do.

    Args:
        image: which picture.
        look_for: categories; empty takes what the policy says, or all.
        arrival: whether it has just been uploaded, so that its policy decides what follows.
    """

    image: str
    look_for: tuple[str, ...] = ()
    arrival: bool = False


class Scanning:
    """Looks through pictures.

    Args:
        services: of the server.
        policies: what is looked for, and what follows.
        redactions: hides.
        looking: returns what finds; made when something is first looked for.
    """

    def __init__(
        self,
        services: Services,
        policies: Policies,
        redactions: Redactions,
        looking: Callable[[], Looking],
    ) -> None:
        self._services = services
        self._policies = policies
        self._redactions = redactions
        self._looking = looking

    def enqueue(self, connection: Connection, wish: Wish, revision: int) -> str:
        """Queue a look at a picture in the transaction at hand; return the job's id."""
        payload = {"look_for": list(wish.look_for), "image": wish.image, "arrival": wish.arrival}
        job = self._services.jobs.enqueue(
            connection, JOB, payload, unique_key=f"{JOB}:{wish.image}"
        )
        before = findings.scan_of(connection, wish.image)
        if job is None:
            if before is None:
                raise NotFound("There is no such image.")
            return before.job
        findings.note_scan(
            connection, wish.image, job=job, state="queued", revision=revision, report={}
        )
        return job

    async def uploaded(self, event: Event) -> None:
        """Queue a look at a picture that was uploaded, where its policy wants one."""
        image = await self._services.images.find(event.object.partition(":")[2])
        if image is None:
            return
        policy = await self._policies.of(image)
        if policy.action == "none" or not policy.look_for:
            return
        wish = Wish(image.id, arrival=True)
        await self._services.database.write(lambda c: self.enqueue(c, wish, image.revision))
        self._services.jobs.wake()

    async def run(self, run: JobRun) -> None:
        """Do a job; what keeps it from being done, its report says, too."""
        try:
            await self._run(run)
        except RequestError as error:
            image = await self._services.images.find(str(run.payload["image"]))
            if image is not None:
                report = {"error": error.detail}
                await self._services.database.write(
                    lambda c: findings.note_scan(
                        c, image.id, job=run.id, state="failed", revision=image.revision,
                        report=report,
                    )
                )  # fmt: skip
            raise

    async def _run(self, run: JobRun) -> None:
        payload = run.payload
        image = await self._services.images.find(str(payload["image"]))
        if image is None:
            return
        policy = await self._policies.of(image)
        wanted = tuple(payload["look_for"]) or tuple(policy.look_for) or CATEGORIES
        looked = await self._looking().look(image, wanted, run.progress)
        applied, left = 0, 0
        if payload["arrival"] and policy.action == "apply":
            image, looked, applied, left = await self._apply(image, policy, looked, wanted, run)
        state = "failed" if left else "done"
        await self._store(run, image, looked, wanted, state, {"applied": applied, "left": left})
        if left:
            raise Unprocessable(
                f"{left} findings could still be read after {ROUNDS} redactions; the picture "
                "stays held back."
            )
        if image.held:
            await self._release(image.id)
        await run.progress(1, 1)

    async def _apply(
        self,
        image: StoredImage,
        policy: Policy,
        looked: Looked,
        wanted: Collection[str],
        run: JobRun,
    ) -> tuple[StoredImage, Looked, int, int]:
        """Redact what is sure enough, and look again until nothing of it can be read any more."""
        confirmed: set[str] = set()
        applied = 0
        sure: list[Finding] = [e for e in looked.findings if e.confidence >= policy.confidence]
        for _ in range(ROUNDS):
            if not sure:
                return image, looked, applied, 0
            confirmed |= {text for e in sure if len(text := squeezed(e.text)) >= LEAST}
            size = image.size
            boxes = [whole(box, size.width, size.height) for each in sure for box in each.boxes]
            categories = {each.category for each in sure}
            wish = Wanted(
                [body_of(box) for box in boxes],
                policy.style,
                category=categories.pop() if len(categories) == 1 else None,
                revision=image.revision,
                automatic=True,
            )
            image, seq = await self._redactions.redact(image, wish, ACTOR)
            await self._services.narrowed(seq, None, 200)
            applied += len(sure)
            looked = await self._looking().look(image, wanted, run.progress)
            sure = [e for e in looked.findings if e.confidence >= policy.confidence]
            sure += looked.still(confirmed)
        return image, looked, applied, len(sure)

    async def _store(
        self,
        run: JobRun,
        image: StoredImage,
        looked: Looked,
        wanted: Sequence[str],
        state: str,
        more: dict[str, Any],
    ) -> None:
        report = {**looked.report(wanted), **more}
        size = image.size
        found = [
            Found(
                each.category,
                tuple(whole(box, size.width, size.height) for box in each.boxes),
                round(each.confidence, 3),
                each.why,
            )
            for each in looked.findings
        ]

        def work(connection: Connection) -> None:
            last = self._services.images.revisions(connection, image.id)
            if not last or last[-1].revision != image.revision:
                # What was found may lie elsewhere now: the job looks again.
                raise Conflict("The picture was changed while it was looked through.")
            findings.replace(connection, image.id, image.revision, found, wanted)
            findings.note_scan(
                connection, image.id, job=run.id, state=state, revision=image.revision,
                report=report,
            )  # fmt: skip

        await self._services.database.write(work)

    async def _release(self, image_id: str) -> None:
        def work(connection: Connection) -> int | None:
            seq = self._services.images.release(connection, image_id)
            if seq is not None:
                self._services.journal.record(
                    connection, ACTOR, "image.release", f"image:{image_id}"
                )
            return seq

        seq = await self._services.database.write(work)
        if seq is not None:
            await self._services.settled(seq)


def whole(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Return a box in whole pixels of a picture, rounded outward: x, y, w, h."""
    left, top = max(0, int(box.x)), max(0, int(box.y))
    right, bottom = min(width, -int(-box.right // 1)), min(height, -int(-box.bottom // 1))
    return left, top, max(1, right - left), max(1, bottom - top)
