"""the objective, and the pull of its penalties"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

METRICS = ("objective", "gradient_ratio")


def upgrade() -> None:
    for name in METRICS:
        op.add_column("epochs", sa.Column(name, sa.Double(), nullable=True))


def downgrade() -> None:
    for name in METRICS:
        op.drop_column("epochs", name)
