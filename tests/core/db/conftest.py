"""A little experiment to try the repositories on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.catalogue.epoch_values import EpochValues, StopValues
from core.catalogue.metrics import METRIC_NAMES
from core.db.models import Experiment, Job, Run
from core.db.queries import jobs

Sessions = sessionmaker[Session]
RUNS = 3


@pytest.fixture
def experiment(sessions: Sessions) -> tuple[int, list[int]]:
    """The ids of an experiment and of its two jobs, of three runs and four epochs each."""
    with sessions.begin() as session:
        experiment = Experiment(name="a sweep", notes="", spec={"epochs": 4})
        session.add(experiment)
        session.flush()
        jobs = [Job(experiment_id=experiment.id, epochs=4) for _ in range(2)]
        session.add_all(jobs)
        session.flush()
        for number, job in enumerate(jobs):
            for seed in range(RUNS):
                run = Run(experiment_id=experiment.id, job_id=job.id, regularizer="l2", strength=0.1, seed=seed)
                run.strength += number
                session.add(run)
        return experiment.id, [job.id for job in jobs]


@pytest.fixture
def claim(sessions: Sessions, experiment: tuple[int, list[int]]) -> jobs.Claim:
    """The first job, held by worker "w" for a minute."""
    with sessions.begin() as session:
        held = jobs.claim(session, experiment[1][0], "w", 60)
    assert held is not None
    return held


@pytest.fixture
def make_epoch() -> Callable[..., EpochValues]:
    """Makes an epoch of three runs; every metric is 1 unless given."""

    def make(
        epoch: int, diverged: tuple[int, ...] = (), stopped: tuple[StopValues, ...] = (), **given: list[float]
    ) -> EpochValues:
        metrics = {name: np.array(given.get(name, [1.0] * RUNS)) for name in METRIC_NAMES}
        losses = np.arange(RUNS * 2, dtype=np.float32).reshape(RUNS, 2) + epoch
        return EpochValues(epoch, metrics, losses, diverged, stopped=stopped)

    return make
