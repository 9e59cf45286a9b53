"""The in-process tables of images and links, kept true by the invalidations in the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from helpa.core.database import images, links
from helpa.core.database.engine import NEWEST, Database, Row, steady
from helpa.core.database.images import Record
from helpa.core.database.links import Link
from helpa.core.ids import is_id

T = TypeVar("T")

LOOK_EVERY = 0.1
"""Seconds between looks at what was committed; on SQLite one takes some 3 µs."""

CAPACITY = 50_000

FORGET_ALL = 12 * 3600.0
"""Seconds without a look after which nothing held is believed: invalidations are kept a day."""


class Records:
    """Images and links by id.

    Args:
        database: where they come from.
        max_age: seconds for which what is held counts as true without a look that succeeded.
    """

    def __init__(self, database: Database, max_age: float) -> None:
        self._database = database
        self._max_age = max_age
        self._images: OrderedDict[str, Record] = OrderedDict()
        self._links: OrderedDict[str, Link] = OrderedDict()
        self._listeners: list[Callable[[str], None]] = []
        self._looked = 0.0
        self._believed_until = 0.0  # so that most requests compare with one number
        self._confirm: Callable[[], Awaitable[None]] = self.catch_up
        self._forget_all: Callable[[], None] = lambda: None
        self.applied = 0
        self.narrowed = 0
        """How often something narrowed; who finds it changed asks anew."""
        self.leased_until = float("inf")
        """Moment (:func:`steady`) up to which changes wait for this process, as for a server."""

    async def start(self) -> None:
        """Begin where the database is now."""
        newest = await self._database.point(NEWEST)
        self.applied = int(newest["seq"] or 0) if newest is not None else 0

    def on_narrowing(self, listener: Callable[[str], None], all_: Callable[[], None]) -> None:
        """Call ``listener`` with the id of every image or link that allows less from now on.

        Args:
            listener: called with an id.
            all_: called instead where what has changed can no longer be told.
        """
        self._listeners.append(listener)
        self._forget_all = all_

    def confirm_by(self, confirm: Callable[[], Awaitable[None]]) -> None:
        """Have what is held confirmed otherwise than by catching up: by a lease."""
        self._confirm = confirm

    async def get(self, image_id: str) -> Record | None:
        """Return an image as of the last look, or None.

        Raises:
            Unavailable: the database did not answer for longer than the maximum age.
        """
        return await self._held(self._images, image_id, images.find)

    async def link(self, link_id: str) -> Link | None:
        """Return a link as of the last look, or None.

        Raises:
            Unavailable: the database did not answer for longer than the maximum age.
        """
        return await self._held(self._links, link_id, links.find)

    async def _held(
        self,
        table: OrderedDict[str, T],
        key: str,
        find: Callable[[Database, str], Awaitable[T | None]],
    ) -> T | None:
        """Return what a table holds, or else what the database does, which is held from then on."""
        if not is_id(key):
            return None
        await self.ensure()
        held = table.get(key)
        while held is None:
            applied, narrowed = self.applied, self.narrowed
            held = await find(self._database, key)
            if narrowed != self.narrowed:
                # Read before something was narrowed, perhaps; what was narrowed since is over.
                held = table.get(key)
                continue
            if held is not None and applied == self.applied:
                table[key] = held
                if len(table) > CAPACITY:
                    table.popitem(last=False)
            break
        return held

    def fresh(self) -> bool:
        """Look at what was committed, where it is time to; whether what is held may be believed.

        Never waits. Once the lease has run out nobody waits for this process any more: what is
        held then counts only right after a look that tells everything.
        """
        moment = steady()
        if moment < self._believed_until:
            return True
        lapsed = moment >= self.leased_until
        immediate = self._database.immediate
        if moment - self._looked >= LOOK_EVERY or (lapsed and immediate):
            if moment - self._looked > FORGET_ALL:
                self._forget()
            self._looked = moment
            self._apply(self._database.changes(self.applied))
        if lapsed:
            return immediate and self._database.confirmed >= moment
        confirmed_until = self._database.confirmed + self._max_age
        if moment > confirmed_until:
            return False
        self._believed_until = min(self._looked + LOOK_EVERY, self.leased_until, confirmed_until)
        return True

    async def ensure(self) -> None:
        """Look, and insist that what is held may be believed.

        Raises:
            Unavailable: the database has not answered for longer than the maximum age.
        """
        if not self.fresh():
            await self._confirm()

    async def catch_up(self) -> None:
        """Apply everything committed before this call, as after a change of our own."""
        self._apply(await self._database.catch_up(self.applied))

    def _forget(self) -> None:
        self._images.clear()
        self._links.clear()
        self.narrowed += 1  # what is being made or read at this moment is not kept either
        self._forget_all()

    def _apply(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row["seq"] <= self.applied:
                continue
            self.applied = row["seq"]
            self._images.pop(row["image"], None)
            self._links.pop(row["link"], None)
            if not row["narrows"]:
                continue
            self.narrowed += 1
            for listener in self._listeners:
                for gone in filter(None, (row["image"], row["link"])):
                    listener(gone)
