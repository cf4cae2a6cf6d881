"""Checkpoints of jobs, where attempts began anew, and what workers count.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    # The defaults stay: taking one away would make SQLite build the table anew, and delete what refers to it.
    op.add_column("jobs", sa.Column("notice", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("failed_epoch", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("checkpoints", _json(), nullable=False, server_default="[]"))
    op.add_column("jobs", sa.Column("rewinds", _json(), nullable=False, server_default="[]"))
    op.add_column("workers", sa.Column("counters", _json(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("workers", "counters")
    for name in ("rewinds", "checkpoints", "failed_epoch", "notice"):
        op.drop_column("jobs", name)
