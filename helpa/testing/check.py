"""``check_plugin``: everything a server, its documents and its users expect of a plugin."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any
from urllib.parse import quote

from PIL import Image
from structlog.testing import capture_logs

from helpa.core.errors import HelpaError, PluginError
from helpa.core.operations import Encoder, Operation, Stage
from helpa.core.plugins.manager import Loaded
from helpa.core.routes import Route
from helpa.core.values import ImageId
from helpa.testing.declarations import declaration_problems, example_of
from helpa.testing.pictures import Kind, encode, picture
from helpa.testing.planning import planning_problems
from helpa.testing.problem import Problem
from helpa.testing.serving import App, app, plugin_name

PICTURES: Mapping[str, tuple[int, int, Kind, str]] = {
    "large": (1600, 1000, "screenshot", "PNG"),
    "photograph": (640, 480, "photograph", "JPEG"),
    "alpha": (200, 120, "alpha", "PNG"),
    "grey": (120, 90, "grey", "PNG"),
    "animated": (90, 60, "animated", "GIF"),
    "small": (3, 2, "gradient", "PNG"),
}
"""What is drawn on: width, height, kind, format."""

FAIR = frozenset({"large", "photograph"})
"""Pictures on which an example must not be refused."""

CORE_PLUGINS = ("basics", "filters", "overlays", "hashes", "sources", "web")


def check_plugin(
    plugin: str | ModuleType, *, settings: Mapping[str, Any] | None = None
) -> list[Problem]:
    """Return what is wrong with a plugin; an empty list where nothing is.

    It is loaded as a server loads it, its declarations are read, its plans are asked with values
    and pictures of all kinds, and every operation and format of it is drawn by real workers on a
    small, a large, a transparent, a grey and an animated picture, and on a photograph.

    Args:
        plugin: the name of an installed plugin, or its module.
        settings: the table ``[plugin.<name>]`` it is checked with.
    """
    name = plugin_name(plugin)
    tables = {name: dict(settings)} if settings else {}
    try:
        with app(plugin, plugins=CORE_PLUGINS, plugin=tables) as server:
            (loaded,) = (each for each in server.helpa.plugins.plugins if each.name == name)
            return list(_problems(server, loaded))
    except PluginError as error:
        return [Problem(f"plugin {error.plugin}", f"failed to {error.phase}:", error.reason)]
    except HelpaError as error:
        return [Problem(f"plugin {name}", "keeps the server from starting:", str(error))]


def _problems(server: App, plugin: Loaded) -> Iterator[Problem]:
    yield from declaration_problems(plugin, _routes(server, plugin))
    encoders = list(server.helpa.vocabulary.encoders.values())
    for operation in plugin.operations:
        yield from planning_problems(operation, encoders, plugin.settings)
    ids = {
        name: server.upload(encode(picture(width, height, kind), form), name)["id"]
        for name, (width, height, kind, form) in PICTURES.items()
    }
    with capture_logs() as logs:
        for operation in plugin.operations:
            yield from _operation_problems(server, operation, ids, logs)
        for encoder in plugin.encoders:
            yield from _encoder_problems(server, encoder, ids, logs)


def _routes(server: App, plugin: Loaded) -> list[Route]:
    """Return the routes a plugin brings, as the server has them."""
    declared = server.helpa.registries.routes(server.helpa.reader.prefixes)
    return [route for owner, route in declared if owner == plugin.name]


def _operation_problems(
    server: App, operation: Operation, ids: Mapping[str, str], logs: list[Any]
) -> Iterator[Problem]:
    texts = {}
    for definition in operation.parameters:
        text = ids["alpha"] if ImageId in definition.types else example_of(definition)
        if text is not None:
            texts[definition.name] = text
    queries = [{name: text} for name, text in texts.items()]
    if len(texts) > 1:
        queries.append(texts)
    encoded = operation.stage is Stage.ENCODE
    for query in queries:
        written = "&".join(f"{name}={quote(text)}" for name, text in query.items())
        for name, image_id in ids.items():
            form = "" if encoded else "&fmt=gif" if name == "animated" else "&fmt=png"
            url = f"/img/{image_id}?{written}{form}"
            where = f"operation {operation.name}, {written} on the {name} picture"
            found = _drawn(server, url, where, logs, fair=name in FAIR and len(query) == 1)
            if found is not None:
                yield found
                break  # the other pictures would say the same


def _encoder_problems(
    server: App, encoder: Encoder, ids: Mapping[str, str], logs: list[Any]
) -> Iterator[Problem]:
    for name, image_id in ids.items():
        where = f"format {encoder.name} of the {name} picture"
        url = f"/img/{image_id}?fmt={encoder.name}"
        found = _drawn(server, url, where, logs, fair=True, media_type=encoder.media_type)
        if found is not None:
            yield found


def _drawn(
    server: App, url: str, where: str, logs: list[Any], *, fair: bool, media_type: str = ""
) -> Problem | None:
    """Draw a URL; what is wrong with the answer, or None."""
    del logs[:]
    reply = server.get(url)
    if reply.status_code >= 500 or (reply.status_code == 422 and not fair):
        said = [str(line["detail"]) for line in logs if line.get("detail")]
        reason = (said or [reply.text])[-1].strip().splitlines()[-1]
        advice = "The size a step draws is the size it planned; grey has one band, alpha is last."
        return Problem(where, f"fails: {reason}", advice)
    if reply.status_code != 200:
        detail = reply.json().get("detail", reply.text)
        if not fair and reply.status_code == 400:
            return None
        return Problem(where, f"is refused: {detail}", "Show an example that fits any picture.")
    kind = reply.headers["content-type"]
    if media_type and kind != media_type:
        return Problem(where, f"is {kind}.", f"It should be {media_type}.")
    if not reply.content:
        return Problem(where, "is empty.", "An encoder answers the bytes of a file.")
    return _size_problem(server, url, where, reply.content)


def _size_problem(server: App, url: str, where: str, content: bytes) -> Problem | None:
    try:
        size = Image.open(io.BytesIO(content)).size
    except OSError:
        return None  # a format of the plugin's own; what the server sent was checked by its worker
    head, _, form = url.rpartition("fmt=")
    described = server.get(f"{head}fmt=json") if form else server.get(f"{url}&fmt=json")
    if described.status_code != 200:
        return None
    planned = (described.json()["width"], described.json()["height"])
    if size == planned:
        return None
    return Problem(
        where,
        f"has {size[0]}×{size[1]} px, planned were {planned[0]}×{planned[1]}.",
        "The size a step draws is the size it planned.",
    )
