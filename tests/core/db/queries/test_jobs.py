"""Jobs under lease, on both databases: who may claim, who may write, and what becomes of a job that nobody holds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from core.catalogue.epoch_values import EpochValues, HistogramValues, StopValues
from core.db import state_changes
from core.db.models import EpochRow, Experiment, Histogram, Job, Run, now
from core.db.queries import epochs, jobs, workers
from core.db.states import State
from core.errors import LeaseLostError, NotFoundError

Sessions = sessionmaker[Session]
Ids = tuple[int, list[int]]
MakeEpoch = Callable[..., EpochValues]


def read(sessions: Sessions, job_id: int) -> Job:
    with sessions() as session:
        return session.get_one(Job, job_id)


def states(sessions: Sessions, experiment_id: int) -> tuple[str, list[str], set[str]]:
    """The states of the experiment, of its jobs in order, and of the first job's runs."""
    with sessions() as session:
        rows = session.execute(select(Job.state).where(Job.experiment_id == experiment_id).order_by(Job.id))
        first = select(func.min(Job.id)).where(Job.experiment_id == experiment_id).scalar_subquery()
        runs = session.execute(select(Run.state).where(Run.job_id == first)).scalars()
        return session.get_one(Experiment, experiment_id).state, list(rows.scalars()), set(runs)


def take_back(sessions: Sessions, max_attempts: int = 3) -> list[int]:
    """As an observer does who has seen no lease change for long."""
    with sessions.begin() as session:
        return jobs.take_back(session, jobs.read_leases(session), max_attempts)


def test_a_claim_is_granted_once(sessions: Sessions, experiment: Ids) -> None:
    experiment_id, (job_id, _) = experiment

    def take(number: int) -> jobs.Claim | None:
        with sessions.begin() as session:
            return jobs.claim(session, job_id, f"w{number}", 60)

    with ThreadPoolExecutor(8) as pool:
        claims = [claim for claim in pool.map(take, range(8)) if claim]
    assert len(claims) == 1
    assert (claims[0].experiment_id, claims[0].attempt, claims[0].spec) == (experiment_id, 1, {"epochs": 4})
    assert [run.seed for run in claims[0].runs] == [0, 1, 2]
    assert len(claims[0].run_ids) == 3
    assert states(sessions, experiment_id) == ("running", ["running", "queued"], {"running"})
    with sessions.begin() as session:
        assert jobs.claim(session, 10**6, "w", 60) is None


def test_a_heartbeat_renews_and_a_stale_token_is_refused(sessions: Sessions, claim: jobs.Claim) -> None:
    before = read(sessions, claim.job_id).lease_expires
    with sessions.begin() as session:
        assert jobs.heartbeat(session, claim.job_id, claim.token, 600) is False
        assert jobs.read_requests(session, {claim.job_id: claim.token, 10**6: "x"}) == {claim.job_id: False}
        assert jobs.read_requests(session, {claim.job_id: "stale"}) == {}
    after = read(sessions, claim.job_id).lease_expires
    assert before is not None
    assert after is not None
    assert after - before > timedelta(seconds=500)
    with sessions.begin() as session, pytest.raises(LeaseLostError):
        jobs.heartbeat(session, claim.job_id, "stale", 600)


ENDS = ["complete", "fail", "fail_attempt", "release", "mark_cancelled"]
WRITES = ["record", "rewind", "keep_checkpoint", "set_notice", *ENDS]


@pytest.mark.parametrize("write", WRITES)
def test_a_worker_that_lost_its_lease_cannot_write(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch, write: str
) -> None:
    assert take_back(sessions) == [claim.job_id]
    with sessions.begin() as session:
        second = jobs.claim(session, claim.job_id, "another", 60)
    assert second is not None
    nan = np.full(3, np.nan)
    writes: dict[str, Callable[[Session], object]] = {
        "record": lambda s: epochs.record(s, claim.job_id, claim.token, claim.run_ids, [make_epoch(1)]),
        "rewind": lambda s: jobs.rewind(s, claim.job_id, claim.token, 0, claim.run_ids),
        "keep_checkpoint": lambda s: jobs.keep_checkpoint(s, claim.job_id, claim.token, "a", 1, 1),
        "set_notice": lambda s: jobs.set_notice(s, claim.job_id, claim.token, "full"),
        "complete": lambda s: jobs.complete(s, claim.job_id, claim.token, claim.run_ids, nan, nan),
        "fail": lambda s: jobs.fail(s, claim.job_id, claim.token, "no"),
        "fail_attempt": lambda s: jobs.fail_attempt(s, claim.job_id, claim.token, "no", 3),
        "release": lambda s: jobs.release(s, claim.job_id, claim.token),
        "mark_cancelled": lambda s: jobs.mark_cancelled(s, claim.job_id, claim.token),
    }
    with sessions.begin() as session, pytest.raises(LeaseLostError, match="no longer held"):
        writes[write](session)
    job = read(sessions, claim.job_id)
    assert (job.state, job.token, job.epoch, job.worker_id) == ("running", second.token, 0, "another")
    with sessions() as session:
        assert session.execute(select(func.count()).select_from(EpochRow)).scalar_one() == 0


