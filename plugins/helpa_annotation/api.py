"""``/api/images/{id}/annotations`` and the schema of layers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Identity, NotFound, Route, Services, StoredImage, invalid
from helpa.api import PROBLEMS, Problem, actor_of, json_body, query
from helpa_annotation import content, templates
from helpa_annotation.bodies import (
    ApplyRequest,
    CopyRequest,
    LayerGiven,
    LayerQuery,
    Layers,
    LayerSave,
    SavedLayer,
    Saving,
    Schema,
)
from helpa_annotation.document import Annotation, schema
from helpa_annotation.layers import LayerStore, Wanted
from helpa_annotation.names import is_name
from helpa_annotation.once import Change, once

READ, WRITE = "images:read", "images:write"
PATH = "/api/images/{id}/annotations"


class AnnotationsApi:
    """The routes.

    Args:
        services: of the server.
        store: of layers.
    """

    def __init__(self, services: Services, store: LayerStore) -> None:
        self._services = services
        self._store = store

    def routes(self) -> list[Route]:
        """Return the routes."""
        saved: dict[int, type[BaseModel] | str] = {
            200: SavedLayer,
            409: Problem,
            413: Problem,
            415: Problem,
            422: Problem,
            **PROBLEMS,
        }
        return [
            Route(
                "GET",
                "/api/annotations/schema",
                self.schema,
                "public",
                "Show the JSON schema of a layer.",
                anonymous=True,
                replies={200: Schema},
            ),
            Route(
                "GET",
                PATH,
                self.show,
                READ,
                "Show the layers of an image, or an earlier version of one.",
                query=LayerQuery,
                replies={200: Layers, **PROBLEMS},
            ),
            Route(
                "PUT",
                PATH,
                self.save,
                WRITE,
                "Save a layer of shapes over an image.",
                keyed=True,
                body=LayerSave,
                replies=saved,
            ),
            Route(
                "POST",
                PATH + "/copy",
                self.copy,
                WRITE,
                "Copy a layer from another image, fitted to the size of this one.",
                keyed=True,
                body=CopyRequest,
                replies=saved,
            ),
            Route(
                "POST",
                PATH + "/apply",
                self.apply,
                WRITE,
                "Lay a template over an image, fitted to its size.",
                keyed=True,
                body=ApplyRequest,
                replies=saved,
            ),
            # After the words that stand in the place of a name.
            Route(
                "DELETE",
                PATH + "/{layer}",
                self.remove,
                WRITE,
                "Take a layer away; its versions stay until the image is redacted or deleted.",
                keyed=True,
                replies={204: "It is shown no more.", 409: Problem, 422: Problem, **PROBLEMS},
            ),
        ]

    async def schema(self, _: Request) -> Response:
        """Answer with the schema of layers."""
        return JSONResponse(schema())

    async def show(self, request: Request) -> Response:
        """Answer with the layers of an image."""
        asked = query(request, LayerQuery)
        if asked.version is not None and asked.layer is None:
            raise invalid("version", str(asked.version), "a version beside the name of its layer")
        image = await self._managed(request, READ)
        found = await self._services.database.read(
            lambda c: self._store.shown(c, image, asked.layer, asked.version)
        )
        return JSONResponse({"layers": found, "layer": image.layer})

    async def save(self, request: Request) -> Response:
        """Store a version of a layer."""
        asked = await json_body(request, LayerGiven)

        async def prepare() -> Change:
            image = await self._managed(request, WRITE)
            annotation = None
            if asked.shapes is not None:
                annotation = self._store.given(asked.shapes, image)
            return await self._change(request, image, asked.layer, annotation, asked)

        return await self._once(request, asked, prepare)

    async def copy(self, request: Request) -> Response:
        """Copy a layer from another image."""
        asked = await json_body(request, CopyRequest)

        async def prepare() -> Change:
            image = await self._managed(request, WRITE)
            source = await self._of(request, asked.source, READ)
            found = await self._services.database.read(
                lambda c: self._store.stored(c, source, asked.layer)
            )
            annotation = Annotation.model_validate(content.plain(found.content))
            there = content.fitted(annotation, content.size_of(found.content), image.size)
            return await self._change(request, image, asked.name or asked.layer, there, asked)

        return await self._once(request, asked, prepare)

    async def apply(self, request: Request) -> Response:
        """Lay a template over an image."""
        asked = await json_body(request, ApplyRequest)
        viewer: Identity = request.state.identity

        async def prepare() -> Change:
            image = await self._managed(request, WRITE)
            template = await self._services.database.read(
                lambda c: templates.find(c, asked.template, viewer)
            )
            if template is None:
                raise NotFound("There is no such template.", field="template", given=asked.template)
            annotation = Annotation.model_validate(dict(template.content))
            there = content.fitted(annotation, template.size, image.size)
            return await self._change(request, image, asked.layer, there, asked)

        return await self._once(request, asked, prepare)

    async def remove(self, request: Request) -> Response:
        """Take a layer away."""
        name = request.path_params["layer"]
        actor = actor_of(request)

        async def prepare() -> Change:
            image = await self._managed(request, WRITE)
            if not is_name(name):
                raise NotFound("This picture has no such layer.")
            return lambda c: (None, self._store.remove(c, image, name, actor))

        return await once(self._services, request, "", prepare, 204)

    async def _change(
        self,
        request: Request,
        image: StoredImage,
        name: str,
        annotation: Annotation | None,
        asked: Saving,
    ) -> Change:
        """Return what stores a layer, once everything about it is found right."""
        warnings: list[dict[str, Any]] = []
        if annotation is not None:
            warnings = await self._store.stamps(annotation, request.state.identity, image)
            warnings += await self._store.hidden(annotation, image)
        wanted = Wanted(image, name, annotation, asked.show, asked.version, warnings)
        actor = actor_of(request)

        def change(connection: Connection) -> tuple[dict[str, Any], int]:
            return self._store.save(connection, wanted, actor)

        return change

    async def _once(self, request: Request, asked: Saving, prepare: Any) -> Response:
        return await once(self._services, request, asked.model_dump_json(), prepare)

    async def _managed(self, request: Request, scope: str) -> StoredImage:
        return await self._of(request, request.path_params["id"], scope)

    async def _of(self, request: Request, image_id: str, scope: str) -> StoredImage:
        viewer: Identity | None = request.state.identity
        return await self._services.images.managed(image_id, viewer, scope)
