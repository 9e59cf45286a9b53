"""Bodies of the HTTP API; the OpenAPI document is made from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Visibility = Literal["public", "signed", "private"]


def _storable(value: str) -> str:
    # PostgreSQL stores no NUL, and neither database what UTF-8 cannot say.
    if "\0" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise ValueError("text without NUL and lone surrogates")
    return value


Text = Annotated[str, AfterValidator(_storable)]
Tag = Annotated[Text, Field(min_length=1, max_length=64)]
Title = Annotated[Text, Field(max_length=300)]
Alt = Annotated[Text, Field(max_length=2000)]
Tags = Annotated[list[Tag], Field(max_length=50)]


class Body(BaseModel):
    """What a client sends: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


TeamId = Annotated[Text, Field(max_length=22)]


class ImageChange(Body):
    """What may be changed of an image; members left out stay as they are."""

    title: Title | None = Field(None, description="Title, in a line.")
    alt: Alt | None = Field(None, description="Alternative text.")
    tags: Tags | None = Field(None, description="Words to find it by.")
    visibility: Visibility | None = Field(
        None,
        description="public is whoever has the link; signed is whoever has a signed link; private "
        "needs a credential.",
    )
    team: TeamId | None = Field(
        None, description="A team of yours whose members may see and change it, too; empty is none."
    )


class UploadSaid(Body):
    """What may be said of an upload: form fields beside the files, or the query of a raw body."""

    title: Title = Field("", description="Title, in a line.")
    alt: Alt = Field("", description="Alternative text.")
    tags: Annotated[Text, Field(max_length=2000)] = Field(
        "",
        description="Words to find it by, separated by commas.",
        json_schema_extra={"pattern": "^([^,]{0,64},){0,49}[^,]{0,64}$"},
    )
    visibility: Visibility | None = Field(None, description="Who may see it.")
    team: TeamId = Field("", description="A team of yours that it shall belong to.")
    filename: Annotated[Text, Field(max_length=255)] = Field(
        "", description="File name of a raw body."
    )


class UrlUpload(Body):
    """A picture that is fetched from another server."""

    url: Annotated[str, Field(min_length=1, max_length=2048)] = Field(
        description="Where it is: http or https, on the public Internet."
    )
    title: Title = Field("", description="Title, in a line.")
    alt: Alt = Field("", description="Alternative text.")
    tags: Tags = Field([], description="Words to find it by.")
    visibility: Visibility | None = Field(None, description="Who may see it.")
    team: TeamId = Field("", description="A team of yours that it shall belong to.")
    filename: Annotated[Text, Field(max_length=255)] = Field(
        "", description="File name; else what its server or its URL says."
    )


class ListQuery(Body):
    """Which part of the list is wanted."""

    limit: Annotated[int, Field(ge=1, le=100)] = Field(25, description="How many at the most.")
    cursor: Annotated[Text, Field(max_length=200)] | None = Field(
        None, description="Where to begin, as an earlier page said."
    )
    q: Annotated[Text, Field(max_length=200)] = Field(
        "", description="Text that title, alt text or file name holds."
    )
    tag: Annotated[Text, Field(max_length=64)] = Field("", description="A tag it has.")
    team: TeamId = Field("", description="A team of yours, whose pictures are wanted.")
    owner: Annotated[Text, Field(max_length=64)] = Field(
        "",
        description="The account whose pictures are wanted; others' need images:moderate. * is "
        "anybody's.",
    )


class ImageLinks(BaseModel):
    """Ready-made links to renditions, and snippets that show them."""

    thumb: str = Field(description="Within 200 × 200 px.")
    small: str = Field(description="400 px wide.")
    medium: str = Field(description="800 px wide.")
    large: str = Field(description="1600 px wide.")
    download: str = Field(description="Full size, as a download.")
    srcset: str = Field(description="For <img srcset>.")
    markdown: str = Field(description="For Markdown.")
    html: str = Field(description="For HTML.")


class ImageDocument(BaseModel):
    """An image."""

    id: str = Field(description="128 random bits.")
    url: str = Field(description="The picture; add parameters to it.")
    page_url: str = Field(description="A page that shows it.")
    filename: str = Field(description="As uploaded.")
    width: int = Field(description="Upright, in pixels.")
    height: int = Field(description="Upright, in pixels.")
    format: str = Field(description="Of the upload.")
    bytes: int = Field(description="Of the upload, or of the file a revision made of it.")
    sha256: str | None = Field(
        None, description="Of the same file; only with the right to the original."
    )
    created_at: str = Field(description="RFC 3339, in UTC.")
    visibility: str = Field(description="public, signed or private.")
    owner: str | None = Field(None, description="The account it belongs to; only with images:read.")
    team: str | None = Field(None, description="The team it belongs to; only with images:read.")
    revision: int = Field(description="Raised by whatever changes the default picture.")
    layer: int = Field(description="The annotation's own counter.")
    held: bool = Field(description="Whether it is private until it has been looked through.")
    frames: int = Field(description="Frames or pages.")
    kind: str = Field(description="graphic or photograph.")
    thumbhash: str = Field(description="In base64.")
    dominant_color: str = Field(description="Six hex digits.")
    title: str = Field(description="In a line.")
    alt: str = Field(description="Alternative text.")
    tags: list[str] = Field(description="Words to find it by.")
    removed_metadata: list[str] = Field(
        description="Kinds of metadata the upload carried and no rendition does."
    )
    links: ImageLinks


class ImageList(BaseModel):
    """A part of the list of images, newest first."""

    images: list[ImageDocument]
    next_cursor: str | None = Field(
        None, description="Where the next part begins, if there is one."
    )


class Problem(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    field: str | None = Field(None, description="What it is about.")
    given: str | None = Field(None, description="What was sent there.")
    allowed: str | None = Field(None, description="What may be sent there.")


PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem}
"""What nearly every route may answer."""


class UploadResults(BaseModel):
    """The results of an upload of several files, in their order."""

    images: list[ImageDocument | Problem]


class Revision(BaseModel):
    """A revision of an image."""

    revision: int
    reason: str = Field(description="What made it: upload, redaction, edit, annotation.")
    original: Literal["kept", "sealed", "destroyed"] | None = Field(
        None, description="What has become of the file that was uploaded; of the first alone."
    )
    created_at: str = Field(description="RFC 3339, in UTC.")


class RevisionList(BaseModel):
    """The revisions of an image, oldest first."""

    revisions: list[Revision]


class JobDocument(BaseModel):
    """A background job."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "dead"]
    attempts: int
    done: int = Field(description="How much of it is done, of total.")
    total: int = Field(description="0 until that is known.")
    error: str
    created_at: str = Field(description="RFC 3339, in UTC.")


class Health(BaseModel):
    """Whether the server is up."""

    status: str
    reason: str | None = None