def test_completion_keeps_test_results_and_ends_the_experiment(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        loss, score = np.array([0.1, 0.2, np.nan]), np.array([0.9, 0.8, np.nan])
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, loss, score)
    with sessions() as session:
        tests = [session.get_one(Run, run_id).test for run_id in claim.run_ids]
    assert tests[0] == {"test_loss": 0.1, "test_score": 0.9}
    assert tests[2] == {"test_loss": None, "test_score": None}
    assert states(sessions, claim.experiment_id) == ("running", ["completed", "queued"], {"completed"})
    job = read(sessions, claim.job_id)
    assert job.token is None
    assert job.finished is not None
    finish_second(sessions, claim.job_id + 1)
    assert states(sessions, claim.experiment_id)[0] == "completed"


def finish_second(sessions: Sessions, job_id: int) -> None:
    with sessions.begin() as session:
        second = jobs.claim(session, job_id, "w", 60)
        assert second is not None
        jobs.complete(session, job_id, second.token, second.run_ids, np.zeros(3), np.zeros(3))


def test_jobs_that_end_at_the_same_moment_end_the_experiment(sessions: Sessions, experiment: Ids) -> None:
    experiment_id, job_ids = experiment
    for _ in range(5):
        with sessions.begin() as session:
            session.execute(update(Job).values(state="queued"))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda job_id: finish_second(sessions, job_id), job_ids))
        assert states(sessions, experiment_id)[0] == "completed"


