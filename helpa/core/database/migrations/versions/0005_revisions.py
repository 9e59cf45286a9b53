"""Revisions made of pixels, layers over pictures, pictures held back, progress of jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what revisions after the first, and what is drawn over pictures, need."""
    images = (
        sa.Column("layers", sa.Text, nullable=False, server_default="[]"),
        sa.Column("layer", sa.Integer, nullable=False, server_default="0"),
        sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("guarded", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    revisions = (
        sa.Column("actor", sa.String(128), nullable=False, server_default=""),
        sa.Column("details", sa.Text, nullable=False, server_default="{}"),
        sa.Column("sealed", sa.String(22), nullable=True),
        sa.Column("kept_until", sa.BigInteger, nullable=True),
    )
    jobs = (
        sa.Column("done", sa.Integer, nullable=False, server_default="0"),
        sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    )
    for table, columns in (("images", images), ("revisions", revisions), ("jobs", jobs)):
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_revisions_kept_until", "revisions", ["kept_until"])
    op.create_table(
        "layers",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("image", sa.String(22), sa.ForeignKey("images.id"), nullable=False),
        sa.Column("plugin", sa.String(64), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint(
            "image", "plugin", "name", "version", name="uq_layers_image_plugin_name_version"
        ),
    )
