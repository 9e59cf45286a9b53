"""Tables of the plugin."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table, Text

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})

pending = Table(
    "oidc_pending",
    metadata,
    Column("state", String(64), primary_key=True),  # SHA-256, as browser
    Column("browser", String(64), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("target", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "browser"),
    Index(None, "created_at"),
)

identities = Table(
    "oidc_identities",
    metadata,
    Column("issuer", String(512), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "account"),
)

sessions = Table(
    "oidc_sessions",
    metadata,
    Column("session", String(64), primary_key=True),  # id of the session
    Column("account", String(64), nullable=False),
    Column("url", Text, nullable=False),  # where a browser ends the session with the provider
    Column("created_at", BigInteger, nullable=False),
    Index(None, "account"),
)
