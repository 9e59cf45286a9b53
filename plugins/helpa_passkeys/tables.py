"""Tables of the plugin."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("credential", String(1364), nullable=False, unique=True),  # base64url of 1023 bytes
    Column("account", String(64), nullable=False),
    Column("handle", String(64), nullable=False),  # the account, as authenticators are told
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("transports", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Index(None, "account"),
)

challenges = Table(
    "passkeys_challenges",
    metadata,
    Column("challenge", String(64), primary_key=True),  # SHA-256, as browser
    Column("browser", String(64), nullable=False),
    Column("account", String(64), nullable=False),  # empty: for signing in
    Column("handle", String(64), nullable=False),
    Column("name", String(100), nullable=False),  # of the passkey that is to be
    Column("created_at", BigInteger, nullable=False),
    Index(None, "browser"),
    Index(None, "created_at"),
)
