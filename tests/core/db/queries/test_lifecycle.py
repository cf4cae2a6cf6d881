"""Experiments that have ended go on: what is queued again, what stays, and what is refused. On both databases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Experiment, Job, Run
from core.db.queries import experiments, jobs, lifecycle
from core.db.states import State
from core.errors import ConflictError, InvalidSpecError, NotFoundError
from core.spec import ExperimentSpec, Extension

Sessions = sessionmaker[Session]
SPEC: dict[str, Any] = {
    "dataset": {"name": "digits"},
    "network": {"name": "linear"},
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
    "regularizers": [{"name": "l1", "strengths": [0.1, 0.2]}],
    "seeds": 2,
    "epochs": 4,
}


@pytest.fixture
def made(sessions: Sessions) -> tuple[int, list[int]]:
    """An experiment of three jobs, a cell each, none claimed yet."""
    with sessions.begin() as session:
        return experiments.create(session, ExperimentSpec.model_validate(SPEC), slots=3)


def end(sessions: Sessions, job_id: int, how: str, *, saved: bool = True, diverged: bool = False) -> None:
    """Claim a job and let it come to this end after its epochs."""
    with sessions.begin() as session:
        claim = jobs.claim(session, job_id, "w", 60)
        assert claim is not None
        job = session.get_one(Job, job_id)
        job.epoch = job.epochs
        if saved:
            jobs.keep_checkpoint(session, job_id, claim.token, f"c{job.epochs}", job.epochs, 1)
        if diverged:
            for run_id in claim.run_ids:
                session.get_one(Run, run_id).diverged_epoch = 2
        if how == "completed":
            nan = np.full(len(claim.run_ids), np.nan)
            jobs.complete(session, job_id, claim.token, claim.run_ids, nan, nan)
        elif how == "failed":
            jobs.fail(session, job_id, claim.token, "no")
        else:
            jobs.mark_cancelled(session, job_id, claim.token)


def look(sessions: Sessions, experiment_id: int) -> tuple[str, list[str], list[str]]:
    """The states of the experiment, of its jobs and of its runs."""
    with sessions() as session:
        return (
            session.get_one(Experiment, experiment_id).state,
            list(session.scalars(select(Job.state).where(Job.experiment_id == experiment_id).order_by(Job.id))),
            list(session.scalars(select(Run.state).where(Run.experiment_id == experiment_id).order_by(Run.id))),
        )


def extend(sessions: Sessions, experiment_id: int, **extension: Any) -> list[int]:
    with sessions.begin() as session:
        added = Extension.model_validate(extension)
        return lifecycle.extend(session, experiment_id, added, lambda spec: None, slots=2)


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_only_the_jobs_in_that_state_are_queued_again(
    sessions: Sessions, made: tuple[int, list[int]], how: str
) -> None:
    experiment_id, (first, second, third) = made
    other = "failed" if how == "cancelled" else "cancelled"
    for job_id, state in ((first, "completed"), (second, how), (third, other)):
        end(sessions, job_id, state)
    with sessions.begin() as session:
        assert lifecycle.requeue(session, experiment_id, State(how)) == [second]
    assert look(sessions, experiment_id) == (
        "running",
        ["completed", "queued", other],
        ["completed"] * 2 + ["queued"] * 2 + [other] * 2,
    )
    with sessions.begin() as session:
        claim = jobs.claim(session, second, "w", 60)
    assert claim is not None
    assert (claim.checkpoints, claim.epoch) == (["c4"], 4)
    with sessions() as session:
        job = session.get_one(Job, second)
        assert (job.failures, job.error, job.cancel_requested, job.finished) == (0, None, False, None)


def test_where_nothing_is_in_that_state_it_is_a_conflict(sessions: Sessions, made: tuple[int, list[int]]) -> None:
    experiment_id, _ = made
    with sessions.begin() as session:
        with pytest.raises(ConflictError, match="No job of this experiment is failed"):
            lifecycle.requeue(session, experiment_id, State.FAILED)
        with pytest.raises(NotFoundError):
            lifecycle.requeue(session, 10**6, State.FAILED)


def test_new_cells_get_new_jobs_and_old_ones_stay(sessions: Sessions, made: tuple[int, list[int]]) -> None:
    experiment_id, job_ids = made
    for job_id in job_ids:
        end(sessions, job_id, "completed")
    added = extend(sessions, experiment_id, strengths={"l1": [0.3]}, seeds=3)
    assert set(added).isdisjoint(job_ids)
    state, states, runs = look(sessions, experiment_id)
    assert (state, states[:3], set(states[3:])) == ("running", ["completed"] * 3, {"queued"})
    # Three seeds of λ = 0.3, and a third one of the baseline and two strengths.
    assert (runs.count("completed"), runs.count("queued")) == (6, 6)
    with sessions() as session:
        spec = ExperimentSpec.model_validate(session.get_one(Experiment, experiment_id).spec)
        cells = set(session.execute(select(Run.regularizer, Run.strength, Run.seed).where(Run.job_id.in_(added))))
    assert (spec.seeds, spec.regularizers[0].values()) == (3, [0.1, 0.2, 0.3])
    assert cells == {("none", 0.0, 2), ("l1", 0.1, 2), ("l1", 0.2, 2), ("l1", 0.3, 0), ("l1", 0.3, 1), ("l1", 0.3, 2)}


def test_more_epochs_go_on_where_there_is_something_to_train(sessions: Sessions, made: tuple[int, list[int]]) -> None:
    experiment_id, (first, second, third) = made
    end(sessions, first, "completed")
    end(sessions, second, "completed", diverged=True)
    end(sessions, third, "cancelled")
    assert extend(sessions, experiment_id, epochs=6) == [first]
    assert look(sessions, experiment_id)[1] == ["queued", "completed", "cancelled"]
    with sessions() as session:
        assert [session.get_one(Job, job_id).epochs for job_id in (first, second, third)] == [6, 6, 6]


def test_without_its_checkpoint_there_are_no_more_epochs_and_nothing_is_changed(
    sessions: Sessions, made: tuple[int, list[int]]
) -> None:
    experiment_id, job_ids = made
    for job_id in job_ids:
        end(sessions, job_id, "completed", saved=job_id != job_ids[1])
    with pytest.raises(ConflictError, match="RIDGELINE_CHECKPOINT_KEEP_HOURS"):
        extend(sessions, experiment_id, epochs=6)
    assert look(sessions, experiment_id)[:2] == ("completed", ["completed"] * 3)
    assert len(extend(sessions, experiment_id, seeds=3)) == 2


def test_what_runs_or_is_not_legal_is_not_extended(sessions: Sessions, made: tuple[int, list[int]]) -> None:
    experiment_id, job_ids = made
    with pytest.raises(ConflictError, match="not ended yet"):
        extend(sessions, experiment_id, seeds=3)
    for job_id in job_ids:
        end(sessions, job_id, "completed")

    def refuse(spec: ExperimentSpec) -> None:
        raise InvalidSpecError(f"{spec.seeds} seeds are too many.", field="seeds")

    with sessions.begin() as session, pytest.raises(InvalidSpecError):
        lifecycle.extend(session, experiment_id, Extension(seeds=3), refuse, slots=2)
    assert look(sessions, experiment_id)[0] == "completed"


def test_an_extension_of_folds_adds_only_what_is_missing(sessions: Sessions) -> None:
    dataset = {"name": "digits", "split": {"name": "folds", "k": 3}}
    with sessions.begin() as session:
        spec = ExperimentSpec.model_validate(SPEC | {"dataset": dataset, "seeds": 1})
        experiment_id, job_ids = experiments.create(session, spec, slots=1)
    for job_id in job_ids:
        end(sessions, job_id, "completed")
    extend(sessions, experiment_id, strengths={"l1": [0.3]}, seeds=2)
    with sessions() as session:
        cells = select(Run.regularizer, Run.strength, Run.seed, Run.split).where(Run.experiment_id == experiment_id)
        runs = session.execute(cells).all()
    whole = [("none", 0.0), ("l1", 0.1), ("l1", 0.2), ("l1", 0.3)]
    assert sorted(map(tuple, runs)) == sorted((*cell, s, f) for cell in whole for s in range(2) for f in range(3))
