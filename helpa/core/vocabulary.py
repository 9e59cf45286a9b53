"""Every word a URL may hold: the registered operations, encoders, and their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from helpa.core.control import CONTROL
from helpa.core.operations import Encoder, Operation, Stage
from helpa.core.parameters import Definition

JSON_FORMAT = "json"
"""The word in ``fmt`` that asks for a description instead of pixels; the core answers it."""

DESCRIBE = "helpa.core.pixels.summary:encode"
"""Import path of what says in a worker, in place of an encoder, what a description needs."""

DESCRIBE_SIDE = 96
"""Longer side, in pixels, of a picture whose description does not differ from the whole one's."""

AUTO_FORMAT = "auto"

EXPLAIN = "explain"
"""The parameter that asks how a rendition came about; its answer is no picture."""


class Vocabulary:
    """A frozen registry of operations and encoders.

    Args:
        operations: (plugin name, operation) in registration order.
        encoders: (plugin name, encoder) in registration order.

    Raises:
        ValueError: two declarations claim one name; the message names both plugins.
    """

    def __init__(
        self,
        operations: Iterable[tuple[str, Operation]],
        encoders: Iterable[tuple[str, Encoder]],
    ) -> None:
        owners: dict[str, str] = {}
        self.owner: dict[str, str] = {}
        listed: list[Operation] = []
        for plugin, operation in operations:
            if operation.name in owners:
                raise ValueError(
                    f"operation {operation.name!r} is registered by both "
                    f"{owners[operation.name]!r} and {plugin!r}"
                )
            owners[operation.name] = plugin
            listed.append(operation)
        self.owner = owners
        self.operations: tuple[Operation, ...] = tuple(sorted(listed, key=lambda o: o.order))
        self.encoders: dict[str, Encoder] = {}
        self.formats: dict[str, str] = {AUTO_FORMAT: AUTO_FORMAT, JSON_FORMAT: JSON_FORMAT}
        self._add_encoders(encoders)
        self.definitions: dict[str, Definition] = {}
        self.names: dict[str, Definition] = {}
        self.parts: dict[str, tuple[Definition, tuple[str, ...]]] = {}
        self._spelling_owner: dict[str, str] = {}
        for definition in CONTROL:
            self._add_definition("the core", definition)
        for operation in self.operations:
            for definition in operation.parameters:
                self._add_definition(f"{owners[operation.name]} ({operation.name})", definition)

    def _add_encoders(self, encoders: Iterable[tuple[str, Encoder]]) -> None:
        owners = dict.fromkeys(self.formats, "the core")
        for plugin, encoder in encoders:
            for word in (encoder.name, *encoder.aliases):
                if word in self.formats:
                    raise ValueError(
                        f"format {word!r} is registered by both {owners[word]!r} and {plugin!r}"
                    )
                self.formats[word] = encoder.name
                owners[word] = plugin
            self.encoders[encoder.name] = encoder

    def _add_definition(self, owner: str, definition: Definition) -> None:
        shared = self.definitions.get(definition.name)
        if shared is not None and shared == definition:
            return  # operations of one family may read one parameter, declared once
        for name in (*definition.names, *(n for g in definition.parameter.parts for n in g)):
            if name in self._spelling_owner:
                raise ValueError(
                    f"parameter {name!r} is registered by both {self._spelling_owner[name]} "
                    f"and {owner}, with different meanings"
                )
            self._spelling_owner[name] = owner
        self.definitions[definition.name] = definition
        for name in definition.names:
            self.names[name] = definition
        for group in definition.parameter.parts:
            for name in group:
                self.parts[name] = (definition, group)

    @property
    def view_names(self) -> frozenset[str]:
        """Parameters that a link granting a view allows."""
        shown = (o.parameters for o in self.operations if o.in_view)
        names = {d.name for listed in (CONTROL, *shown) for d in listed}
        return frozenset(names - {EXPLAIN})

    @property
    def spellings(self) -> Iterable[str]:
        """Every name a parameter may come under."""
        return [*self.names, *self.parts]

    def picture_parameters(self) -> Mapping[str, Definition]:
        """Return the parameters that name another picture."""
        names = {name for operation in self.operations for name in operation.pictures}
        return {name: self.definitions[name] for name in names}

    def encoding(self) -> tuple[Operation, ...]:
        """Return the operations that resolve how the answer is encoded."""
        return tuple(o for o in self.operations if o.stage is Stage.ENCODE)

    def import_paths(self) -> frozenset[str]:
        """Return the import paths of everything that workers load."""
        return frozenset((DESCRIBE, *import_paths(self.operations, self.encoders.values())))


def import_paths(operations: Iterable[Operation], encoders: Iterable[Encoder]) -> Iterator[str]:
    """Yield the import paths of what some operations and encoders draw with."""
    for operation in operations:
        yield from filter(None, (operation.draw, operation.measure))
    for encoder in encoders:
        yield encoder.encode
