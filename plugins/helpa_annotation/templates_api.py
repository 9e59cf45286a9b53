"""``/api/annotation-templates``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Conflict, Forbidden, Identity, NotFound, Route, Services, Size, invalid
from helpa.api import PROBLEMS, Problem, actor_of, json_body, new_id, now_ms, query, timestamp
from helpa_annotation import content, templates
from helpa_annotation.bodies import (
    TemplateCreate,
    TemplateDocument,
    TemplateGiven,
    TemplateList,
    TemplateQuery,
)
from helpa_annotation.document import Annotation
from helpa_annotation.fonts import Fonts
from helpa_annotation.layers import LayerStore
from helpa_annotation.names import DEFAULT
from helpa_annotation.once import Change, once
from helpa_annotation.settings import AnnotationSettings
from helpa_annotation.templates import Template

PATH = "/api/annotation-templates"


class TemplatesApi:
    """The routes.

    Args:
        services: of the server.
        store: of layers.
        settings: limits.
        fonts: what is written with.
    """

    def __init__(
        self, services: Services, store: LayerStore, settings: AnnotationSettings, fonts: Fonts
    ) -> None:
        self._services = services
        self._store = store
        self._settings = settings
        self._fonts = fonts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "GET",
                PATH,
                self.list,
                "images:read",
                "List your templates and those of your teams, newest first.",
                query=TemplateQuery,
                replies={200: TemplateList, **PROBLEMS},
            ),
            Route(
                "POST",
                PATH,
                self.create,
                "images:write",
                "Keep shapes, or a layer of an image, to use them on other images.",
                keyed=True,
                body=TemplateCreate,
                replies={
                    201: TemplateDocument,
                    409: Problem,
                    413: Problem,
                    415: Problem,
                    422: Problem,
                    **PROBLEMS,
                },
            ),
            Route(
                "GET",
                PATH + "/{id}",
                self.show,
                "images:read",
                "Show a template.",
                replies={200: TemplateDocument, **PROBLEMS},
            ),
            Route(
                "DELETE",
                PATH + "/{id}",
                self.remove,
                "images:write",
                "Remove a template of yours; what was made with it stays.",
                keyed=True,
                replies={204: "It is gone.", 422: Problem, **PROBLEMS},
            ),
        ]

    async def list(self, request: Request) -> Response:
        """Answer with a page of templates."""
        asked = query(request, TemplateQuery)
        found, cursor = await self._services.database.read(
            lambda c: templates.page(c, _who(request), asked.limit, asked.cursor)
        )
        return JSONResponse({"templates": [_entry(each) for each in found], "next_cursor": cursor})

    async def show(self, request: Request) -> Response:
        """Answer with a template."""
        return JSONResponse(_document(await self._found(request)))

    async def create(self, request: Request) -> Response:
        """Keep a template."""
        asked = await json_body(request, TemplateGiven)
        viewer = _who(request)
        actor = actor_of(request)

        async def prepare() -> Change:
            if asked.team and asked.team not in viewer.teams:
                raise invalid("team", asked.team, "the id of a team that you belong to")
            annotation, size = await self._drawn(request, asked)
            await self._store.stamps(annotation, viewer, None)
            kept = Template(
                new_id(),
                viewer.owner,
                asked.team or None,
                asked.name,
                annotation.content(),
                size,
                now_ms(),
            )

            def change(connection: Connection) -> tuple[dict[str, Any], None]:
                if templates.count(connection, viewer.owner) >= self._settings.templates:
                    raise Conflict(
                        "You have as many templates as one may have; remove one first.",
                        field="plugin.annotation.templates",
                        allowed=f"up to {self._settings.templates}",
                    )
                templates.add(connection, kept)
                self._services.journal.record(
                    connection,
                    actor,
                    "annotation_template.create",
                    f"annotation_template:{kept.id}",
                    details={"shapes": len(annotation.shapes), "team": kept.team},
                )
                return _document(kept), None

            return change

        return await once(self._services, request, asked.model_dump_json(), prepare, 201)

    async def _drawn(self, request: Request, asked: TemplateGiven) -> tuple[Annotation, Size]:
        """Return what a template shall hold, and for a picture of which size."""
        if asked.image is None:
            assert asked.shapes is not None
            assert asked.size is not None
            size = Size(asked.size.width, asked.size.height)
            return content.given(asked.shapes, size, self._settings, self._fonts), size
        image = await self._services.images.managed(asked.image, _who(request), "images:read")
        name = asked.layer or DEFAULT
        found = await self._services.database.read(lambda c: self._store.stored(c, image, name))
        annotation = Annotation.model_validate(content.plain(found.content))
        return annotation, content.size_of(found.content)

    async def remove(self, request: Request) -> Response:
        """Remove a template."""
        actor = actor_of(request)

        async def prepare() -> Change:
            template = await self._found(request)
            if template.owner != _who(request).owner:
                raise Forbidden("This template belongs to somebody else.", allowed="its owner")

            def change(connection: Connection) -> tuple[None, None]:
                templates.remove(connection, template.id)
                target = f"annotation_template:{template.id}"
                self._services.journal.record(
                    connection, actor, "annotation_template.delete", target
                )
                return None, None

            return change

        return await once(self._services, request, "", prepare, 204)

    async def _found(self, request: Request) -> Template:
        """Return the template that a path names.

        Raises:
            NotFound: there is none for who asks.
        """
        template_id: str = request.path_params["id"]
        viewer = _who(request)
        found = None
        if len(template_id) == 22 and template_id.isascii() and "\0" not in template_id:
            found = await self._services.database.read(
                lambda c: templates.find(c, template_id, viewer)
            )
        if found is None:
            raise NotFound("There is no such template.")
        return found


def _who(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


def _entry(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "owner": template.owner,
        "team": template.team,
        "size": {"width": template.size.width, "height": template.size.height},
        "created_at": timestamp(template.created_at),
    }


def _document(template: Template) -> dict[str, Any]:
    return {**_entry(template), "shapes": template.content["shapes"]}
