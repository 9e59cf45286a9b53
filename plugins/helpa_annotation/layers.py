"""Layers of pictures: shown, saved in versions, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from helpa import (
    Actor,
    Conflict,
    Identity,
    Layer,
    LayerVersion,
    NotFound,
    RequestError,
    Services,
    StoredImage,
    invalid,
)
from helpa.api import new_id, timestamp
from helpa_annotation import content
from helpa_annotation.covers import Cover, covers
from helpa_annotation.document import Annotation
from helpa_annotation.fonts import Fonts
from helpa_annotation.hiding import hides
from helpa_annotation.settings import AnnotationSettings
from helpa_annotation.shapes import Stamp

ACTION = "image.annotate"

AUDIENCE = {"public": 0, "signed": 1, "private": 2}
"""Visibilities, those whom fewer may see the higher."""

Written = tuple[dict[str, Any], int]
"""A document, and the number of the invalidation."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A version of a layer that shall be stored.

    Args:
        image: as it was when that was drawn.
        name: of the layer.
        annotation: what is drawn; None is what it holds already.
        show: whether URLs that name no layer show it.
        version: the version it was drawn from, or None where that does not matter.
        warnings: what is said of it.
    """

    image: StoredImage
    name: str
    annotation: Annotation | None
    show: bool
    version: int | None
    warnings: Sequence[dict[str, Any]] = ()


class LayerStore:
    """Stores layers and shows them.

    Args:
        services: of the server.
        settings: limits.
        fonts: what is written with.
    """

    def __init__(self, services: Services, settings: AnnotationSettings, fonts: Fonts) -> None:
        self._services = services
        self._settings = settings
        self._fonts = fonts

    def given(self, shapes: list[Any], image: StoredImage) -> Annotation:
        """Return the layer that shapes are which a client sent.

        Raises:
            ContentTooLarge: it is too long.
            InvalidValue: names the shape and its member, what was given and what is allowed.
        """
        return content.given(shapes, image.size, self._settings, self._fonts)

    def shown(
        self, connection: Connection, image: StoredImage, name: str | None, version: int | None
    ) -> list[dict[str, Any]]:
        """Return the documents of a picture's layers.

        Args:
            connection: a reading one.
            image: the picture.
            name: the only layer that is wanted, or None for each.
            version: the version of it that is wanted; None is the one that is drawn.

        Raises:
            NotFound: there is no such layer, or no such version of it.
        """
        rows = self._services.images.layers(connection, image.id)
        if version is None:
            drawn = {each.id for each in image.picture.layers}
            rows_wanted = [each for each in rows if each.id in drawn]
        else:
            rows_wanted = [each for each in rows if each.version == version]
        if name is not None:
            rows_wanted = [each for each in rows_wanted if each.name == name]
            if not rows_wanted:
                what = "layer" if version is None else "version of a layer"
                raise NotFound(f"This picture has no such {what}.", field="layer", given=name)
        current = next((each.name for each in image.picture.layers if each.current), None)
        return [document(each, rows, each.name == current) for each in rows_wanted]

    def stored(self, connection: Connection, image: StoredImage, name: str) -> LayerVersion:
        """Return the version of a layer that is drawn.

        Raises:
            NotFound: the picture has no such layer.
        """
        drawn = next((each.id for each in image.picture.layers if each.name == name), None)
        rows = self._services.images.layers(connection, image.id)
        found = next((each for each in rows if each.id == drawn), None)
        if found is None:
            raise NotFound("This picture has no such layer.", field="layer", given=name)
        return found

    def save(self, connection: Connection, wanted: Wanted, actor: Actor) -> Written:
        """Store a version of a layer.

        Raises:
            Conflict: it, or its picture, was changed meanwhile.
            InvalidValue: the picture has as many layers as it may.
            NotFound: its shapes are wanted as they are, and there are none.
        """
        image, name = wanted.image, wanted.name
        names = {each.name for each in image.picture.layers}
        if name not in names and len(names) >= self._settings.layers:
            raise invalid("layer", name, f"one of its {len(names)} layers; no picture has more")
        if wanted.version is not None:
            self._check(connection, wanted, present=name in names)
        annotation = wanted.annotation
        if annotation is None:
            held = self.stored(connection, image, name).content
            annotation = Annotation.model_validate(content.plain(held))
        layer = Layer(new_id(), name, wanted.show, annotation.pictures)
        stored = content.stored(annotation, image.size)
        version, seq = self._services.images.save_layer(connection, image, layer, stored, actor)
        self._record(connection, actor, image.id, name, version, len(annotation.shapes))
        rows = self._services.images.layers(connection, image.id)
        saved = next(each for each in rows if each.id == layer.id)
        answer = document(saved, rows, wanted.show)
        return {**answer, "layer": image.layer + 1, "warnings": list(wanted.warnings)}, seq

    def _check(self, connection: Connection, wanted: Wanted, *, present: bool) -> None:
        rows = self._services.images.layers(connection, wanted.image.id)
        last = max((each.version for each in rows if each.name == wanted.name), default=0)
        now = last if present else 0
        if wanted.version != now:
            raise Conflict(
                f"The layer {wanted.name} has version {now} by now; this was drawn from "
                f"{wanted.version}.",
                field="version",
                given=str(wanted.version),
                allowed=str(now),
            )

    def remove(self, connection: Connection, image: StoredImage, name: str, actor: Actor) -> int:
        """Take a layer away; the number of the invalidation.

        Raises:
            Conflict: the picture was changed meanwhile.
            NotFound: it has no such layer.
        """
        self.stored(connection, image, name)
        layer = Layer(new_id(), name)
        _, seq = self._services.images.save_layer(connection, image, layer, None, actor)
        self._record(connection, actor, image.id, name, 0, 0)
        return seq

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        image_id: str,
        name: str,
        version: int,
        shapes: int,
    ) -> None:
        details = {"layer": name, "version": version, "shapes": shapes}
        target = f"image:{image_id}"
        self._services.journal.record(connection, actor, ACTION, target, details=details)

    async def stamps(
        self, annotation: Annotation, viewer: Identity | None, image: StoredImage | None
    ) -> list[dict[str, Any]]:
        """Insist that somebody may see each picture drawn in a layer; return warnings.

        Args:
            annotation: the layer.
            viewer: who saves it.
            image: the picture it lies on, or None where it lies on none yet.

        Raises:
            InvalidValue: a picture is to be drawn on itself.
            NotFound: there is none for them.
        """
        warnings = []
        for number, shape in enumerate(annotation.shapes):
            if not isinstance(shape, Stamp) or shape.image is None:
                continue
            field = f"shapes[{number}].image"
            if image is not None and shape.image == image.id:
                raise invalid(field, shape.image, "the id of another picture than this one")
            try:
                other = await self._services.images.get(shape.image, viewer)
            except NotFound:
                raise NotFound("There is no such image.", field=field, given=shape.image) from None
            if image is not None and AUDIENCE[other["visibility"]] > AUDIENCE[image.visibility]:
                detail = (
                    "Fewer may see the picture of this stamp than the one it lies on; who may not "
                    "see it is not shown either."
                )
                warnings.append(_warning(number, shape.id or "", "stamp", detail))
        return warnings

    async def hidden(self, annotation: Annotation, image: StoredImage) -> list[dict[str, Any]]:
        """Return warnings of shapes that hide what can be read in the picture."""
        hiding = covers(annotation, image.size)
        if not hiding:
            return []
        try:
            found, _ = await self._services.images.look(
                image.id,
                "helpa_annotation.draw.busy:busy",
                {"boxes": [list(each.box) for each in hiding]},
                seconds=self._settings.look_seconds,
            )
        except NotFound:
            raise
        except RequestError:
            return [_covering(each, image, checked=False) for each in hiding]
        words = [
            (float(x), float(y), float(x + w), float(y + h))
            for runs in found["busy"]
            for x, y, w, h in runs
        ]
        numbers = set(hides(annotation, words, image.size)) if words else set()
        return [_covering(each, image, checked=True) for each in hiding if each.shape in numbers]


def document(row: LayerVersion, rows: Sequence[LayerVersion], current: bool) -> dict[str, Any]:
    """Return what is answered of a version of a layer.

    Args:
        row: the version.
        rows: every version of the picture's layers.
        current: whether its layer is the one that is shown.
    """
    size = content.size_of(row.content)
    return {
        "name": row.name,
        "current": current,
        "version": row.version,
        "versions": [each.version for each in rows if each.name == row.name],
        "size": {"width": size.width, "height": size.height},
        "shapes": row.content["shapes"],
        "created_at": timestamp(row.created_at),
    }


def _covering(cover: Cover, image: StoredImage, *, checked: bool) -> dict[str, Any]:
    detail = (
        "This shape covers something that can be read. It stays in the picture: who may see the "
        "picture without its layer can read it. A redaction takes it out for good."
        if checked
        else "What this shape covers could not be looked at. A shape hides nothing for good; a "
        "redaction does."
    )
    x, y, w, h = cover.box
    region = {"shape": "rect", "x": float(x), "y": float(y), "w": float(w), "h": float(h)}
    return {
        **_warning(cover.shape, cover.id, "covers" if checked else "unchecked", detail),
        "instead": f"/api/images/{image.id}/redactions",
        "regions": [region],
    }


def _warning(number: int, shape_id: str, why: str, detail: str) -> dict[str, Any]:
    return {
        "shape": number,
        "id": shape_id,
        "why": why,
        "detail": detail,
        "instead": None,
        "regions": [],
    }
