"""The reference of image URLs, from the registered signatures: as Markdown and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from helpa.core.control import CONTROL, control
from helpa.core.errors import RequestError
from helpa.core.parameters import Definition
from helpa.core.values import decimal
from helpa.core.vocabulary import AUTO_FORMAT, JSON_FORMAT, Vocabulary

CONTROL_PAGE = "control"
"""Name of the page of parameters that the core itself reads."""

HEAD = ("parameter", "also", "allowed", "what it does", "example")


def markdown(vocabulary: Vocabulary) -> str:
    """Return the reference of operations and formats in Markdown."""
    lines = [
        "# Operations",
        "",
        "Made from the operations' signatures by `make docs`; do not edit.",
        "",
        "Operations stand in the order of work, whatever the order in the URL.",
        "The page of each shows what its parameters do.",
        "",
    ]
    for title, text, definitions in _sections(vocabulary):
        name = CONTROL_PAGE if definitions is CONTROL else title
        lines += [f"## [{title}](operations/{name}.md)", "", text, ""]
        lines += markdown_table(definitions, vocabulary)
    lines += [
        "## Formats",
        "",
        "| `fmt` | also | media type | carries | |",
        "|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(row) + " |" for row in _formats(vocabulary)]
    return "\n".join(lines) + "\n"


def markdown_table(definitions: Iterable[Definition], vocabulary: Vocabulary) -> list[str]:
    """Return a table of parameters as lines of Markdown, the last one empty."""
    rows = [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in _row(d, vocabulary)) + " |"
        for d in definitions
    ]
    return [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", *rows, ""] if rows else []


def page(vocabulary: Vocabulary) -> str:
    """Return the same as an HTML page."""
    parts = []
    for title, text, definitions in _sections(vocabulary):
        parts.append(f"<h2>{escape(title)}</h2><p>{escape(text)}</p>")
        if definitions:
            parts.append(_table(HEAD, (_row(d, vocabulary) for d in definitions)))
    head = ("fmt", "also", "media type", "carries", "")
    parts.append("<h2>Formats</h2>" + _table(head, _formats(vocabulary)))
    return _html("Image URLs", parts)


def errors_page() -> str:
    """Return the errors of the API as an HTML page; problem documents point here."""
    parts = []
    for error in sorted(_errors(RequestError), key=lambda e: (e.status, e.anchor)):
        text = " ".join((error.__doc__ or "").split("Args:")[0].split())
        parts.append(
            f'<h2 id="{error.anchor}">{error.status} {escape(error.title)}</h2>'
            f"<p>{escape(text)}</p>"
        )
    return _html("Errors", parts)


def _errors(root: type[RequestError]) -> Iterator[type[RequestError]]:
    seen = set()
    for kind in root.__subclasses__():
        if "anchor" in vars(kind) and kind.anchor not in seen:
            seen.add(kind.anchor)
            yield kind


def _sections(vocabulary: Vocabulary) -> Iterator[tuple[str, str, tuple[Definition, ...]]]:
    yield "Format, frames and delivery", (control.__doc__ or "").strip(), CONTROL
    for operation in vocabulary.operations:
        text = " ".join(operation.doc.split()).replace("``", "`")
        yield operation.name, text, operation.parameters


def _row(definition: Definition, vocabulary: Vocabulary) -> list[str]:
    parameter = definition.parameter
    also = [f"`{name}`" for name in parameter.aliases]
    also += [" + ".join(f"`{name}`" for name in group) for group in parameter.parts]
    allowed = definition.expects
    if definition.name == "fmt":
        allowed = "one of " + ", ".join([AUTO_FORMAT, *vocabulary.encoders, JSON_FORMAT])
    if definition.default not in (None, False):
        default = definition.default
        shown = decimal(default) if isinstance(default, float) else definition.canonical(default)
        allowed += f"; default {shown}"
    example = f"`{definition.name}={parameter.example}`" if parameter.example else ""
    return [f"`{definition.name}`", ", ".join(also), allowed, parameter.doc, example]


def _formats(vocabulary: Vocabulary) -> Iterator[list[str]]:
    for encoder in vocabulary.encoders.values():
        carries = [
            word
            for word, has in (
                ("transparency", encoder.alpha),
                ("animation", encoder.animation),
                ("every pixel", encoder.lossless),
            )
            if has
        ]
        also = ", ".join(f"`{alias}`" for alias in encoder.aliases)
        yield [f"`{encoder.name}`", also, encoder.media_type, ", ".join(carries), encoder.doc]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def cells(tag: str, row: Iterable[str]) -> str:
        inner = "".join(f"<{tag}>{escape(cell).replace('`', '')}</{tag}>" for cell in row)
        return f"<tr>{inner}</tr>"

    return f"<table>{cells('th', head)}{''.join(cells('td', row) for row in rows)}</table>"


def _html(title: str, parts: Iterable[str]) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title} · Helpa</title></head><body><main><h1>{title}</h1>"
        f"{''.join(parts)}</main></body></html>"
    )
