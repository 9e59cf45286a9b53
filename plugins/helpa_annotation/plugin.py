"""What the plugin registers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from helpa import LayerKind, Operation, PersonalData, Route, Services, Stage, hookimpl
from helpa_annotation import operation
from helpa_annotation.settings import AnnotationSettings


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the model of ``[plugin.annotation]``."""
    return AnnotationSettings


@hookimpl
def register_operations() -> list[Operation]:
    """Return the operation."""
    return [
        Operation(
            "annotation",
            stage=Stage.LAYER,
            plan=operation.annotation,
            draw="helpa_annotation.draw.layer:layer",
            needs=operation.needs,
            layer=operation.drawn,
        )
    ]


@hookimpl
def register_layers(services: Services) -> list[LayerKind]:  # noqa: ARG001
    """Return what the layers are."""
    from helpa_annotation import content

    return [LayerKind("annotation", content.moved)]


@hookimpl
def register_migrations() -> Path:
    """Return the folder of the revisions of its table."""
    return Path(__file__).parent / "migrations"


@hookimpl
def register_personal_data(services: Services) -> Sequence[PersonalData]:  # noqa: ARG001
    """Return what it keeps of people: their templates."""
    from helpa_annotation import templates

    return (PersonalData("annotation_templates", export=templates.exported, erase=templates.erase),)


@hookimpl
def register_routes(services: Services) -> list[Route]:
    """Return the API."""
    from helpa_annotation.api import AnnotationsApi
    from helpa_annotation.layers import LayerStore
    from helpa_annotation.templates_api import TemplatesApi

    settings: AnnotationSettings = services.settings
    fonts = settings.library()
    store = LayerStore(services, settings, fonts)
    return [
        *AnnotationsApi(services, store).routes(),
        *TemplatesApi(services, store, settings, fonts).routes(),
    ]
