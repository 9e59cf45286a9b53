"""Helpa's public names, for plugins; everything under ``helpa.core`` is private."""

from helpa.core.actor import Actor
from helpa.core.affine import Affine
from helpa.core.commands import Command
from helpa.core.control import FileName, Word
from helpa.core.credentials import HeldToken, IssuedToken, SingleUse
from helpa.core.database.engine import Database
from helpa.core.dialect import Dialect, SourcePath, SourceUrl, Translation
from helpa.core.errors import (
    BadGateway,
    Conflict,
    ContentTooLarge,
    Forbidden,
    Gone,
    HelpaError,
    InvalidValue,
    NotFound,
    PluginError,
    RequestError,
    TooManyRequests,
    Unauthorized,
    UnfitFormat,
    Unprocessable,
    invalid,
)
from helpa.core.event import Event
from helpa.core.grid import Grid
from helpa.core.identity import Identity, Refused
from helpa.core.image_service import ImageService, OwnedImage
from helpa.core.job import Job, JobRun
from helpa.core.layer_kind import LayerKind
from helpa.core.operations import (
    Encoder,
    Frame,
    Layer,
    Measure,
    Needs,
    Operation,
    Picture,
    Stage,
    Step,
)
from helpa.core.parameters import Parameter, UrlValue
from helpa.core.people import Account, Team
from helpa.core.permissions import ROLES, Permission
from helpa.core.plugins.hookspecs import hookimpl
from helpa.core.routes import Route
from helpa.core.screening import Arrival, Screened, Screening
from helpa.core.services import (
    FetchService,
    JobService,
    JournalService,
    PersonalData,
    RateService,
    Services,
)
from helpa.core.source import Fetched, Missing, Source, SourceAnswer, SourceKind, Unchanged
from helpa.core.stored_image import Drawing, RevisionRow, StoredImage, Work
from helpa.core.stored_layer import LayerVersion, Retention
from helpa.core.values import Colour, ImageId, Length, Point, Ratio, Rect, Sides, Size
from helpa.core.workbench import DrawContext

__version__ = "0.1.0"

__all__ = [
    "ROLES",
    "Account",
    "Actor",
    "Affine",
    "Arrival",
    "BadGateway",
    "Colour",
    "Command",
    "Conflict",
    "ContentTooLarge",
    "Database",
    "Dialect",
    "DrawContext",
    "Drawing",
    "Encoder",
    "Event",
    "FetchService",
    "Fetched",
    "FileName",
    "Forbidden",
    "Frame",
    "Gone",
    "Grid",
    "HeldToken",
    "HelpaError",
    "Identity",
    "ImageId",
    "ImageService",
    "InvalidValue",
    "IssuedToken",
    "Job",
    "JobRun",
    "JobService",
    "JournalService",
    "Layer",
    "LayerKind",
    "LayerVersion",
    "Length",
    "Measure",
    "Missing",
    "Needs",
    "NotFound",
    "Operation",
    "OwnedImage",
    "Parameter",
    "Permission",
    "PersonalData",
    "Picture",
    "PluginError",
    "Point",
    "RateService",
    "Ratio",
    "Rect",
    "Refused",
    "RequestError",
    "Retention",
    "RevisionRow",
    "Route",
    "Screened",
    "Screening",
    "Services",
    "Sides",
    "SingleUse",
    "Size",
    "Source",
    "SourceAnswer",
    "SourceKind",
    "SourcePath",
    "SourceUrl",
    "Stage",
    "Step",
    "StoredImage",
    "Team",
    "TooManyRequests",
    "Translation",
    "Unauthorized",
    "Unchanged",
    "UnfitFormat",
    "Unprocessable",
    "UrlValue",
    "Word",
    "Work",
    "hookimpl",
    "invalid",
]
