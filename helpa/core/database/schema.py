"""The tables. Times are milliseconds since 1970 in UTC; ids are 128 random bits."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(22)

blobs = Table(
    "blobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("format", String(16), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("uses", Integer, nullable=False),  # revisions that show it
    Column("levels", Text, nullable=False),  # "2.png 4.png"
    Column("facts", Text, nullable=False),  # JSON: what inspecting it found
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("owner", "sha256"),
)

images = Table(
    "images",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("team", Id, nullable=True),  # whose members may see and change it, too
    Column("revision", Integer, nullable=False),
    Column("rendition_id", Id, nullable=False),
    Column("access_version", Integer, nullable=False),
    Column("link_epoch", Integer, nullable=False),  # raising it revokes every link
    Column("blob", Id, ForeignKey("blobs.id"), nullable=True),
    Column("visibility", String(16), nullable=False),
    Column("filename", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("alt", Text, nullable=False),
    Column("tags", Text, nullable=False),  # JSON list
    Column("layers", Text, nullable=False),  # JSON: what planning knows of them
    Column("layer", Integer, nullable=False),  # raised by whatever changes them
    Column("held", Boolean, nullable=False),  # private until a plugin has looked at it
    Column("guarded", Boolean, nullable=False),  # what it hides must be hidden for good
    Column("created_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger, nullable=True),
    Index(None, "owner", "created_at", "id"),
    Index(None, "team", "created_at", "id"),
    Index(None, "blob"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("image", Id, ForeignKey("images.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("rendition_id", Id, nullable=False),
    Column("blob", Id, ForeignKey("blobs.id"), nullable=True),
    Column("reason", String(32), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("details", Text, nullable=False),  # JSON, of nobody in person
    Column("sealed", Id, nullable=True),  # name of the file that keeps its pixels encrypted
    Column("kept_until", BigInteger, nullable=True),  # when that is destroyed
    Column("created_at", BigInteger, nullable=False),
    Index(None, "blob"),
    Index(None, "kept_until"),
)

layers = Table(
    "layers",
    metadata,
    Column("id", Id, primary_key=True),  # of this version
    Column("image", Id, ForeignKey("images.id"), nullable=False),
    Column("plugin", String(64), nullable=False),
    Column("name", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),  # JSON, of its plugin
    Column("actor", String(128), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("image", "plugin", "name", "version"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("scopes", Text, nullable=False),  # separated by spaces
    Column("kind", String(16), nullable=False),  # api, session, or what a plugin says
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=True),
    Column("revoked_at", BigInteger, nullable=True),
    Column("used_at", BigInteger, nullable=True),
    Column("data", Text, nullable=False),  # JSON: what its plugin keeps with it
    Index(None, "owner", "kind"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),  # "local" is the first administrator
    Column("email", Text, nullable=True),
    Column("email_key", Text, nullable=True, unique=True),  # as it is compared
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # active, disabled, erased
    Column("created_at", BigInteger, nullable=False),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # as it is compared
    Column("created_at", BigInteger, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("account", String(64), ForeignKey("accounts.id"), primary_key=True),
    Column("team", Id, ForeignKey("teams.id"), primary_key=True),
    Index(None, "team"),
)

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),  # from 1 on, without gaps
    Column("at", BigInteger, nullable=False),
    Column("actor", String(128), nullable=False),  # "account:<id>", "token:<id>", "command-line"
    Column("on_behalf", String(128), nullable=False),  # the account a token belongs to, or ""
    Column("action", String(64), nullable=False),  # "image.delete"
    Column("object", String(160), nullable=False),  # "image:<id>"
    Column("result", String(16), nullable=False),  # ok, refused
    Column("request", String(64), nullable=False),
    Column("details", Text, nullable=False),  # JSON, of nobody in person
    Column("commitment", String(64), nullable=False),  # SHA-256 of salt and personal
    Column("leaf", String(64), nullable=False),  # RFC 6962 hash of all of the above
    Column("salt", String(64), nullable=True),
    Column("personal", Text, nullable=True),  # JSON: address, device, names; null once erased
    Index(None, "actor", "seq"),
    Index(None, "on_behalf", "seq"),
    Index(None, "object", "seq"),
    Index(None, "action", "seq"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

entry_tree = Table(
    "entry_tree",
    metadata,
    Column("id", Integer, primary_key=True),  # one row, 1
    Column("size", BigInteger, nullable=False),
    Column("peaks", Text, nullable=False),  # roots of the full subtrees, largest first
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(64), nullable=False),
    Column("object", String(160), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("payload", Text, nullable=False),  # JSON
    Column("created_at", BigInteger, nullable=False),
    Index(None, "created_at"),
    sqlite_autoincrement=True,
)

event_consumers = Table(
    "event_consumers",
    metadata,
    Column("plugin", String(64), primary_key=True),
    Column("cursor", BigInteger, nullable=False),  # the last event that was delivered
    Column("attempts", Integer, nullable=False),  # at the next one
    Column("due_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
)

event_dead_letters = Table(
    "event_dead_letters",
    metadata,
    Column("plugin", String(64), primary_key=True),
    Column("event", BigInteger, primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("object", String(160), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("payload", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "created_at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("unique_key", String(128), nullable=True, unique=True),  # null once it has ended
    Column("payload", Text, nullable=False),  # JSON
    Column("state", String(16), nullable=False),  # queued, running, done, dead
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=True),
    Column("done", Integer, nullable=False),  # of total: how far it is
    Column("total", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    Index(None, "state", "due_at"),
)

source_entries = Table(
    "source_entries",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("path", String(1024), primary_key=True),
    Column("image", Id, nullable=False),
    Column("validator", Text, nullable=False),
    Column("checked_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "image"),
)

invalidations = Table(
    "invalidations",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("image", Id, nullable=True),
    Column("token", Id, nullable=True),
    Column("link", Id, nullable=True),
    Column("narrows", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, even after sweeping
)

links = Table(
    "links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("image", Id, ForeignKey("images.id"), nullable=False),
    Column("grant_kind", String(8), nullable=False),  # exact, view
    Column("params", Text, nullable=False),  # the query that was signed, without sig
    Column("link_epoch", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=True),
    Column("revoked_at", BigInteger, nullable=True),
    Index(None, "image", "created_at", "id"),
)

instances = Table(
    "instances",
    metadata,
    Column("id", Id, primary_key=True),
    Column("applied_seq", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),  # by the database's clock
)
