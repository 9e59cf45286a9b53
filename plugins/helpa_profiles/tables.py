"""The table. Times are milliseconds since 1970 in UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()

profiles = Table(
    "profiles",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("picture", String(22), nullable=True),  # id of an image
    Column("language", String(35), nullable=True),  # BCP 47
    Column("time_zone", String(64), nullable=True),  # IANA
    Column("quiet_from", Integer, nullable=True),  # minutes since midnight
    Column("quiet_to", Integer, nullable=True),
    Column("cell", String(15), nullable=True),  # H3, resolution 8: all that is kept of a place
    Column("cell_changes", Text, nullable=False),  # JSON: when it was set within the last day
    Column("notifications", Text, nullable=False),  # JSON: channels by kind of notice
    Column("changed_at", BigInteger, nullable=False),
)
