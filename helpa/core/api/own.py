"""The core's own routes, each part given what it needs of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpa.core.api.audit import AuditApi
from helpa.core.api.images import ImagesApi
from helpa.core.api.links import LinksApi
from helpa.core.api.markup import MarkupApi
from helpa.core.api.originals import OriginalsApi
from helpa.core.api.system import SystemApi
from helpa.core.api.uploads import UploadsApi
from helpa.core.api.url_import import UrlImport
from helpa.core.metrics import Metrics
from helpa.core.routes import Route

if TYPE_CHECKING:
    from helpa.core.app import Helpa


def own_routes(app: Helpa) -> list[Route]:
    """Return the routes of the core."""
    settings, database, journal = app.settings, app.database, app.journal
    images = ImagesApi(
        settings=settings,
        database=database,
        records=app.records,
        narrowing=app.narrowing,
        documents=app.documents,
        journal=journal,
        erase=app.jobs.wake,
        allowed=app.allowed,
        screen=app.screen,
    )
    uploads = UploadsApi(
        settings=settings,
        database=database,
        files=app.files,
        ingest=app.ingest,
        imports=UrlImport(
            fetcher=app.fetcher, files=app.files, settings=settings.fetch, limits=settings.limits
        ),
        documents=app.documents,
        counters=app.counters,
        journal=journal,
    )
    links = LinksApi(
        settings=settings,
        database=database,
        images=images,
        signer=app.signer,
        narrowing=app.narrowing,
        journal=journal,
    )
    metrics = Metrics(
        app.counters,
        app.supervisor,
        app.table,
        {"memory": lambda: app.memory.bytes, "disk": lambda: app.disk.bytes},
    )
    system = SystemApi(
        database=database,
        metrics=metrics,
        not_ready=app.not_ready,
        document=app.openapi,
        vocabulary=app.vocabulary,
    )
    parts = (
        uploads,
        images,
        OriginalsApi(
            images=images, database=database, files=app.files, seals=app.seals, journal=journal
        ),
        links,
        MarkupApi(app.records, app.markup),
        AuditApi(database, journal),
        system,
    )
    return [route for part in parts for route in part.routes()]
