"""Signed links, and the leases of instances."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the epoch of links, the links, and the instances."""
    op.add_column("images", sa.Column("link_epoch", sa.Integer, nullable=False, server_default="1"))
    op.add_column("invalidations", sa.Column("link", sa.String(22), nullable=True))
    op.create_table(
        "links",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("image", sa.String(22), sa.ForeignKey("images.id"), nullable=False),
        sa.Column("grant_kind", sa.String(8), nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("link_epoch", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=True),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
    )
    op.create_index("ix_links_image_created_at_id", "links", ["image", "created_at", "id"])
    op.create_table(
        "instances",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("applied_seq", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )
