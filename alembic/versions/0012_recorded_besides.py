"""objective, pull of penalties and layers of epochs; weights of runs"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

METRICS = ("objective", "gradient_ratio")


def upgrade() -> None:
    for name in METRICS:
        op.add_column("epochs", sa.Column(name, sa.Double(), nullable=True))
    op.add_column("epochs", sa.Column("layers", sa.LargeBinary(), nullable=True))
    op.add_column("jobs", sa.Column("layers", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True))
    op.add_column("runs", sa.Column("weights", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "weights")
    op.drop_column("jobs", "layers")
    for name in ("layers", *METRICS):
        op.drop_column("epochs", name)
