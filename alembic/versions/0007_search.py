"""What experiments are searched by: name, notes and tags, folded.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from core.db.queries.search import refresh

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiments", sa.Column("search", sa.Text(), nullable=False, server_default=""))
    # As this Ridgeline folds: what it looks for is folded by the same.
    refresh(op.get_bind())


def downgrade() -> None:
    op.drop_column("experiments", "search")
