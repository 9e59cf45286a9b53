"""Looking through a picture as a job: found, suggested, and by policy redacted at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
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

    def enqueue(
        self, connection: Connection, image: StoredImage, look_for: Sequence[str] = ()
    ) -> str:
        """Queue a look at a picture in the transaction at hand; return the job's id.

        Args:
            connection: a writing connection.
            image: which.
            look_for: categories; none takes what the policy says, or all.
        """
        payload = {"image": image.id, "look_for": list(look_for)}
        job = self._services.jobs.enqueue(connection, JOB, payload, unique_key=f"{JOB}:{image.id}")
        if job is None:
            before = findings.scan_of(connection, image.id)
            if before is None:
                raise NotFound("There is no such image.")
            return before.job
        findings.note_scan(
            connection, image.id, job=job, state="queued", revision=image.revision, report={}
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
        await self._services.database.write(lambda c: self.enqueue(c, image))
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
        # Whoever asked for the look: what is held is let go by one that its policy wanted alone.
        applying = image.held and policy.action == "apply"
        asked = tuple(payload["look_for"])
        own = tuple(policy.look_for) or CATEGORIES
        wanted = tuple(dict.fromkeys((*own, *asked))) if applying else asked or own
        looked = await self._looking().look(image, wanted, run.progress)
        applied, left = 0, 0
        if applying:
            image, looked, applied, left = await self._apply(image, policy, looked, wanted, run)
        state = "failed" if left else "done"
        await self._store(run, image, looked, wanted, state, {"applied": applied, "left": left})
        if left:
            raise Unprocessable(
                f"{left} findings could still be read after {ROUNDS} redactions; the picture "
                "stays held back."
            )
        if applying and looked.complete:
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
            sure += await asyncio.to_thread(looked.still, confirmed)
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
