"""Certificates as they are kept, on both databases."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from core.catalogue.epoch_values import OptimumValues
from core.db.models import Run
from core.db.queries import jobs, runs

Sessions = sessionmaker[Session]
NAN = np.nan


def test_gaps_and_residuals_come_back_and_what_is_unknown_is_null(sessions: Sessions, claim: jobs.Claim) -> None:
    optimum = OptimumValues(np.array([NAN, 3e-9, NAN]), np.array([2e-4, NAN, NAN]), np.array([NAN, 0.38, 0.38]))
    nothing = np.zeros(3)
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, nothing, nothing, optimum=optimum)
    with sessions() as session:
        tests = [session.get_one(Run, run_id).test for run_id in claim.run_ids]
        experiment = session.get_one(Run, claim.run_ids[0]).experiment_id
        briefs = {brief.id: brief for brief in runs.list_briefs(session, [experiment])[experiment]}
    known = [("gap", [None, 3e-9, None]), ("residual", [2e-4, None, None]), ("largest_strength", [None, 0.38, 0.38])]
    for name, values in known:
        assert [(test or {})[name] for test in tests] == values
    assert [briefs[run_id].gap for run_id in claim.run_ids] == known[0][1]
    assert [briefs[run_id].residual for run_id in claim.run_ids] == known[1][1]


def test_other_networks_have_none_of_it(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, np.ones(3), np.zeros(3))
    with sessions() as session:
        assert session.get_one(Run, claim.run_ids[0]).test == {"test_loss": 1.0, "test_score": 0.0}