def test_cancelling_ends_what_waits_and_asks_what_runs(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    with sessions.begin() as session:
        epochs.record(session, claim.job_id, claim.token, claim.run_ids, [make_epoch(1)])
        assert jobs.request_cancel(session, claim.experiment_id) == 2
    assert states(sessions, claim.experiment_id) == ("running", ["running", "cancelled"], {"running"})
    with sessions.begin() as session:
        assert jobs.heartbeat(session, claim.job_id, claim.token, 60) is True
        assert jobs.read_requests(session, {claim.job_id: claim.token}) == {claim.job_id: True}
        jobs.mark_cancelled(session, claim.job_id, claim.token)
    assert states(sessions, claim.experiment_id) == ("cancelled", ["cancelled", "cancelled"], {"cancelled"})
    with sessions() as session:
        assert session.execute(select(func.count()).select_from(EpochRow)).scalar_one() == 3
    with sessions.begin() as session, pytest.raises(NotFoundError):
        jobs.request_cancel(session, 10**6)


def test_a_job_handed_back_is_no_failure_and_is_rung_at_once(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    for attempt in range(2, 6):
        with sessions.begin() as session:
            token = session.get_one(Job, claim.job_id).token or ""
            epochs.record(session, claim.job_id, token, claim.run_ids, [make_epoch(1, diverged=(1,))])
            jobs.release(session, claim.job_id, token)
        assert states(sessions, claim.experiment_id)[1:] == (["queued", "queued"], {"queued", "diverged"})
        with sessions.begin() as session:
            assert jobs.list_unannounced(session, 3600) == [claim.job_id]
            jobs.mark_announced(session, [claim.job_id])
            assert jobs.list_unannounced(session, 3600) == []
        with sessions.begin() as session:
            again = jobs.claim(session, claim.job_id, "w", 60)
            assert again is not None
            assert (again.attempt, again.epoch, again.checkpoints) == (attempt, 1, [])
            jobs.rewind(session, claim.job_id, again.token, 0, claim.run_ids)
        with sessions() as session:
            assert session.execute(select(func.count()).select_from(EpochRow)).scalar_one() == 0
            run = session.get_one(Run, claim.run_ids[1])
            assert (run.last, run.best, run.diverged_epoch, run.state) == (None, None, None, "running")
    assert read(sessions, claim.job_id).failures == 0
    assert read(sessions, claim.job_id).rewinds == [[attempt, 0] for attempt in range(2, 6)]


@pytest.mark.parametrize("by_loss", [(), (0, 2)])
def test_rewinding_leaves_a_job_as_it_was_after_that_epoch(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch, by_loss: tuple[int, ...]
) -> None:
    """Whatever happened since: rows, better and worse ones, histograms, runs that diverged or stopped; and before."""
    generator = np.random.default_rng(0)
    said = []
    for number in range(1, 7):
        values = make_epoch(
            number, diverged=(1,) if number == 4 else (), stopped=(StopValues(2, "tolerance"),) if number == 5 else ()
        )
        for name in ("validation_score", "validation_loss"):
            values.metrics[name][:] = generator.choice([0.1, 0.5, 0.9, np.nan], 3)
        bars = HistogramValues(0, "output", 0.0, 1.0, np.array([1, 2], np.uint32))
        # Better than any epoch: it is never best, as no epoch led to it.
        start = make_epoch(0, validation_score=[1.0] * 3, validation_loss=[0.0] * 3)
        said.append(
            replace(values, histograms=(bars,), start=replace(start, histograms=(bars,)) if number == 1 else None)
        )

    def look() -> list[tuple[object, ...]]:
        with sessions() as session:
            rows = session.execute(select(EpochRow.run_id, EpochRow.epoch).order_by(EpochRow.run_id, EpochRow.epoch))
            bars = session.execute(select(Histogram.run_id, Histogram.epoch).order_by(Histogram.run_id))
            columns = (Run.state, Run.diverged_epoch, Run.stopped_epoch, Run.stopped_by, Run.last, Run.best)
            runs = session.execute(select(*columns).where(Run.id.in_(claim.run_ids)).order_by(Run.id))
            epoch = session.get_one(Job, claim.job_id).epoch
            return [tuple(row) for found in (rows, bars, runs) for row in found] + [(epoch,)]

    seen = []
    for values in said:
        seen.append(look())
        with sessions.begin() as session:
            epochs.record(session, claim.job_id, claim.token, claim.run_ids, [values], by_loss)
    for epoch in (6, 5, 4, 3, 2, 0):
        expected = look() if epoch == 6 else seen[epoch]
        with sessions.begin() as session:
            jobs.rewind(session, claim.job_id, claim.token, epoch, claim.run_ids, by_loss)
        assert look() == expected
    assert read(sessions, claim.job_id).rewinds == [[1, epoch] for epoch in (5, 4, 3, 2, 0)]
    with sessions() as session:
        assert session.execute(select(func.count()).where(Run.best.is_(None))).scalar_one() == 6


def test_two_checkpoints_are_kept_and_a_claim_names_them(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        jobs.set_notice(session, claim.job_id, claim.token, "No space left on device")
    assert read(sessions, claim.job_id).notice == "No space left on device"
    dropped = []
    for epoch in (1, 2, 2, 3):
        with sessions.begin() as session:
            dropped.append(jobs.keep_checkpoint(session, claim.job_id, claim.token, f"c{epoch}", epoch, 10))
    assert dropped == [[], [], [], ["c1"]]
    assert read(sessions, claim.job_id).notice is None
    with sessions.begin() as session:
        jobs.release(session, claim.job_id, claim.token)
        again = jobs.claim(session, claim.job_id, "w", 60)
    assert again is not None
    assert again.checkpoints == ["c3", "c2"]


def test_whoever_gets_further_than_before_is_counted_anew(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    """A long training meets many crashes that are not its own; one that cannot be trained never gets past its place."""
    token = claim.token
    for number in range(1, 4):
        with sessions.begin() as session:
            epochs.record(session, claim.job_id, token, claim.run_ids, [make_epoch(number)])
            assert jobs.fail_attempt(session, claim.job_id, token, "killed", 2) == State.QUEUED
            again = jobs.claim(session, claim.job_id, "w", 60)
        assert again is not None
        token = again.token
    with sessions.begin() as session:
        assert jobs.fail_attempt(session, claim.job_id, token, "killed", 2) == State.FAILED


def test_a_job_is_waited_for_once_another_has_been_in_the_queue(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        jobs.mark_announced(session, [claim.job_id + 1])
        assert not jobs.is_waited_for(session, 5)
        assert jobs.is_waited_for(session, -1)
        jobs.claim(session, claim.job_id + 1, "w", 60)
        assert not jobs.is_waited_for(session, -1)


def test_lost_attempts_are_counted_and_the_last_fails_with_its_cause(sessions: Sessions, experiment: Ids) -> None:
    experiment_id, (job_id, _) = experiment
    with sessions.begin() as session:
        workers.register(session, "w", host="box", pid=1, device="cpu", memory_bytes=1, trainers=1, versions={})
    for left in (2, 1, 0):
        with sessions.begin() as session:
            assert jobs.claim(session, job_id, "w", 60)
        assert take_back(sessions) == ([job_id] if left else [])
        assert take_back(sessions) == []
    job = read(sessions, job_id)
    assert (job.state, job.failures, job.token) == ("failed", 3, None)
    assert job.error == "The worker on box stopped answering in attempt 3, at epoch 0 of 4."
    assert states(sessions, experiment_id) == ("running", ["failed", "queued"], {"failed"})


def test_a_trainer_that_crashes_is_tried_again_so_often(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        assert jobs.fail_attempt(session, claim.job_id, claim.token, "killed", 2) == State.QUEUED
    assert read(sessions, claim.job_id).error == "killed"
    with sessions.begin() as session:
        second = jobs.claim(session, claim.job_id, "w", 60)
        assert second is not None
        assert jobs.fail_attempt(session, claim.job_id, second.token, "killed again", 2) == State.FAILED
    assert (read(sessions, claim.job_id).state, read(sessions, claim.job_id).error) == ("failed", "killed again")


def test_a_job_taken_back_that_is_to_be_cancelled_is_cancelled(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        jobs.request_cancel(session, claim.experiment_id)
    assert take_back(sessions) == []
    assert states(sessions, claim.experiment_id) == ("cancelled", ["cancelled", "cancelled"], {"cancelled"})


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_lease_that_was_renewed_since_is_not_taken_back_whatever_the_clock_says(
    sessions: Sessions, claim: jobs.Claim, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions.begin() as session:
        seen = jobs.read_leases(session)
    move_clock(monkeypatch, hours)
    with sessions.begin() as session:
        jobs.heartbeat(session, claim.job_id, claim.token, 60)
        assert jobs.take_back(session, seen, 3) == []
        assert jobs.cancel_silent(session, seen) == []
    assert read(sessions, claim.job_id).state == "running"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_lease_of_a_worker_whose_clock_is_an_hour_off_is_taken_back(
    sessions: Sessions, experiment: Ids, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        move_clock(patch, hours)
        with sessions.begin() as session:
            assert jobs.claim(session, experiment[1][0], "w", 60)
    assert take_back(sessions) == [experiment[1][0]]


def test_what_is_to_be_cancelled_ends_without_its_worker(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        seen = jobs.read_leases(session)
        assert jobs.list_to_cancel(session, seen) == []
        assert jobs.cancel_silent(session, seen) == []
        jobs.request_cancel(session, claim.experiment_id)
        assert jobs.list_to_cancel(session, seen) == [claim.job_id]
        assert jobs.cancel_silent(session, seen) == [claim.job_id]
    assert states(sessions, claim.experiment_id) == ("cancelled", ["cancelled", "cancelled"], {"cancelled"})


@pytest.mark.parametrize("hours", [-1, 1])
def test_waiting_jobs_are_rung_and_waited_for_after_the_clock_was_set(
    sessions: Sessions, experiment: Ids, hours: int
) -> None:
    """What was announced an hour from now was announced before the clock was set back."""
    with sessions.begin() as session:
        jobs.mark_announced(session, experiment[1])
        assert (jobs.list_unannounced(session, 10), jobs.is_waited_for(session, 2)) == ([], False)
        session.execute(update(Job).values(rung=now() + timedelta(hours=hours)))
        assert (jobs.list_unannounced(session, 10), jobs.is_waited_for(session, 2)) == (experiment[1], True)


def move_clock(patch: pytest.MonkeyPatch, hours: int) -> None:
    """From now on the clock of the database is so many hours ahead."""

    def read_clock(_session: Session) -> datetime:
        return now() + timedelta(hours=hours)

    for module in (jobs, state_changes):
        patch.setattr(module, "read_clock", read_clock)


def test_waiting_jobs_are_rung_after_a_while_oldest_first(sessions: Sessions, experiment: Ids) -> None:
    _, job_ids = experiment
    with sessions.begin() as session:
        assert jobs.list_unannounced(session, 3600) == []
        assert jobs.list_unannounced(session, 0) == job_ids
        assert jobs.list_unannounced(session, 0, limit=1) == job_ids[:1]
        jobs.mark_announced(session, job_ids[:1])
        assert jobs.list_unannounced(session, 3600) == []
        assert jobs.count_by_state(session) == {State.QUEUED: 2}


def test_what_each_worker_runs(sessions: Sessions, claim: jobs.Claim) -> None:
    with sessions.begin() as session:
        assert jobs.list_held(session) == {"w": [claim.job_id]}
        assert jobs.count_by_state(session) == {State.QUEUED: 1, State.RUNNING: 1}
        assert jobs.lock_experiment(session, claim.experiment_id)
        assert not jobs.lock_experiment(session, 10**6)
