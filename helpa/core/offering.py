"""What each plugin of a running server is given."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from helpa.core import router
from helpa.core.audit import search
from helpa.core.offered import OfferedFetching, OfferedJobs, OfferedTokens
from helpa.core.offered_images import OfferedImages
from helpa.core.plugins.manager import Loaded
from helpa.core.services import Services

if TYPE_CHECKING:
    from helpa.core.app import Helpa


def services_of(app: Helpa, plugin: Loaded) -> Services:
    """Return what a plugin is given."""
    return Services(
        plugin=plugin.name,
        settings=plugin.settings,
        public_url=app.settings.base_url,
        tokens=OfferedTokens(app.database, app.permissions),
        images=OfferedImages(
            plugin.name,
            database=app.database,
            records=app.records,
            documents=app.documents,
            files=app.files,
            revising=app.revising,
            allowed=app.allowed,
        ),
        jobs=OfferedJobs(app.jobs.wake),
        once=app.narrowing.once,
        narrowed=app.narrowing.done,
        database=app.database,
        journal=app.journal,
        accounts=app.accounts,
        sessions=app.sessions,
        rates=app.rates,
        permissions=app.permissions.declared,
        allowed=app.permissions.of,
        settled=app.leases.passed,
        fetcher=OfferedFetching(app.fetcher),
        max_upload_bytes=app.settings.limits.upload_bytes,
        formats={e.name: e.media_type for e in app.vocabulary.encoders.values() if e.picture},
        announce=lambda label, text: app.announcements.append((label, text)),
        identify=lambda headers: app.authenticator.identify(headers),
        secrets=lambda purpose: app.keyring.secrets(purpose, time.time()),
        signin=lambda: [(r.signin, r.path) for r in app.routes if r.signin],
        folder=lambda: app.files.of_plugin(plugin.name),
        personal_data=lambda: app.personal_data,
        entries_of=lambda account: search.of_person(app.database, account),
        farewell=lambda session: app.farewell(session),
        menu=lambda identity: router.menu(app.routes, identity),
    )
