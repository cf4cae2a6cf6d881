"""runs that stop before the last epoch"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("stopped_epoch", sa.Integer(), nullable=True))
    op.add_column("runs", sa.Column("stopped_by", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "stopped_by")
    op.drop_column("runs", "stopped_epoch")
