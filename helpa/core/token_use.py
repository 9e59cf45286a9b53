"""When tokens were last used: noted in memory, written down once in a while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, MutableMapping

import structlog

from helpa.core import tokens
from helpa.core.database.engine import Database
from helpa.core.errors import RequestError

log = structlog.get_logger("helpa.tokens")

WRITE_EVERY = 30.0
"""Seconds; a write for each request would make every reader a writer."""


class TokenUse:
    """Writes down when tokens were used.

    Args:
        database: where tokens are.
        moments: milliseconds since 1970 by id, which others add to; emptied here.
    """

    def __init__(self, database: Database, moments: MutableMapping[str, int]) -> None:
        self._database = database
        self._moments = moments

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write during the block, and once more at its end."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.write()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY)
            await self.write()

    async def write(self) -> None:
        """Write down what was noted; what cannot be written now is tried again."""
        if not self._moments:
            return
        noted = dict(self._moments)
        self._moments.clear()
        try:
            await self._database.write(lambda c: tokens.used(c, noted))
        except RequestError as error:
            for token_id, moment in noted.items():
                self._moments.setdefault(token_id, moment)
            log.warning("tokens.use_not_written", error=str(error))
