"""The table. Times are milliseconds since 1970 in UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()

templates = Table(
    "annotation_templates",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("owner", String(64), nullable=False),  # an account
    Column("team", String(22), nullable=True),
    Column("name", String(100), nullable=False),
    Column("content", Text, nullable=False),  # a layer, as JSON
    Column("width", Integer, nullable=False),  # of the picture it was drawn for, in pixels
    Column("height", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
