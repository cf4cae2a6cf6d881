"""experiments that ended, but not well

What is completed though most of its runs diverged, or one of the baseline's, is `diverged`: see core.analysis.outcome.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

_runs = sa.table(
    "runs",
    sa.column("experiment_id", sa.Integer),
    sa.column("regularizer", sa.String),
    sa.column("diverged_epoch", sa.Integer),
)
_experiments = sa.table("experiments", sa.column("id", sa.Integer), sa.column("state", sa.String))


def upgrade() -> None:
    fallen = sa.func.count(_runs.c.diverged_epoch)
    baseline = sa.func.count(sa.case((_runs.c.regularizer == "none", _runs.c.diverged_epoch)))
    unsound = (
        sa.select(_runs.c.experiment_id)
        .group_by(_runs.c.experiment_id)
        .having(sa.or_(2 * fallen > sa.func.count(), baseline > 0))
    )
    completed = (_experiments.c.state == "completed") & _experiments.c.id.in_(unsound)
    op.execute(sa.update(_experiments).where(completed).values(state="diverged"))


def downgrade() -> None:
    op.execute(sa.update(_experiments).where(_experiments.c.state == "diverged").values(state="completed"))
