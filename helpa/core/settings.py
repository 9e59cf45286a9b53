"""Every setting: from ``helpa.toml`` and ``HELPA_*`` variables, every mistake reported at once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableVariable

from helpa.core.errors import SettingsError, nearest
from helpa.core.mistakes import mistakes_of, shown
from helpa.core.settings_audit import Audit
from helpa.core.settings_base import Bytes, Count, Group, Seconds
from helpa.core.settings_cost import WIDTHS, Budgets, ProxyNetwork, Rates
from helpa.core.settings_fetch import Fetch, SourceTable
from helpa.core.settings_originals import Originals
from helpa.core.settings_sessions import SessionSettings
from helpa.core.settings_signing import Signing

MB, GB = 2**20, 2**30

CONFIG_FILE = "helpa.toml"
OWN_VARIABLES = ("HELPA_CONFIG",)


class Limits(Group):
    """What one request may cost. Every limit is on by default."""

    upload_bytes: Count = Field(50 * MB, description="Bytes of one uploaded file.")
    upload_files: Count = Field(20, description="Files of one multipart upload.")
    upload_seconds: Seconds = Field(300, description="Seconds a whole upload may take.")
    upload_idle_seconds: Seconds = Field(
        20, description="Seconds an upload may pause between two pieces."
    )
    header_seconds: Seconds = Field(
        20, description="Seconds a client may take to send the head of a request."
    )
    body_bytes: Count = Field(1 * MB, description="Bytes of a JSON body.")
    input_pixels: Count = Field(50_000_000, description="Pixels of an uploaded picture.")
    frames: Count = Field(1000, description="Frames or pages of an uploaded picture.")
    animation_pixels: Count = Field(
        50_000_000, description="Pixels of all frames of an animation together."
    )
    output_pixels: Count = Field(50_000_000, description="Pixels of a rendition, all frames.")
    parameters: Count = Field(64, description="Parameters of one image URL.")
    query_bytes: Count = Field(4096, description="Bytes of an image URL's query.")
    render_seconds: Seconds = Field(
        10, description="Seconds a worker may take for a rendition; then it is killed."
    )
    inspect_seconds: Seconds = Field(
        30, description="Seconds a worker may take to decode an upload; then it is killed."
    )
    memory: Annotated[int, Field(ge=256 * MB)] = Field(
        1536 * MB, description="Address space of a worker, in bytes."
    )
    queue: Count = Field(256, description="Jobs that may wait for a worker.")
    queue_seconds: Seconds = Field(
        60, description="Seconds a rendition may wait for a worker before 503."
    )
    free_bytes: Bytes = Field(
        100 * MB, description="Free disk space below which uploads answer 507."
    )


class Workers(Group):
    """The processes that pixels run in."""

    count: Annotated[int, Field(ge=2)] | None = Field(
        None, description="How many; unset takes one a core, and never less than two."
    )
    recycle_jobs: Count = Field(5000, description="Jobs after which a worker is replaced.")
    recycle_bytes: Count = Field(
        400 * MB, description="Resident memory after which a worker is replaced."
    )


class Cache(Group):
    """Where finished renditions are kept."""

    ready_bytes: Bytes = Field(
        64 * MB, description="Memory of the table of ready answers, in bytes."
    )
    ready_entries: Count = Field(20_000, description="Answers in the table.")
    ready_spellings: Count = Field(8, description="URLs in the table for one rendition.")
    memory_bytes: Bytes = Field(128 * MB, description="Memory for renditions, in bytes.")
    disk_bytes: Bytes = Field(2 * GB, description="Disk for renditions, in bytes.")


class Delivery(Group):
    """What caches outside are told."""

    max_age: Annotated[int, Field(ge=0)] = Field(
        3600, description="Seconds a browser may keep a public rendition."
    )
    max_age_current: Annotated[int, Field(ge=0)] = Field(
        86400, description="The same where the URL names the current revision with v."
    )
    edge_max_age: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="Seconds a purgeable edge cache in front may keep a public rendition; unset "
        "where there is none.",
    )


class Jobs(Group):
    """Background work."""

    embedded: bool = Field(
        True, description="Whether the server runs jobs itself; else `helpa jobs run` does."
    )
    attempts: Count = Field(5, description="Tries before a job becomes a dead letter.")
    poll_seconds: Seconds = Field(1, description="Seconds between looks for due jobs.")


class PluginName(Group):
    """An enabled plugin, with what its failing means."""

    name: str = Field(description="Its entry-point name.")
    optional: bool = Field(False, description="Whether the server starts without it.")


class Settings(BaseSettings):
    """All settings. A variable ``HELPA_LIMITS__QUEUE`` stands for ``queue`` in ``[limits]``."""

    model_config = SettingsConfigDict(
        env_prefix="HELPA_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="Port to listen on.")
    data_dir: Path = Field(Path("var"), description="Folder of the database and all files.")
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL's address: postgresql://user:password@host/name; unset keeps a "
        "SQLite file in the data directory.",
    )
    public_url: str | None = Field(
        None,
        description="How the world reaches this server, the only source of absolute links; unset "
        "takes http://host:port.",
    )
    plugins: tuple[str | PluginName, ...] = Field(
        (
            "basics",
            "filters",
            "overlays",
            "annotation",
            "hashes",
            "redaction",
            "sources",
            "accounts",
            "profiles",
            "oidc",
            "passkeys",
            "jwt",
            "web",
        ),
        description='Enabled plugins in order: names, or {name = "…", optional = true}.',
    )
    visibility: Literal["public", "signed", "private"] = Field(
        "public",
        description="Visibility of uploads that do not say: public is whoever has the link, "
        "signed whoever has a signed link, private needs a credential.",
    )
    ignored_params: tuple[str, ...] = Field(
        ("utm_*", "gclid", "fbclid"),
        description="Query parameters that are dropped unread; * stands for anything.",
    )
    permissions: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Roles that have a permission, in place of the default ones: "
        '"originals:read" = ["moderator"]; see [roles](roles.md).',
    )
    presets: dict[str, str] = Field(
        default_factory=dict, description='Queries by name, for p=<name>: thumb = "w=200&h=200".'
    )
    unsigned: Literal["any", "steps", "presets", "none"] = Field(
        "any",
        description="What image URLs may ask for without a signature: anything; sizes from "
        "unsigned_widths and little else; presets; or nothing.",
    )
    unsigned_widths: tuple[Count, ...] = Field(
        WIDTHS, description='Values of w and h that unsigned = "steps" lets through, in pixels.'
    )
    trusted_proxies: tuple[ProxyNetwork, ...] = Field(
        (),
        description="Networks of the reverse proxies in front, which are believed about the "
        'address of a client: ["10.0.0.0/8", "fd00::/8"].',
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = Field(
        "x-forwarded-for",
        description="The header in which they name it; the other is never read.",
    )
    revocation_max_age: Annotated[float, Field(ge=1, le=3600)] = Field(
        30,
        description="Seconds after which a server that cannot reach the database answers 503 "
        "rather than from its caches, for something may have been revoked.",
    )
    drain_seconds: Annotated[float, Field(ge=0)] = Field(
        5,
        description="Seconds to go on serving after SIGTERM, not ready, so that a load balancer "
        "notices.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe messages to log."
    )
    signing: Signing = Field(Signing(), description="Signed links.")
    sessions: SessionSettings = Field(
        SessionSettings(), description="How long browsers stay signed in."
    )
    limits: Limits = Field(Limits(), description="What one request may cost.")
    workers: Workers = Field(Workers(), description="The pixel workers.")
    cache: Cache = Field(Cache(), description="Where renditions are kept.")
    delivery: Delivery = Field(Delivery(), description="What caches outside are told.")
    jobs: Jobs = Field(Jobs(), description="Background work.")
    originals: Originals = Field(Originals(), description="What is kept besides what is shown.")
    audit: Audit = Field(Audit(), description="The audit log.")
    rates: Rates = Field(Rates(), description="Requests a minute to the API.")
    budgets: Budgets = Field(Budgets(), description="What cold renders may cost.")
    sources: tuple[SourceTable, ...] = Field(
        (),
        description="Where pictures asked for by path are brought from: a table [[sources]] each.",
    )
    fetch: Fetch = Field(Fetch(), description="Fetching from other servers.")
    plugin: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Settings of plugins, a table each: [plugin.basics]."
    )

    @field_validator("sources")
    @classmethod
    def _check_sources(cls, value: tuple[SourceTable, ...]) -> tuple[SourceTable, ...]:
        names = [table.name for table in value]
        if len(set(names)) < len(names):
            raise ValueError("expected each name once")
        return value

    @field_validator("public_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("expected http://host or https://host, without query")
        return value.rstrip("/") if value else value

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value():
            return None  # as compose hands on a variable that is not set
        if value is not None and not re.fullmatch(
            r"postgres(ql)?(\+asyncpg)?://\S+", value.get_secret_value()
        ):
            raise ValueError("expected postgresql://user:password@host/name")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments first, then variables, then the file."""
        return init_settings, env_settings, _TomlSource(settings_cls)

    @property
    def base_url(self) -> str:
        """The address that absolute links begin with, without a slash at the end."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def database(self) -> str | None:
        """The address of PostgreSQL, or None for SQLite."""
        return self.database_url.get_secret_value() if self.database_url else None

    @property
    def worker_count(self) -> int:
        """How many pixel workers there are."""
        return self.workers.count or max(2, os.cpu_count() or 2)

    @property
    def enabled(self) -> tuple[PluginName, ...]:
        """The enabled plugins, in order."""
        return tuple(
            PluginName(name=p, optional=False) if isinstance(p, str) else p for p in self.plugins
        )


class _TomlSource(PydanticBaseSettingsSource):
    """The settings file: ``HELPA_CONFIG``, else ``helpa.toml`` in the current folder."""

    def get_field_value(  # the file is read whole, in __call__
        self, field: FieldInfo, field_name: str
    ) -> tuple[Any, str, bool]:
        raise AssertionError(f"{field_name} ({field}) is asked for alone")

    def __call__(self) -> dict[str, Any]:
        named = os.environ.get("HELPA_CONFIG")
        path = Path(named or CONFIG_FILE)
        if not path.is_file():
            if named:
                raise SettingsError(f"HELPA_CONFIG={named}: there is no such file.")
            return {}
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is not valid TOML: {error}.") from None


def load_settings(**given: Any) -> Settings:
    """Return the settings from file, variables and arguments, in rising order of weight.

    Args:
        given: values that win over everything, as a command line gives them; None is not given.

    Raises:
        SettingsError: lists every mistake with name, value and what is allowed.
    """
    mistakes = list(_unknown_variables(os.environ))
    settings: Settings | None = None
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        mistakes += mistakes_of(error, Settings)
    except UnreadableVariable as error:
        found = re.search(r'"(\w+)"', str(error))
        name = f"HELPA_{found.group(1)}".upper() if found else "a variable"
        text = shown(name, os.environ.get(name, ""))
        mistakes.append(f'{name} = {text}: expected JSON, such as ["one", "two"].')
    if mistakes or settings is None:
        raise SettingsError("\n".join(mistakes))
    return settings


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    known = {name for name, *_ in variables()}
    for name in sorted(environment):
        if not name.upper().startswith("HELPA_") or name in OWN_VARIABLES:
            continue
        plain = name.upper()
        if plain in known or plain.startswith(("HELPA_PLUGIN__", "HELPA_PRESETS__")):
            continue
        close = nearest(plain.lower(), [n.lower() for n in known])
        hint = f" Did you mean {close.upper()}?" if close else ""
        yield f"{name}: there is no such setting.{hint}"


def variables() -> Iterator[tuple[str, str, FieldInfo]]:
    """Yield (variable, dotted name, field) of every setting."""
    for name, field in Settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, Group):
            for inner, inner_field in annotation.model_fields.items():
                yield f"HELPA_{name}__{inner}".upper(), f"{name}.{inner}", inner_field
        yield f"HELPA_{name}".upper(), name, field
