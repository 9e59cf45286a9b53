"""``GET /api/images/{id}/markup``: what shows a picture on pages, in Markdown and in mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa.core import markup
from helpa.core.access import visible
from helpa.core.api import bodies
from helpa.core.api.documents import Documents
from helpa.core.api.models import PROBLEMS, Alt, Body, Text
from helpa.core.database.images import Record
from helpa.core.errors import InvalidValue
from helpa.core.identity import Identity
from helpa.core.markup import Candidate, Shown
from helpa.core.plan import Plan, Planner
from helpa.core.query import Grammar, Query
from helpa.core.records import Records
from helpa.core.routes import PUBLIC, Route
from helpa.core.settings import Settings

DENSITY = 3
"""Screens have up to so many pixels a CSS pixel, where it can be seen."""

WIDTH = 800
"""CSS pixels a picture is shown at, unless told or narrower."""

OWN = ("w", "h", "dpr", "fmt", "v", "exp", "sig", "dl", "explain", "max_bytes")
"""Parameters that markup sets itself, or that show no picture."""

LOSSY, LOSSLESS, ANIMATED = ("avif", "webp"), ("webp",), ("webp",)
"""Formats before the fallback, by what the picture is; smallest first."""


class MarkupQuery(Body):
    """How the picture is to be shown."""

    width: Annotated[int, Field(ge=1, le=16384)] | None = Field(
        None, description="CSS pixels it is shown at; else up to 800, and never over its own width."
    )
    sizes: Annotated[Text, Field(max_length=500)] = Field(
        "",
        description="The sizes attribute, where the layout is known: (min-width: 60em) 50vw, 100vw",
    )
    params: Annotated[Text, Field(max_length=2000)] = Field(
        "", description="Further parameters of the image URL: ar=16:9&g=top&q=high"
    )
    alt: Alt | None = Field(None, description="Alternative text; else the image's own, or title.")


class Placeholder(BaseModel):
    """What is shown until the picture is there."""

    thumbhash: str = Field(description="In base64.")
    color: str = Field(description="Six hex digits.")


class MarkupDocument(BaseModel):
    """Markup that shows an image."""

    src: str = Field(description="URL of the rendition for whoever knows no srcset.")
    srcset: str = Field(description="For <img srcset>.")
    sizes: str = Field(description="For <img sizes>.")
    width: int = Field(description="It is shown at, in CSS pixels.")
    height: int | None = Field(description="The same; null where only its pixels tell.")
    alt: str = Field(description="Alternative text.")
    placeholder: Placeholder
    img: str = Field(description="<img> with srcset, for web pages.")
    picture: str = Field(description="<picture> by format, for caches that know no Vary.")
    markdown: str = Field(description="For Markdown.")
    mail: str = Field(description="<img> for mail: fixed width, a rendition twice as wide.")


class Markup:
    """Makes markup.

    Args:
        documents: links to renditions, signed where they must be.
        grammar: parses further parameters.
        planner: says how large renditions are.
        settings: which widths renditions have.
    """

    def __init__(
        self, documents: Documents, grammar: Grammar, planner: Planner, settings: Settings
    ) -> None:
        self._documents = documents
        self._grammar = grammar
        self._planner = planner
        # Shared by all markup, so that caches are too.
        self._steps = sorted(settings.unsigned_widths)
        self._free = settings.unsigned != "steps"

    def document(
        self, record: Record, viewer: Identity | None, asked: MarkupQuery
    ) -> dict[str, Any]:
        """Return the markup of an image for a viewer.

        Raises:
            InvalidValue: a parameter is unknown, its value not allowed, or none to give here.
        """
        query = self._parse(asked.params)
        whole = self._plan(query, record)
        widest = whole.size.width if whole else record.size.width
        width = min(asked.width or WIDTH, widest)
        height = self._height(query, record, width)
        link = self._link(record, viewer, query)
        animated = record.facts["animated"] and query.get("anim") is not False
        lossless = record.facts["lossless"]
        formats = ANIMATED if animated else LOSSLESS if lossless else LOSSY
        transparent = record.facts["alpha"]
        own = "gif" if animated else "png" if lossless or transparent else "jpg"

        def candidates(**more: str) -> list[Candidate]:
            limit = min(widest, width * DENSITY)
            wanted = {width, min(widest, width * 2), *(s for s in self._steps if s <= limit)}
            widths = {self._offered(each): min(self._offered(each), widest) for each in wanted}
            return [Candidate(link(w=str(w), **more), widths[w]) for w in sorted(widths)]

        alt = record.alt or record.title if asked.alt is None else asked.alt
        shown = Shown(
            src=link(w=str(self._offered(width))),
            candidates=candidates(),
            width=width,
            height=height,
            sizes=asked.sizes,
            alt=alt,
            colour="" if transparent else record.facts["dominant_color"],
            thumbhash=record.facts["thumbhash"],
        )
        encoders = self._grammar.vocabulary.encoders
        sources = [
            (encoders[name].media_type, candidates(fmt=name))
            for name in formats
            if name in encoders
        ]
        mailed = link(w=str(self._offered(min(widest, width * 2))), fmt=own)
        return MarkupDocument(
            src=shown.src,
            srcset=markup.srcset(shown.candidates),
            sizes=shown.all_sizes,
            width=width,
            height=height,
            alt=alt,
            placeholder=Placeholder(
                thumbhash=record.facts["thumbhash"], color=record.facts["dominant_color"]
            ),
            img=shown.img(),
            picture=shown.picture(sources),
            markdown=shown.markdown(),
            mail=markup.mail(mailed, width, height, alt),
        ).model_dump()

    def _offered(self, width: int) -> int:
        """Return the width of the rendition that is shown at a width or less."""
        if self._free:
            return width
        return next((step for step in self._steps if step >= width), self._steps[-1])

    def _parse(self, params: str) -> Query:
        query = self._grammar.parse(params.encode())
        for name in OWN:
            if name in query.values and name not in query.preset:
                spelt = query.spelling[name]
                raise InvalidValue(
                    f"params: {spelt} is chosen by the markup itself.",
                    field="params",
                    given=f"{spelt}={query.texts[name]}",
                    allowed="parameters other than " + ", ".join(OWN),
                )
        return query

    def _link(self, record: Record, viewer: Identity | None, query: Query) -> Callable[..., str]:
        kept = {name: text for name, text in query.texts.items() if name not in query.preset}
        exact = not self._grammar.vocabulary.view_names.issuperset(kept)
        make = self._documents.link(record, viewer, exact=exact)
        return lambda **params: make(**params, **kept, v=str(record.revision))

    def _height(self, query: Query, record: Record, width: int) -> int | None:
        """Return the height of the picture shown at a width."""
        plan = self._plan(query, record, w=width)
        if plan is None or plan.size.width < 1:
            return None
        return plan.size.height_at(width)

    def _plan(self, query: Query, record: Record, **more: Any) -> Plan | None:
        """Return the plan, or None where pixels must be looked at first."""
        spelling = {**query.spelling, **dict.fromkeys(more, "width")}
        # Where a crop stands is looked up in pixels, how large it is does not depend on it.
        for left_out in ((), ("g",)):
            values = {n: v for n, v in {**query.values, **more}.items() if n not in left_out}
            plan = self._planner.plan(Query(values, spelling), record.picture())
            if isinstance(plan, Plan):
                return plan
        return None


class MarkupApi:
    """The route.

    Args:
        records: image records.
        markup: makes it.
    """

    def __init__(self, records: Records, markup: Markup) -> None:
        self._records = records
        self._markup = markup

    def routes(self) -> list[Route]:
        """Return the route."""
        return [
            Route(
                "GET",
                "/api/images/{id}/markup",
                self.get,
                PUBLIC,
                "Show the markup of an image: srcset, <picture>, Markdown, mail.",
                query=MarkupQuery,
                replies={200: MarkupDocument, **PROBLEMS},
            )
        ]

    async def get(self, request: Request) -> Response:
        """Show the markup of an image."""
        identity: Identity | None = request.state.identity
        record = await visible(self._records, request.path_params["id"], identity)
        asked = bodies.query(request, MarkupQuery)
        return JSONResponse(self._markup.document(record, identity, asked))
