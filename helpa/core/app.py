"""The whole server, wired by constructor: ``Helpa(settings)`` owns every part; no globals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Connection

import helpa
from helpa.core import language, openapi, router
from helpa.core.accounts import Accounts
from helpa.core.api.documents import Documents
from helpa.core.api.markup import Markup
from helpa.core.api.narrowing import Narrowing
from helpa.core.api.own import own_routes
from helpa.core.audit.checkpoints import Checkpoints
from helpa.core.audit.journal import Journal
from helpa.core.authentication import Authenticator
from helpa.core.budgets import Budgets
from helpa.core.client import Clients
from helpa.core.counters import Counters
from helpa.core.database import connect
from helpa.core.delivery import Delivery, Receive, Scope, Send
from helpa.core.errors import PluginError
from helpa.core.events import Dispatcher
from helpa.core.fetching import Fetcher
from helpa.core.files import DataDir
from helpa.core.gate import Gate
from helpa.core.identity import Identity
from helpa.core.ingest import Ingest
from helpa.core.jobs import JobRunner, working
from helpa.core.keyfile import keyring
from helpa.core.layer_kind import LayerKind
from helpa.core.leases import Leases
from helpa.core.ledger import Ledger
from helpa.core.middleware import RequestContext
from helpa.core.mounts import mount
from helpa.core.offering import services_of
from helpa.core.permissions import Permissions
from helpa.core.pipeline import Pipeline
from helpa.core.plugins import migrations, running
from helpa.core.plugins.manager import Loaded, PluginManager
from helpa.core.plugins.registries import Registries
from helpa.core.rates import Rates
from helpa.core.ready import ReadyTable
from helpa.core.records import Records
from helpa.core.renditions import Renditions
from helpa.core.requested import Reader
from helpa.core.restoring import Restoring
from helpa.core.revising import Revising
from helpa.core.routes import PUBLIC, Route
from helpa.core.screening import Arrival, Screened, Screening
from helpa.core.sealing import Seals
from helpa.core.services import Services
from helpa.core.sessions import Sessions
from helpa.core.settings import Settings
from helpa.core.signer import Signer
from helpa.core.sourcing import Sourcing
from helpa.core.stores import DiskStore, MemoryStore, Store
from helpa.core.token_use import TokenUse
from helpa.core.upkeep import SWEEP_EVERY, Upkeep
from helpa.core.vocabulary import import_paths
from helpa.core.workers.supervisor import Supervisor

log = structlog.get_logger("helpa")


class Helpa:
    """A server; also the ASGI application.

    Args:
        settings: everything that can be set.
        plugins: the plugins that the settings enable, where they are loaded already.

    Raises:
        PluginError: a plugin cannot be used.
        SettingsError: a preset does not parse, or two plugins claim one name.
        DataDirError: the data directory was never made.
    """

    def __init__(self, settings: Settings, plugins: PluginManager | None = None) -> None:
        self.settings = settings
        limits, cache = settings.limits, settings.cache
        self.plugins = plugins or PluginManager(settings.enabled, settings.plugin)
        self.registries = Registries(self.plugins, self.services)
        self.vocabulary, self.grammar = language.words(self.plugins, settings)
        self.files = DataDir(settings.data_dir)
        self.files.require(sqlite=settings.database is None)
        self.files.create()
        self.permissions = Permissions(self.plugins.permissions(), settings.permissions)
        self.counters = Counters()
        self.journal = Journal(settings.audit)
        self.checkpoints = Checkpoints(settings.audit, self.files)
        self.accounts = Accounts(self.journal)
        self.database = connect.database(settings.database, self.files.database)
        self.records = Records(self.database, settings.revocation_max_age)
        self.leases = Leases(
            self.database, self.files.instances, self.records, settings.revocation_max_age
        )
        self.seals = Seals(self.files, settings.originals.keys)
        self.ledger = Ledger(self.database, self.files, settings.originals.ledger)
        self.narrowing = Narrowing(self.database, self.leases, self.ledger, settings.delivery)
        self.keyring = keyring(settings, self.files)
        self.signer = Signer(self.grammar, self.keyring, settings.base_url)
        self.documents = Documents(
            self.signer, settings.base_url, settings.unsigned, settings.unsigned_widths
        )
        self.fetcher = Fetcher(settings.fetch)
        self.table = ReadyTable(cache.ready_bytes, cache.ready_entries, cache.ready_spellings)
        self.records.on_narrowing(self.table.forget, self.table.clear)
        self.memory = MemoryStore(cache.memory_bytes)
        self.disk = DiskStore(self.files.cache, cache.disk_bytes)
        tiers: list[tuple[str, Store]] = [("memory", self.memory)]
        if cache.disk_bytes:
            tiers.append(("disk", self.disk))
        self.renditions = Renditions(tiers)
        self.supervisor = Supervisor(
            workers=settings.worker_count,
            queue=limits.queue,
            memory=limits.memory,
            recycle_jobs=settings.workers.recycle_jobs,
            recycle_bytes=settings.workers.recycle_bytes,
            preload=sorted(self.vocabulary.import_paths()),
        )
        self.jobs = self._jobs()
        self.layers: dict[str, LayerKind] = {}
        self.revising = Revising(
            database=self.database,
            files=self.files,
            records=self.records,
            supervisor=self.supervisor,
            seals=self.seals,
            limits=limits,
            journal=self.journal,
            moved=lambda: {name: kind.moved for name, kind in self.layers.items()},
            wake=self.jobs.wake,
        )
        self.restoring = Restoring(
            ledger=self.ledger,
            database=self.database,
            files=self.files,
            revising=self.revising,
            journal=self.journal,
        )
        self.dispatcher = Dispatcher(
            self.database,
            partial(running.listeners, self.plugins, self.services),
            attempts=settings.jobs.attempts,
            poll_seconds=settings.jobs.poll_seconds,
            counters=self.counters,
        )
        self.database.on_commit(self.dispatcher.wake)
        self.announcements: list[tuple[str, str]] = []
        self.clients = Clients(settings.trusted_proxies, settings.forwarded_header)
        self.sessions = Sessions(
            self.database,
            self.permissions,
            self.journal,
            settings.sessions,
            secure=settings.base_url.startswith("https:"),
        )
        self.rates = Rates(settings.rates, self.counters.limited)
        self.authenticator = Authenticator(
            self.database,
            self.permissions,
            running.authenticators(self.plugins, self.services),
            self.sessions,
            self.rates,
        )
        self.token_use = TokenUse(self.database, self.authenticator.used)
        self.gate = Gate(
            records=self.records,
            grammar=self.grammar,
            keyring=self.keyring,
            settings=settings,
        )
        planner = language.planner(self.vocabulary, self.plugins, settings)
        self.markup = Markup(self.documents, self.grammar, planner, settings)
        self.pipeline = Pipeline(
            gate=self.gate,
            grammar=self.grammar,
            planner=planner,
            records=self.records,
            database=self.database,
            renditions=self.renditions,
            supervisor=self.supervisor,
            files=self.files,
            limits=limits,
            counters=self.counters,
            budgets=Budgets(settings.budgets, self.counters.refused),
        )
        self.screenings: list[Screening] = []
        self.ingest = self._ingest()
        mounts = mount(settings.sources, self.registries.sources(), settings.visibility)
        self.reader = Reader(self.registries.dialects(), mounts)
        self.sourcing = Sourcing(
            mounts,
            database=self.database,
            files=self.files,
            ingest=self.ingest,
            records=self.records,
            limits=limits,
            journal=self.journal,
            erase=self.jobs.wake,
        )
        for job in self.registries.jobs(self.jobs.kinds):
            self.jobs.add(job)
        self.layers |= self.registries.layers()
        self.screenings += self.registries.screenings()
        self.routes: list[Route] = self._routes()
        self.farewell = running.farewell(self.plugins, self.services)
        self._guard = running.guard(self.plugins, self.services)
        self.personal_data = self.registries.personal_data()
        self._draining = False
        self._started = False
        parts = urlsplit(settings.base_url)
        self.asgi = Delivery(
            RequestContext(
                router.build(
                    self.routes,
                    self.authenticator,
                    self.rates,
                    f"{parts.scheme}://{parts.netloc}",
                ),
                self.clients,
                secure=parts.scheme == "https",
            ),
            reader=self.reader,
            pipeline=self.pipeline,
            sourcing=self.sourcing,
            gate=self.gate,
            table=self.table,
            records=self.records,
            authenticator=self.authenticator,
            settings=settings.delivery,
            counters=self.counters,
            clients=self.clients,
        )

    def _jobs(self) -> JobRunner:
        settings = self.settings
        upkeep = Upkeep(
            database=self.database,
            files=self.files,
            supervisor=self.supervisor,
            renditions=self.renditions,
            seals=self.seals,
            limits=settings.limits,
            settled=self.leases.settled,
            listening=lambda: self.dispatcher.plugins,
        )
        return JobRunner(
            self.database,
            upkeep.handlers(),
            periodic={"sweep": SWEEP_EVERY},
            folder=self.files.jobs,
            attempts=settings.jobs.attempts,
            poll_seconds=settings.jobs.poll_seconds,
            counters=self.counters,
        )

    def _ingest(self) -> Ingest:
        return Ingest(
            database=self.database,
            files=self.files,
            supervisor=self.supervisor,
            limits=self.settings.limits,
            counters=self.counters,
            added=self.jobs.wake,
            screen=self.screen,
        )

    async def allowed(self, identity: Identity, permission: str, target: str) -> bool:
        """Whether no plugin denies somebody a permission on an object."""
        return await self._guard(identity, permission, target)

    def screen(self, connection: Connection, arrival: Arrival) -> Screened:
        """Return what shall hold for a picture that arrives: all that any screening says."""
        said = [each.screen(connection, arrival) for each in self.screenings]
        return Screened(any(s.held for s in said), any(s.guarded for s in said))

    def _routes(self) -> list[Route]:
        own = own_routes(self)
        added = self.registries.routes(self.reader.prefixes)
        kit: list[Route] = []
        if any(route.page for _, route in added):
            from helpa.pages.assets import kit_assets  # nobody else needs templates

            kit = kit_assets().routes()
        taken = {(route.method, route.path) for route in own + kit}
        for plugin, route in added:
            if (route.method, route.path) in taken:
                reason = f"{route.method} {route.path} belongs to the core"
                raise PluginError(plugin, "register routes", reason)
            if route.permission not in (PUBLIC, *self.permissions.declared):
                reason = f"{route.path}: nobody registered the permission {route.permission!r}"
                raise PluginError(plugin, "register routes", reason)
        return own + [route for _, route in added] + kit

    def services(self, plugin: Loaded) -> Services:
        """Return what a plugin is given."""
        return services_of(self, plugin)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        return openapi.document(
            self.routes,
            self.vocabulary,
            version=helpa.__version__,
            base_url=self.settings.base_url,
        )

    def not_ready(self) -> str | None:
        """Return why the server is not ready, or None."""
        if not self._started:
            return "starting"
        return "draining" if self._draining else None

    def drain(self) -> None:
        """Answer that the server is not ready, and go on serving."""
        self._draining = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI application."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        await self.asgi(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            kind = "shutdown" if self._started else "startup"
            await send({"type": f"lifespan.{kind}.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def running(self, *, serving: bool = True, drawing: bool = True) -> AsyncIterator[None]:
        """Start the workers, the jobs and the plugins; stop them in the reverse order.

        Args:
            serving: whether requests will come; else neither jobs nor plugins are started.
            drawing: whether workers are started.

        Raises:
            PluginError: a plugin's drawing code cannot be loaded, or it fails to start.
            SettingsError: the database is not at the current schema.
        """
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.database.close)
            stack.callback(self.fetcher.close)
            stack.push_async_callback(self.renditions.close)
            database = (self.files.database, self.settings.database)
            await asyncio.to_thread(migrations.require, self.plugins, *database)
            await self.database.open()
            await self.records.start()
            await stack.enter_async_context(self.checkpoints.kept(self.database))
            await self.dispatcher.enrol()
            if drawing:
                stack.callback(self.supervisor.stop)
                await asyncio.to_thread(self.supervisor.start)
                self._check_drawing()
                await self.restoring.replay()
                await self.ledger.start()
                await stack.enter_async_context(self.ledger.kept())
            stack.push_async_callback(self.sourcing.close)
            if serving and self.settings.jobs.embedded:
                await self.jobs.enqueue_periodic()
                await stack.enter_async_context(working(self.jobs))
            if serving:
                await stack.enter_async_context(self.leases.held())
                await stack.enter_async_context(self.token_use.kept())
                await running.enter_lifespans(self.plugins, self.services, stack)
                if self.settings.jobs.embedded:
                    await stack.enter_async_context(working(self.dispatcher))
            self._started = True
            yield

    def _check_drawing(self) -> None:
        failures = self.supervisor.load_failures
        for plugin in self.plugins.plugins:
            for path in import_paths(plugin.operations, plugin.encoders):
                if path not in failures:
                    continue
                if not plugin.optional:
                    raise PluginError(plugin.name, "load", f"{path}: {failures[path]}")
                # What it draws then fails with an error; it is never served without it.
                log.error("plugin.not_loaded", plugin=plugin.name, path=path,
                          reason=failures[path])  # fmt: skip
