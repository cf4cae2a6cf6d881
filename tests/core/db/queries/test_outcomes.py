"""Outcomes as they are kept, on both databases."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.catalogue.epoch_values import OutcomeValues
from core.db.models import Outcomes
from core.db.queries import jobs, outcomes

Sessions = sessionmaker[Session]
# Of the three runs of a job: 13 examples, and the second run diverged.
LOSSES = np.random.default_rng(0).exponential(size=(3, 13)).astype(np.float32)
LOSSES[1] = np.nan
HITS = np.random.default_rng(1).random((3, 13)) < 0.7


def complete(sessions: Sessions, claim: jobs.Claim, values: OutcomeValues) -> None:
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, np.zeros(3), np.zeros(3), outcomes=values)


@pytest.mark.parametrize("hits", [HITS, None], ids=["classes", "regression"])
def test_they_come_back_bit_for_bit(sessions: Sessions, claim: jobs.Claim, hits: np.ndarray | None) -> None:
    complete(sessions, claim, OutcomeValues(LOSSES, hits))
    with sessions() as session:
        found, classified = (read(session, claim.run_ids) for read in (outcomes.read_losses, outcomes.read_hits))
    first, _, third = claim.run_ids
    assert set(found) == {first, third}
    assert set(classified) == (set() if hits is None else {first, third})
    for run, run_id in ((0, first), (2, third)):
        assert np.array_equal(found[run_id], LOSSES[run])
        assert hits is None or np.array_equal(classified[run_id], hits[run])


def test_they_take_a_bit_and_four_bytes_per_example(sessions: Sessions, claim: jobs.Claim) -> None:
    complete(sessions, claim, OutcomeValues(LOSSES, HITS))
    with sessions() as session:
        row = session.get_one(Outcomes, claim.run_ids[0])
        assert row.hits is not None
        assert (len(row.losses), len(row.hits)) == (13 * 4, 2)


def test_the_scale_of_r2_is_the_loss_of_guessing_the_mean(sessions: Sessions, claim: jobs.Claim) -> None:
    scores = np.array([0.75, 1.0, -1.0])
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, 0.4 * (1 - scores), scores)
    with sessions() as session:
        found = outcomes.read_scales(session, claim.run_ids)
    assert found == {claim.run_ids[0]: pytest.approx(0.4), claim.run_ids[2]: pytest.approx(0.4)}
