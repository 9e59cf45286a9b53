"""The tables. Times are milliseconds since 1970 in UTC; nothing of a picture's content is kept."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table, Text

metadata = MetaData()

policies = Table(
    "redaction_policies",
    metadata,
    Column("subject", String(80), primary_key=True),  # default, team:<id>, token:<id>
    Column("policy", Text, nullable=False),  # JSON
    Column("actor", String(128), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

suggestions = Table(
    "redaction_suggestions",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("image", String(22), nullable=False),
    Column("revision", Integer, nullable=False),  # that it was found in
    Column("category", String(32), nullable=False),
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    Column("w", Integer, nullable=False),
    Column("h", Integer, nullable=False),
    Column("boxes", Text, nullable=False),  # JSON: of each line
    Column("confidence", Float, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", String(16), nullable=False),  # pending, accepted, dismissed
    Column("actor", String(128), nullable=False),  # who decided
    Column("created_at", BigInteger, nullable=False),
)

scans = Table(
    "redaction_scans",
    metadata,
    Column("image", String(22), primary_key=True),
    Column("job", String(22), nullable=False),
    Column("state", String(16), nullable=False),  # queued, done, failed
    Column("revision", Integer, nullable=False),
    Column("report", Text, nullable=False),  # JSON: what was looked for, and what could not be
    Column("changed_at", BigInteger, nullable=False),
)
