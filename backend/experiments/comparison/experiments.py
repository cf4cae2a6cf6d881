"""The experiments that are compared."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from core.db.models import Experiment
from core.db.queries.experiments import get
from core.errors import InvalidSpecError

FEWEST, MOST = 2, 6


def find_experiments(session: Session, ids: Sequence[int]) -> list[Experiment]:
    """In the given order, without repeats. Raises NotFoundError and InvalidSpecError."""
    wanted = list(dict.fromkeys(ids))
    if not FEWEST <= len(wanted) <= MOST:
        raise InvalidSpecError(
            f"Two to six experiments can be compared; received {len(wanted) or 'none'}.",
            field="experiment",
            expected=f"ids of {FEWEST} to {MOST} experiments that differ",
            received=wanted,
        )
    return [get(session, experiment_id) for experiment_id in wanted]
