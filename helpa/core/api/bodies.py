"""Reading bodies and queries into models, with messages that name the field."""

from __future__ import annotations

import asyncio
import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from helpa.core.api.acting import confirm
from helpa.core.api.models import ImageChange, UploadSaid
from helpa.core.errors import (
    ContentTooLarge,
    InvalidValue,
    RequestTimeout,
    UnsupportedMedia,
    nearest,
    shorten,
)
from helpa.core.settings import Limits

M = TypeVar("M", bound=BaseModel)

DEFAULT_LIMITS = Limits()
"""Of routes of plugins."""

MISTAKES = 20
"""So many mistakes of a body are told; a body may hold a hundred thousand."""


def checked(model: type[M], values: object) -> M:
    """Return the model of some values.

    Raises:
        InvalidValue: names the first field that is wrong; ``errors`` lists them all.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _invalid(error, model) from None


def _invalid(error: ValidationError, model: type[BaseModel]) -> InvalidValue:
    listed = []
    for item in error.errors(include_url=False, include_context=False)[:MISTAKES]:
        name = ".".join(str(part) for part in item["loc"]) or "body"
        if item["type"] == "extra_forbidden":
            close = nearest(str(item["loc"][-1]), model.model_fields)
            allowed = "one of " + ", ".join(model.model_fields)
            text = f"there is no field {name!r}" + (f"; did you mean {close}?" if close else "")
        else:
            allowed = item["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
            text = f"expected {allowed[:1].lower()}{allowed[1:]}"
        given = shorten(str(item["input"]))
        listed.append({"field": name, "given": given, "allowed": allowed, "detail": text})
    first = listed[0]
    return InvalidValue(
        "; ".join(f"{each['field']}: {each['detail']}" for each in listed) + ".",
        field=first["field"],
        given=first["given"],
        allowed=first["allowed"],
        extra={"errors": listed} if len(listed) > 1 else {},
    )


def query(request: Request, model: type[M]) -> M:
    """Return the query as a model.

    Raises:
        InvalidValue: a parameter is unknown, twice there, or not allowed.
    """
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in values:
            raise InvalidValue(f"{name} is given twice.", field=name, allowed="once")
        values[name] = value
    return checked(model, values)


def tags_of(said: UploadSaid) -> tuple[str, ...]:
    """Return the tags of an upload, each once.

    Raises:
        InvalidValue: there are too many, or one is too long.
    """
    tags = tuple(dict.fromkeys(t.strip() for t in said.tags.split(",") if t.strip()))
    checked(ImageChange, {"tags": list(tags)})
    return tags


async def json_body(request: Request, model: type[M], limits: Limits = DEFAULT_LIMITS) -> M:
    """Return the JSON body as a model.

    Raises:
        UnsupportedMedia: the body is not JSON by its media type.
        ContentTooLarge: longer than ``limits.body_bytes``.
        InvalidValue: not JSON, or not what the model says.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise UnsupportedMedia(
            "This takes JSON.", field="Content-Type", given=media, allowed="application/json"
        )
    pieces: list[bytes] = []
    total = 0
    try:
        async with asyncio.timeout(limits.upload_idle_seconds):
            async for piece in request.stream():
                total += len(piece)
                if total > limits.body_bytes:
                    raise ContentTooLarge(
                        f"The body is longer than {limits.body_bytes} bytes.",
                        field="limits.body_bytes",
                        allowed=str(limits.body_bytes),
                    )
                pieces.append(piece)
    except TimeoutError:
        raise RequestTimeout("The body did not arrive in time.") from None
    except ClientDisconnect:
        raise RequestTimeout("The client went away.") from None
    await confirm(request)
    try:
        values = json.loads(b"".join(pieces))
    except (ValueError, RecursionError) as error:
        raise InvalidValue(
            f"The body is not JSON: {shorten(str(error))}.", field="body", allowed="JSON"
        ) from None
    return checked(model, values)
