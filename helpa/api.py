"""Public names for routes of plugins: bodies, queries, problems, and who acts."""

from helpa.core.api.acting import actor_of
from helpa.core.api.bodies import checked, json_body, query
from helpa.core.api.models import PROBLEMS, Body, ImageDocument, Problem, Text
from helpa.core.audit.search import Filters as EntryFilters
from helpa.core.audit.search import documents as entries
from helpa.core.database.engine import now_ms
from helpa.core.ids import new_id
from helpa.core.middleware import client_of
from helpa.core.moments import timestamp
from helpa.core.services import Keep, Make

__all__ = [
    "PROBLEMS",
    "Body",
    "EntryFilters",
    "ImageDocument",
    "Keep",
    "Make",
    "Problem",
    "Text",
    "actor_of",
    "checked",
    "client_of",
    "entries",
    "json_body",
    "new_id",
    "now_ms",
    "query",
    "timestamp",
]
