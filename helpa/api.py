"""Public names for routes of plugins: bodies, queries, problems, and who acts."""

from helpa.core.api.acting import actor_of
from helpa.core.api.bodies import checked, json_body, query
from helpa.core.api.models import PROBLEMS, Body, Problem, Text
from helpa.core.middleware import client_of
from helpa.core.moments import timestamp

__all__ = [
    "PROBLEMS",
    "Body",
    "Problem",
    "Text",
    "actor_of",
    "checked",
    "client_of",
    "json_body",
    "query",
    "timestamp",
]
