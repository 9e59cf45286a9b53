"""``/api/redaction-policies``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import NotFound, Route, Services
from helpa.api import PROBLEMS, Problem, actor_of, json_body, timestamp
from helpa_redaction import policies as rows
from helpa_redaction.documents import PolicyDocument, PolicyList
from helpa_redaction.policies import Kept, Policies, check_looked_for, checked_subject
from helpa_redaction.policy import Policy

if TYPE_CHECKING:
    from helpa_redaction.looking import Looking

PERMISSION = "redaction-policies:write"


class PoliciesApi:
    """The routes.

    Args:
        services: of the server.
        policies: keeps them.
        looking: returns what looks for the categories of one.
    """

    def __init__(
        self, services: Services, policies: Policies, looking: Callable[[], Looking]
    ) -> None:
        self._services = services
        self._policies = policies
        self._looking = looking

    def routes(self) -> list[Route]:
        """Return the routes."""
        one = "/api/redaction-policies/{subject}"
        return [
            Route(
                "GET", "/api/redaction-policies", self.list, PERMISSION, "List the policies.",
                replies={200: PolicyList, **PROBLEMS},
            ),
            Route(
                "GET", one, self.get, PERMISSION,
                "Show a policy: default, team:<id> or token:<id>.",
                replies={200: PolicyDocument, **PROBLEMS},
            ),
            Route(
                "PUT", one, self.put, PERMISSION, "Set a policy.",
                body=Policy,
                replies={200: PolicyDocument, 413: Problem, 415: Problem, **PROBLEMS},
            ),
            Route(
                "DELETE", one, self.delete, PERMISSION, "Remove a policy.",
                replies={204: "It is gone.", **PROBLEMS},
            ),
        ]  # fmt: skip

    async def list(self, _: Request) -> Response:
        """List."""
        found = await self._services.database.read(rows.every)
        listed = PolicyList(policies=[_document(each) for each in found])
        return JSONResponse(listed.model_dump())

    async def get(self, request: Request) -> Response:
        """Show."""
        subject = checked_subject(request.path_params["subject"])
        found = await self._services.database.read(lambda c: rows.one(c, subject))
        if found is None:
            raise NotFound("There is no such policy.")
        return JSONResponse(_document(found).model_dump())

    async def put(self, request: Request) -> Response:
        """Set."""
        subject = checked_subject(request.path_params["subject"])
        policy = await json_body(request, Policy)
        check_looked_for(policy, self._looking().missing())
        kept = await self._policies.put(subject, policy, actor_of(request))
        return JSONResponse(_document(kept).model_dump())

    async def delete(self, request: Request) -> Response:
        """Remove."""
        subject = checked_subject(request.path_params["subject"])
        await self._policies.remove(subject, actor_of(request))
        return Response(status_code=204)


def _document(kept: Kept) -> PolicyDocument:
    return PolicyDocument(
        subject=kept.subject, policy=kept.policy, changed_at=timestamp(kept.changed_at)
    )
