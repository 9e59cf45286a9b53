"""Sign-ins under way, who is whom, and sessions with providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of the plugin."""
    op.create_table(
        "oidc_pending",
        sa.Column("state", sa.String(64), primary_key=True),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_oidc_pending_browser", "oidc_pending", ["browser"])
    op.create_index("ix_oidc_pending_created_at", "oidc_pending", ["created_at"])
    op.create_table(
        "oidc_identities",
        sa.Column("issuer", sa.String(512), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_oidc_identities_account", "oidc_identities", ["account"])
    op.create_table(
        "oidc_sessions",
        sa.Column("session", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_oidc_sessions_account", "oidc_sessions", ["account"])
