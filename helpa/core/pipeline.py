"""A rendition's way: plan, access, stores, flight, worker."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from helpa.core import explain, levels
from helpa.core.answer import Answer
from helpa.core.budgets import Account, Budgets
from helpa.core.counters import Counters, Seconds
from helpa.core.database import layers as stored_layers
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.description import description
from helpa.core.errors import RequestError, TooManyRequests, Unavailable
from helpa.core.failed import Failed
from helpa.core.files import DataDir
from helpa.core.flight import Flights
from helpa.core.gate import Gate
from helpa.core.identity import Identify
from helpa.core.operations import Picture
from helpa.core.permit import Sharing
from helpa.core.plan import Measurement, Plan, PlannedStep, Planner
from helpa.core.query import Grammar, Query
from helpa.core.records import Records
from helpa.core.renditions import Renditions
from helpa.core.settings import Limits
from helpa.core.signing import Grant
from helpa.core.stores import join
from helpa.core.values import Size
from helpa.core.vocabulary import DESCRIBE, EXPLAIN
from helpa.core.workers.supervisor import JobFailed, Reply, Supervisor

log = structlog.get_logger("helpa.pipeline")


class Moved(Exception):
    """The record changed while its rendition was made."""


class Pipeline:
    """Makes renditions.

    Args:
        gate: decides about the right to a rendition.
        grammar: parses queries.
        planner: resolves them.
        records: image records.
        database: where the content of layers is.
        renditions: the tiers.
        supervisor: the workers.
        files: originals and levels.
        limits: what a rendition may cost.
        counters: what is counted.
        budgets: what new renditions may cost.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        grammar: Grammar,
        planner: Planner,
        records: Records,
        database: Database,
        renditions: Renditions,
        supervisor: Supervisor,
        files: DataDir,
        limits: Limits,
        counters: Counters,
        budgets: Budgets,
    ) -> None:
        self._gate = gate
        self._grammar = grammar
        self._planner = planner
        self._records = records
        self._database = database
        self._renditions = renditions
        self._supervisor = supervisor
        self._files = files
        self._limits = limits
        self._counters = counters
        self._budgets = budgets
        self._flights: Flights[bytes] = Flights()
        self._failed = Failed()
        self._reports = explain.Reports()

    async def answer(
        self,
        image_id: str,
        extension: str | None,
        raw_query: bytes,
        accept: int,
        identify: Identify,
        signed_as: tuple[str, int] | None = None,
        granted: float | None = None,
        has: Callable[[str], bool] = lambda _: False,
        client: str = "",
    ) -> Answer:
        """Return what an image URL answers.

        Args:
            image_id: the picture.
            extension: of the path, or None.
            raw_query: as it came.
            accept: class of the Accept header.
            identify: says who asks; called only where it matters.
            signed_as: what signatures call the picture and its epoch, where not by its record.
            granted: moment until which a dialect's signature grants exactly this, or None.
            has: whether the client holds the rendition of a key already.
            client: group of the client's address, whose budget new renditions are charged to.

        Raises:
            NotFound: no such picture for this viewer.
            RequestError: the query is refused, or the rendition cannot be made.
        """
        while True:
            began, before = time.perf_counter(), self._records.narrowed
            permit = await self._gate.admit(
                image_id, extension, raw_query, identify, signed_as, granted
            )
            drawn = await self._gate.drawn(permit, identify)
            named = self._gate.named(permit)
            pictures = {r.id: r.picture() for r in drawn if r.id in named}
            exact = permit.grant is Grant.EXACT
            account = self._budgets.account(permit.record, client, identify, exact=exact)
            plan = await self._plan(permit.query, permit.record, accept, pictures, account)
            planned = time.perf_counter()
            body, tier = None, "client"
            try:
                if permit.query.get(EXPLAIN) or not has(plan.key):
                    body, tier = await self._bytes(plan, drawn, plan.key, account)
                if body is not None and plan.describe:
                    body = description(plan, drawn[0], body)
                narrowed = await self._still(drawn, permit.link)
            except Moved:
                # Something was narrowed meanwhile: what was made is neither sent nor stored, and
                # the right to it is asked for anew.
                continue
            if permit.sharing is Sharing.PRIVATE and narrowed != before:
                continue  # perhaps it was the credential that asked for it, or its account
            if permit.not_after <= time.time():
                continue  # the right to it has ended while it was made
            seconds = (planned - began, time.perf_counter() - began)
            return Answer(plan, permit, drawn, body, tier, narrowed, seconds)

    def explain(self, answer: Answer, path: str, accept: int, headers: Mapping[str, str]) -> bytes:
        """Return what ``explain=1`` says of an answer.

        Args:
            answer: with the rendition's bytes.
            path: of the URL, without an extension.
            accept: class of the Accept header.
            headers: what caches would be told with the rendition.
        """
        vocabulary = self._grammar.vocabulary
        happened = answer.happened(self._reports.get(answer.plan.key), accept, headers)
        told = explain.explanation(path, answer.permit.query, answer.plan, vocabulary, happened)
        return json.dumps(told, separators=(",", ":")).encode()

    async def _plan(
        self,
        query: Query,
        record: Record,
        accept: int,
        pictures: Mapping[str, Picture],
        account: Account,
    ) -> Plan:
        measured: dict[str, Mapping[str, Any]] = {}
        while True:
            plan = self._planner.plan(
                query, record.picture(), accept, pictures=pictures, measured=measured
            )
            if isinstance(plan, Plan):
                return plan
            measured[plan.operation.name] = await self._measure(plan, record, account)

    async def _measure(
        self, wish: Measurement, record: Record, account: Account
    ) -> Mapping[str, Any]:
        async def make() -> bytes:
            steps = [_step(planned, True, wish.picture.size) for planned in wish.steps]
            # What hides nothing is found in any level, JPEG or not.
            level = levels.choose_level(
                record.levels, wish.scale, lossless=wish.scale >= 1, frames=1, page=wish.page
            )
            head = {
                "job": "measure",
                "source": self._source(record, level, 1, wish.page),
                "scale": wish.scale,
                "steps": steps,
                "measure": wish.operation.measure,
                "args": dict(wish.args),
            }
            reply = await self._submit(head, record, account)
            return json.dumps(reply.head["measured"]).encode()

        key = f"{record.rendition_id}/{wish.key}"
        body, _ = await self._stored(key, (record,), make, account)
        answer: Mapping[str, Any] = json.loads(body)
        return answer

    async def _bytes(
        self, plan: Plan, drawn: tuple[Record, ...], key: str, account: Account
    ) -> tuple[bytes, str]:
        async def make() -> bytes:
            level = self._level(plan, drawn[0])
            job = await self._render_job(plan, drawn, level)
            reply = await self._submit(job, drawn[0], account)
            self._counters.queue_wait.add(reply.waited)
            self._counters.opening.add(reply.head["open_seconds"])
            encoding = self._counters.encoding.setdefault(plan.format, Seconds())
            encoding.add(reply.head["encode_seconds"])
            self._reports.put(plan.key, explain.made(level, reply.head, reply.waited))
            return reply.body

        # Forgotten with any of the pictures in it.
        group = join(each.rendition_id for each in drawn)
        return await self._stored(f"{group}/{key}", drawn, make, account)

    async def _stored(
        self,
        key: str,
        drawn: tuple[Record, ...],
        make: Callable[[], Awaitable[bytes]],
        account: Account,
    ) -> tuple[bytes, str]:
        """Return what the tiers hold under ``key``, or make it, once, and store it."""
        found = await self._renditions.get(key)
        if found is not None:
            return found
        if key not in self._flights:  # who joins costs nothing
            await account.admit()

        async def lead() -> bytes:
            self._failed.refuse(key)
            # Perhaps it was made while this one asked for its budget.
            held = await self._renditions.near(key)
            if held is not None:
                return held
            try:
                body = await make()
            except RequestError as error:
                await self._still(drawn)  # else its files were erased, and it failed for that
                if isinstance(error, JobFailed):
                    self._failed.remember(key, error)
                raise
            await self._still(drawn)
            await self._renditions.put(key, body)
            try:
                await self._still(drawn)
            except Moved:  # narrowed while it was being stored
                await self._renditions.delete(key.partition("/")[0])
                raise
            return body

        return await self._flights.run(key, lead), "worker"

    async def _still(self, drawn: tuple[Record, ...], link_id: str | None = None) -> int:
        """Insist that every picture, and the link, is what it was when work began.

        Returns:
            :attr:`Records.narrowed`, up to which that is so.

        Raises:
            Moved: a picture has another revision or visibility now, or something is gone.
        """
        while True:
            narrowed = self._records.narrowed
            for record in drawn:
                now = await self._records.get(record.id)
                if now is None or (now.rendition_id, now.access_version) != (
                    record.rendition_id,
                    record.access_version,
                ):
                    raise Moved
            if link_id is not None:
                link = await self._records.link(link_id)
                if link is None or link.revoked:
                    raise Moved
            if narrowed == self._records.narrowed:
                return narrowed

    async def _submit(self, head: dict[str, Any], record: Record, account: Account) -> Reply:
        poisoned = self._supervisor.queue.is_poisoned(record.id)
        limits = self._limits
        try:
            return await self._supervisor.submit(
                head,
                group=record.id,
                timeout=limits.render_seconds,
                patience=limits.render_seconds if poisoned else limits.queue_seconds,
                spent=account.charge,
            )
        except Unavailable:
            if poisoned:
                raise TooManyRequests(
                    "Renditions of this picture keep failing; only one is tried at a time.",
                    retry_after=60,
                ) from None
            raise

    @staticmethod
    def _level(plan: Plan, record: Record) -> levels.Level | None:
        return levels.choose_level(
            record.levels, plan.scale, lossless=plan.lossless, frames=plan.drawn, page=plan.page
        )

    async def _render_job(
        self, plan: Plan, drawn: tuple[Record, ...], level: levels.Level | None
    ) -> dict[str, Any]:
        alpha = plan.picture.alpha
        steps = []
        for planned in plan.steps:
            alpha = alpha if planned.step.alpha is None else planned.step.alpha
            step = _step(planned, alpha, plan.picture.size)
            if planned.layer is not None:
                step["layer"] = await self._layer(planned.layer.id)
            steps.append(step)
        return {
            "job": "render",
            "source": self._source(drawn[0], level, plan.drawn, plan.page),
            "scale": plan.scale,
            "steps": steps,
            "pictures": {
                each.id: self._overlay(each, plan) for each in drawn if each.id in plan.pictures
            },
            "encode": DESCRIBE if plan.describe else plan.encoder.encode,
            "encoding": dict(plan.encoding),
            "size": [plan.size.width, plan.size.height] if plan.steps or plan.scale == 1 else None,
            "seconds": self._limits.render_seconds,
        }

    async def _layer(self, layer_id: str) -> Mapping[str, Any]:
        """Return the content of a stored layer.

        Raises:
            Moved: it is gone, so the record is another by now.
        """
        content = await self._database.read(lambda c: stored_layers.content(c, layer_id))
        if content is None:
            raise Moved
        return content

    def _overlay(self, record: Record, plan: Plan) -> dict[str, Any]:
        """Return how a picture drawn in is opened: no larger than its largest drawing needs."""
        scale = plan.overlay_scale(record.id)
        level = levels.choose_level(record.levels, scale, lossless=plan.lossless, frames=1, page=0)
        return {"source": self._source(record, level, 1, 0), "scale": scale}

    def _source(
        self, record: Record, level: levels.Level | None, frames: int, page: int
    ) -> dict[str, Any]:
        if level is not None:
            path = self._files.level(record.blob, level)
            return {"path": str(path), "format": level.format, "level": True}
        return {
            "path": str(self._files.original(record.blob)),
            "format": record.format,
            "page": page,
            "frames": frames,
            "alpha": bool(record.facts["alpha"]),
        }


def _step(planned: PlannedStep, alpha: bool, picture: Size) -> dict[str, Any]:
    step, before, to = planned.step, planned.before, planned.transform
    return {
        "draw": planned.operation.draw,
        "args": dict(step.args),
        "before": [before.width, before.height],
        "after": [step.size.width, step.size.height],
        "alpha": alpha,
        "pictures": {name: [size.width, size.height] for name, size in step.pictures.items()},
        "transform": [to.a, to.b, to.c, to.d, to.e, to.f],
        "picture": [picture.width, picture.height],
    }
