"""The OpenAPI document, from the routes, their models and the signatures of the operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from helpa.core.api.models import Problem
from helpa.core.parameters import Definition
from helpa.core.routes import PUBLIC, Route
from helpa.core.vocabulary import Vocabulary

REF = "#/components/schemas/{model}"

IDEMPOTENCY_KEY = "^[!-~]([ -~]{0,253}[!-~])?$"
"""Printable ASCII; what stands around a header's value belongs to the header (RFC 9110, 5.5)."""


def document(
    routes: Iterable[Route], vocabulary: Vocabulary, *, version: str, base_url: str
) -> dict[str, Any]:
    """Return the document of OpenAPI 3.1.

    Args:
        routes: those that answer programs.
        vocabulary: the parameters of image URLs.
        version: of Helpa.
        base_url: where the server is reached.
    """
    listed = [route for route in routes if not route.page]
    models = {model for route in listed for model in _models(route)} | {Problem}
    ordered = sorted(models, key=lambda m: m.__name__)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in ordered], ref_template=REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    paths["/img/{id}"] = {"get": _image(vocabulary)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Helpa", "version": version},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def text_schema(member: dict[str, Any]) -> dict[str, Any]:
    """Return a model's member as a parameter or form field takes it: text, which is never null."""
    schema = {k: v for k, v in member.items() if k not in ("title", "description")}
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    if schema.get("default", "") is None:
        del schema["default"]
    if len(kinds) > 1:
        return {"anyOf": kinds, **schema}
    return {**kinds[0], **schema} if kinds else schema


def _models(route: Route) -> Iterable[type[BaseModel]]:
    if route.body is not None:
        yield route.body
    yield from (model for model in route.replies.values() if isinstance(model, type))


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z]+', '_', route.path).strip('_')}",
        "summary": route.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", route.path)
        ],
        "responses": {str(status): _reply(reply) for status, reply in route.replies.items()},
    }
    if route.events:
        operation["responses"]["200"]["content"]["text/event-stream"] = {
            "schema": {"type": "string"}
        }
        operation["responses"]["204"] = _reply("The last event was seen before.")
    if route.path.startswith("/api/"):
        operation["responses"].setdefault("429", _reply(Problem))
    if route.query is not None:
        schema = route.query.model_json_schema()
        operation["parameters"] += [
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": member.get("description", ""),
                "schema": text_schema(member),
            }
            for name, member in schema["properties"].items()
        ]
    if route.method != "GET" and route.permission != PUBLIC and route.keyed:
        operation["parameters"].append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key with the same request answers the same, once done.",
                "schema": {"type": "string", "pattern": IDEMPOTENCY_KEY},
            }
        )
        operation["responses"].setdefault("422", _reply(Problem))  # the key of another request
    content = dict(route.content)
    if route.body is not None:
        content["application/json"] = {"schema": {"$ref": REF.format(model=route.body.__name__)}}
    if content:
        operation["requestBody"] = {"required": True, "content": content}
    if route.permission != PUBLIC:
        for status in (401, 403):
            operation["responses"].setdefault(str(status), _reply(Problem))
        operation["security"] = [{"token": []}]
        operation["description"] = f"Needs the scope `{route.permission}`."
    return operation


def _reply(reply: type[BaseModel] | str) -> dict[str, Any]:
    if isinstance(reply, str):
        return {"description": reply}
    media = "application/problem+json" if reply is Problem else "application/json"
    text = (reply.__doc__ or reply.__name__).strip().splitlines()[0]
    return {
        "description": text,
        "content": {media: {"schema": {"$ref": REF.format(model=reply.__name__)}}},
    }


def _image(vocabulary: Vocabulary) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "Id of the picture, perhaps with an extension: another spelling of fmt.",
            "schema": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{22}(\.[a-z]+)?$"},
        }
    ]
    parameters += [_parameter(each, vocabulary) for each in vocabulary.definitions.values()]
    media = sorted({encoder.media_type for encoder in vocabulary.encoders.values()})
    # JSON is an object where the core describes or explains, and what it likes where a format is.
    data = {"application/json": {"schema": {"type": ["object", "array"]}}}
    binary = {"schema": {"type": "string", "format": "binary"}}
    problem = _reply(Problem)
    return {
        "operationId": "get_rendition",
        "summary": "A rendition of a picture.",
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The rendition; with fmt=json what it would be, with explain=1 "
                "how it came about.",
                "content": {**dict.fromkeys(media, binary), **data},
            },
            "304": {"description": "The client has it already."},
            **{str(status): problem for status in (400, 401, 403, 404, 410, 422, 429, 502, 503)},
        },
    }


def _parameter(definition: Definition, vocabulary: Vocabulary) -> dict[str, Any]:
    schema = definition.schema()
    if definition.name == "fmt":
        schema = {"type": "string", "enum": sorted(vocabulary.formats)}
    text = definition.parameter.doc
    if definition.parameter.aliases:
        text += f" Also: {', '.join(definition.parameter.aliases)}."
    return {"name": definition.name, "in": "query", "description": text, "schema": schema}
