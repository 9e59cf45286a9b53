"""Policies, suggestions, and what was looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "redaction_policies",
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "redaction_suggestions",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("image", sa.String(22), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        *(sa.Column(side, sa.Integer, nullable=False) for side in "xywh"),
        sa.Column("boxes", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_redaction_suggestions_image", "redaction_suggestions", ["image"])
    op.create_table(
        "redaction_scans",
        sa.Column("image", sa.String(22), primary_key=True),
        sa.Column("job", sa.String(22), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
