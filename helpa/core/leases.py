"""Leases: each instance says how far it has applied the invalidations, and a change waits for all.

An instance whose lease has run out no longer answers from its caches (:meth:`Records.fresh`), so
nobody is shown what was narrowed even where it was stopped, or cut off from the database.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import structlog

from helpa.core import lockfiles
from helpa.core.database import instances
from helpa.core.database.engine import NEWEST, Database, steady
from helpa.core.errors import Unavailable
from helpa.core.ids import new_id
from helpa.core.records import LOOK_EVERY, Records

log = structlog.get_logger("helpa.leases")

WAIT_EVERY = 0.05
"""Seconds between looks at the other leases while a change waits for them."""

SETTLE_SECONDS = 60.0
"""Half of a job's deadline; a job that erases files goes on then."""


class Leases:
    """The lease of this instance, and the wait for those of others.

    Args:
        database: where the leases are.
        folder: of lock files, by which instances on one machine tell that another was killed.
        records: what the invalidations are applied to.
        max_age: seconds a lease lasts (``revocation_max_age``).
    """

    def __init__(self, database: Database, folder: Path, records: Records, max_age: float) -> None:
        self._database = database
        self._folder = folder
        self._records = records
        self._max_age = max_age
        self._id = new_id()
        self._renewal: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lease while the block runs."""
        await self._bury()
        with lockfiles.locked(self._folder / self._id):
            await self.renew()
            if not self._database.immediate:
                self._records.confirm_by(self.renew)
            task = asyncio.create_task(self._keep())
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                with contextlib.suppress(Exception):
                    await self._database.write(lambda c: instances.end(c, self._id))

    async def _bury(self) -> None:
        """Remove what instances have left that were killed."""
        for path in await asyncio.to_thread(lambda: list(self._folder.glob("*"))):
            if await asyncio.to_thread(lockfiles.ended, path) is not None:
                await self._database.write(partial(instances.end, instance=path.name))

    async def _keep(self) -> None:
        renewed, told, failing = steady(), self._records.narrowed, False
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                self._records.fresh()
                if steady() - renewed < self._max_age / 3 and self._records.narrowed == told:
                    continue
                told = self._records.narrowed
                await self.renew()
            except Exception as error:  # noqa: BLE001  it is tried again, whatever it was
                if not failing:
                    log.warning("lease.not_renewed", error=str(error))
                failing, told = True, -1
                await asyncio.sleep(min(1, self._max_age / 6))
                continue
            renewed, failing = steady(), False

    async def renew(self) -> None:
        """Renew the lease, once for all who ask at the same time.

        Raises:
            Unavailable: the database does not answer.
        """
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew())
        await asyncio.shield(self._renewal)

    async def _renew(self) -> None:
        # First, for a lease also says that looking works: else a change would wait for ever.
        await self._records.catch_up()
        moment, applied = steady(), self._records.applied
        await self._database.write(lambda c: instances.renew(c, self._id, applied, self._max_age))
        if self._records.leased_until <= steady():
            # What was committed while it had run out did not wait for this instance.
            await self._records.catch_up()
        # Here it ends no later than in the database, where it began after this moment.
        self._records.leased_until = moment + self._max_age

    async def passed(self, seq: int) -> None:
        """Wait until every live lease has passed ``seq`` or run out.

        While the database does not answer, nobody can renew a lease: then all have run out after
        the time that one lasts.
        """
        ends = steady() + self._max_age + 1
        while True:
            try:
                if not await self._behind(seq):
                    return
            except Unavailable:
                if steady() > ends:
                    return
            await asyncio.sleep(WAIT_EVERY)

    async def settled(self) -> None:
        """Wait until everything committed by now has passed, or a while at the most."""
        newest = await self._database.point(NEWEST)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self.passed(int(newest["seq"] or 0) if newest is not None else 0)

    async def _behind(self, seq: int) -> bool:
        """Whether an instance that may still serve from its caches has not applied a number."""
        if self._records.applied < seq:
            await self._records.catch_up()
        waiting = False
        for instance in await self._database.read(lambda c: instances.behind(c, seq, self._id)):
            if await asyncio.to_thread(lockfiles.ended, self._folder / instance) is not None:
                await self._database.write(partial(instances.end, instance=instance))
            else:
                waiting = True
        return waiting
