"""The tables. Times are milliseconds since 1970 in UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()

passwords = Table(
    "passwords",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("hash", Text, nullable=False),  # argon2id, with its parameters and salt
    Column("changed_at", BigInteger, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("account", String(64), nullable=True),  # whom it is about, to be erased with them
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),  # when the link in it ends
)
