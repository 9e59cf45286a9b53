"""Accounts, teams, the audit log, and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what belongs to people, the log of what they did, and the outbox."""
    op.add_column("images", sa.Column("team", sa.String(22), nullable=True))
    op.create_index("ix_images_team_created_at_id", "images", ["team", "created_at", "id"])
    op.add_column("tokens", sa.Column("used_at", sa.BigInteger, nullable=True))
    op.add_column("tokens", sa.Column("data", sa.Text, nullable=False, server_default="{}"))
    op.create_index("ix_tokens_owner_kind", "tokens", ["owner", "kind"])
    _people()
    _entries()
    _events()


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("email", sa.Text, nullable=True),
        sa.Column("email_key", sa.Text, nullable=True, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "memberships",
        sa.Column("account", sa.String(64), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("team", sa.String(22), sa.ForeignKey("teams.id"), primary_key=True),
    )
    op.create_index("ix_memberships_team", "memberships", ["team"])


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("on_behalf", sa.String(128), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("object", sa.String(160), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("leaf", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(64), nullable=True),
        sa.Column("personal", sa.Text, nullable=True),
        sqlite_autoincrement=True,
    )
    for column in ("actor", "on_behalf", "object", "action"):
        op.create_index(f"ix_entries_{column}_seq", "entries", [column, "seq"])
    op.create_index("ix_entries_at", "entries", ["at"])
    op.create_table(
        "entry_tree",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("peaks", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO entry_tree (id, size, peaks) VALUES (1, 0, '')")
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


_KEPT = (
    "seq", "at", "actor", "on_behalf", "action", "object", "result", "request", "details",
    "commitment", "leaf",
)  # fmt: skip
"""What no update may change of an entry; the rest may only become NULL."""

_APPEND_ONLY = "The audit log is append-only."


def _on_sqlite() -> None:
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _KEPT)
    # INSERT OR REPLACE deletes without firing the triggers of DELETE: hence those of INSERT.
    guards = {
        "entries_no_delete": "DELETE ON entries",
        "entries_erasure_alone": "UPDATE ON entries "
        f"WHEN {changed} OR NEW.salt IS NOT NULL OR NEW.personal IS NOT NULL",
        "entries_at_the_end": "INSERT ON entries "
        "WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)",
        "entry_tree_no_delete": "DELETE ON entry_tree",
        "entry_tree_one_row": "INSERT ON entry_tree",
        "entry_tree_grows": "UPDATE ON entry_tree "
        "WHEN NEW.id IS NOT OLD.id OR NEW.size IS NOT OLD.size + 1",
    }
    for name, guard in guards.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {guard} {refuse}")


def _on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION helpa_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$"
    )
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _KEPT)
    guards = {
        "entries_no_delete": "DELETE ON entries FOR EACH ROW",
        "entries_no_truncate": "TRUNCATE ON entries FOR EACH STATEMENT",
        "entries_erasure_alone": "UPDATE ON entries FOR EACH ROW "
        f"WHEN ({changed} OR NEW.salt IS NOT NULL OR NEW.personal IS NOT NULL)",
        "entry_tree_no_delete": "DELETE ON entry_tree FOR EACH ROW",
        "entry_tree_no_truncate": "TRUNCATE ON entry_tree FOR EACH STATEMENT",
        "entry_tree_one_row": "INSERT ON entry_tree FOR EACH ROW",
        "entry_tree_grows": "UPDATE ON entry_tree FOR EACH ROW "
        "WHEN (NEW.id IS DISTINCT FROM OLD.id OR NEW.size IS DISTINCT FROM OLD.size + 1)",
    }
    for name, guard in guards.items():
        op.execute(f"CREATE TRIGGER {name} BEFORE {guard} EXECUTE FUNCTION helpa_append_only()")
    # An owner can take such rights back, but not by mistake; superusers meet the triggers alone.
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON entries FROM CURRENT_USER")
    op.execute("GRANT UPDATE (salt, personal) ON entries TO CURRENT_USER")
    op.execute("REVOKE INSERT, DELETE, TRUNCATE ON entry_tree FROM CURRENT_USER")


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("object", sa.String(160), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_created_at", "events", ["created_at"])
    op.create_table(
        "event_consumers",
        sa.Column("plugin", sa.String(64), primary_key=True),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "event_dead_letters",
        sa.Column("plugin", sa.String(64), primary_key=True),
        sa.Column("event", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("object", sa.String(160), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
