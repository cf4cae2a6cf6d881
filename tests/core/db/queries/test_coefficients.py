"""Coefficients as they are kept, on both databases."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from core.catalogue.epoch_values import CoefficientValues
from core.db.models import Coefficients, Run
from core.db.queries import coefficients, jobs

Sessions = sessionmaker[Session]
# Of the three runs of a job: two outputs, five features, and the second run diverged.
WEIGHTS = np.random.default_rng(0).normal(size=(3, 2, 5))
WEIGHTS[1] = np.nan
INTERCEPTS = np.array([[0.1 + 0.2, -1e-300], [np.nan, np.nan], [0.0, 1.7976931348623157e308]])


def complete(sessions: Sessions, claim: jobs.Claim, values: CoefficientValues | None) -> None:
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, np.zeros(3), np.zeros(3), values)


@pytest.mark.parametrize("intercepts", [INTERCEPTS, None], ids=["intercepts", "none"])
def test_they_come_back_bit_for_bit(sessions: Sessions, claim: jobs.Claim, intercepts: np.ndarray | None) -> None:
    complete(sessions, claim, CoefficientValues(WEIGHTS, intercepts))
    with sessions() as session:
        found = coefficients.list_paths(session, claim.experiment_id)
        assert coefficients.count_bytes(session, claim.experiment_id) == 2 * 10 * 8
    assert [(path.regularizer, path.seed, path.run_ids) for path in found] == [
        ("l2", 0, [claim.run_ids[0]]),
        ("l2", 2, [claim.run_ids[2]]),
    ]
    for path, run in zip(found, (0, 2), strict=True):
        assert np.array_equal(path.weights, WEIGHTS[[run]])
        assert (path.intercepts is None) == (intercepts is None)
        if path.intercepts is not None and intercepts is not None:
            assert np.array_equal(path.intercepts, intercepts[[run]])


def test_a_path_rises_over_the_strengths_of_all_jobs(sessions: Sessions, experiment: tuple[int, list[int]]) -> None:
    """The second job has strength 1.1, and ends first."""
    for number, job_id in enumerate(reversed(experiment[1])):
        with sessions.begin() as session:
            claim = jobs.claim(session, job_id, "w", 60)
        assert claim is not None
        complete(sessions, claim, CoefficientValues(np.full((3, 1, 4), float(number)), None))
    with sessions() as session:
        path, *others = coefficients.list_paths(session, experiment[0])
        assert [len(other.strengths) for other in others] == [2, 2]
        chosen = coefficients.list_paths(session, experiment[0], "l2", 1)
        assert [(path.regularizer, path.seed) for path in chosen] == [("l2", 1)]
        assert coefficients.list_paths(session, experiment[0], "l1") == []
        assert coefficients.count_bytes(session, experiment[0], "l2", 1) == 2 * 4 * 8
        assert coefficients.count_bytes(session, experiment[0], "l1") == 0
    assert path.strengths == [0.1, 1.1]
    assert path.weights[:, 0, 0].tolist() == [1.0, 0.0]


def test_networks_that_are_not_linear_have_none(sessions: Sessions, claim: jobs.Claim) -> None:
    complete(sessions, claim, None)
    with sessions() as session:
        assert coefficients.list_paths(session, claim.experiment_id) == []


def test_a_training_that_went_on_has_new_ones(sessions: Sessions, claim: jobs.Claim) -> None:
    """It was given more epochs, say."""
    with sessions.begin() as session:
        coefficients.record(session, claim.run_ids, CoefficientValues(WEIGHTS, INTERCEPTS))
        before = session.execute(select(func.count()).select_from(Coefficients)).scalar_one()
        coefficients.record(session, claim.run_ids, CoefficientValues(WEIGHTS + 1, INTERCEPTS))
        weights = session.execute(select(Coefficients.weights).order_by(Coefficients.run_id)).scalars().all()
        assert len(weights) == before > 0
        assert weights[0] == np.ascontiguousarray(WEIGHTS[0] + 1, "<f8").tobytes()


def test_they_go_with_their_run(sessions: Sessions, claim: jobs.Claim) -> None:
    complete(sessions, claim, CoefficientValues(WEIGHTS, INTERCEPTS))
    with sessions.begin() as session:
        session.delete(session.get_one(Run, claim.run_ids[0]))
    with sessions() as session:
        assert session.execute(select(Coefficients.run_id)).scalars().all() == [claim.run_ids[2]]
