"""Epochs as they are recorded, on both databases: rows, summaries, divergence, and in how many statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from core.catalogue.epoch_values import EpochValues, HistogramValues, StopValues
from core.catalogue.metrics import METRIC_NAMES
from core.db.models import EpochRow, Experiment, Histogram, Job, Run
from core.db.queries import epochs, jobs
from core.db.queries.layers import count_values, read_layers
from core.db.queries.metrics import read_batch_losses
from core.db.queries.runs import list_briefs, list_past
from core.spec import ExperimentSpec

Sessions = sessionmaker[Session]
MakeEpoch = Callable[..., EpochValues]


def record(sessions: Sessions, claim: jobs.Claim, *values: EpochValues, by_loss: tuple[int, ...] = ()) -> None:
    with sessions.begin() as session:
        epochs.record(session, claim.job_id, claim.token, claim.run_ids, values, by_loss)


def rows_of(sessions: Sessions, run_id: int) -> list[EpochRow]:
    with sessions() as session:
        return list(
            session.execute(select(EpochRow).where(EpochRow.run_id == run_id).order_by(EpochRow.epoch)).scalars()
        )


def test_an_epoch_is_written_as_it_was_measured(sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch) -> None:
    exact = [0.1 + 0.2, 1e-300, -1.7976931348623157e308]
    record(sessions, claim, make_epoch(1, train_loss=exact), make_epoch(2))
    for run_id, loss in zip(claim.run_ids, exact, strict=True):
        first, second = rows_of(sessions, run_id)
        assert (first.epoch, first.train_loss, second.epoch, second.train_loss) == (1, loss, 2, 1.0)
    losses = np.frombuffer(rows_of(sessions, claim.run_ids[2])[0].batch_losses or b"", "<f4")
    assert losses.tolist() == [5.0, 6.0]
    with sessions() as session:
        assert session.get_one(Job, claim.job_id).epoch == 2


def test_writing_again_changes_nothing(sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch) -> None:
    values = make_epoch(1, diverged=(1,), validation_score=[0.5, np.nan, 0.6])
    record(sessions, claim, values)
    with sessions() as session:
        before = [(run.last, run.best, run.state) for run in session.execute(select(Run).order_by(Run.id)).scalars()]
    record(sessions, claim, values)
    with sessions() as session:
        after = [(run.last, run.best, run.state) for run in session.execute(select(Run).order_by(Run.id)).scalars()]
        assert session.execute(select(func.count()).select_from(EpochRow)).scalar_one() == 3
    assert after == before


def test_last_and_best(sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch) -> None:
    """Highest score; ties go to the lower loss, then to the earlier epoch; over batches and within one."""
    record(sessions, claim, make_epoch(1, validation_score=[0.5, 0.5, 0.9], validation_loss=[3.0, 3.0, np.inf]))
    record(
        sessions,
        claim,
        make_epoch(2, validation_score=[0.5, 0.4, 0.8], validation_loss=[2.0, 1.0, 0.1]),
        make_epoch(3, validation_score=[0.5, 0.5, 0.9], validation_loss=[2.0, 3.0, np.inf]),
    )
    with sessions() as session:
        runs = [session.get_one(Run, run_id) for run_id in claim.run_ids]
    assert [(run.best or {})["epoch"] for run in runs] == [2, 1, 1]
    assert [(run.last or {})["epoch"] for run in runs] == [3, 3, 3]
    assert (runs[2].best or {})["validation_loss"] is None
    assert set(runs[0].last or {}) == {"epoch", *METRIC_NAMES}


def test_a_run_that_diverges_stops_and_its_neighbours_go_on(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    nan = [1.0, np.nan, 1.0]
    histogram = tuple(HistogramValues(run, "layer", 0.0, 1.0, np.arange(3, dtype=np.uint32)) for run in range(3))
    last = make_epoch(4, train_loss=nan, validation_score=nan)
    last = EpochValues(4, last.metrics, last.batch_losses, (), histogram)
    record(sessions, claim, make_epoch(1), make_epoch(2, diverged=(1,), train_loss=nan, validation_score=nan))
    record(sessions, claim, make_epoch(3, train_loss=nan), last)
    assert [len(rows_of(sessions, run_id)) for run_id in claim.run_ids] == [4, 2, 4]
    row = rows_of(sessions, claim.run_ids[1])[1]
    assert (row.train_loss, row.validation_loss) == (None, 1.0)
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, np.zeros(3), np.zeros(3))
    with sessions() as session:
        runs = [session.get_one(Run, run_id) for run_id in claim.run_ids]
        kept = session.execute(select(Histogram.run_id).order_by(Histogram.run_id)).scalars().all()
    assert [(run.state, run.diverged_epoch) for run in runs] == [
        ("completed", None),
        ("diverged", 2),
        ("completed", None),
    ]
    assert ((runs[1].last or {})["epoch"], (runs[1].best or {})["epoch"]) == (2, 1)
    assert list(kept) == [claim.run_ids[0], claim.run_ids[2]]


def test_the_state_before_the_first_step_is_a_row_and_never_best_or_last(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    """What only a step has is null there; the job counts the epochs that it trained."""
    start = make_epoch(0, validation_score=[9.0] * 3, validation_loss=[-9.0] * 3, gradient_norm=[np.nan] * 3)
    bars = (HistogramValues(0, "layer", 0.0, 1.0, np.arange(3, dtype=np.uint32)),)
    start = replace(start, batch_losses=np.empty((3, 0), np.float32), histograms=bars)
    record(sessions, claim, replace(make_epoch(1), start=start))
    rows = rows_of(sessions, claim.run_ids[0])
    assert [row.epoch for row in rows] == [0, 1]
    assert (rows[0].validation_score, rows[0].gradient_norm, rows[0].batch_losses) == (9.0, None, None)
    with sessions() as session:
        assert session.get_one(Job, claim.job_id).epoch == 1
        run = session.get_one(Run, claim.run_ids[0])
        assert ((run.last or {})["epoch"], (run.best or {})["epoch"]) == (1, 1)
        assert session.execute(select(Histogram.epoch)).scalars().all() == [0]
        assert list(read_batch_losses(session, claim.run_ids)[claim.run_ids[0]]) == [1]


def test_layers_come_back_by_run_and_epoch(sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch) -> None:
    """Nothing of a run that has no values any more; a rewind takes them back."""
    generator = np.random.default_rng(0)
    values = [
        replace(make_epoch(number), layers=generator.normal(size=(3, 2, 3)).astype(np.float32)) for number in range(4)
    ]
    for each in values:
        assert each.layers is not None
        each.layers[0, 1, 2] = np.nan
    assert values[3].layers is not None
    values[3].layers[1] = np.nan
    with sessions.begin() as session:
        jobs.keep_layers(session, claim.job_id, claim.token, ("hidden", "output"))
    record(sessions, claim, replace(values[1], start=values[0]), *values[2:])
    with sessions() as session:
        found = read_layers(session, claim.experiment_id)
        assert count_values(session, claim.experiment_id) == 3 * 4 * 2 * 3
        assert count_values(session, claim.experiment_id, claim.run_ids[:1]) == 4 * 2 * 3
    assert [own.run_id for own in found] == claim.run_ids
    assert [own.epochs.tolist() for own in found] == [[0, 1, 2, 3], [0, 1, 2], [0, 1, 2, 3]]
    for run, own in enumerate(found):
        assert own.layers == ["hidden", "output"]
        for epoch, layers in zip(own.epochs, own.values, strict=True):
            expected = values[epoch].layers
            assert expected is not None
            assert np.array_equal(layers, expected[run], equal_nan=True)
    with sessions.begin() as session:
        jobs.rewind(session, claim.job_id, claim.token, 1, claim.run_ids)
        (own,) = read_layers(session, claim.experiment_id, claim.run_ids[:1])
        assert own.epochs.tolist() == [0, 1]


def test_a_run_that_stops_has_rows_up_to_that_epoch_and_completes(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    nan = [1.0, np.nan, np.nan]
    stops = (StopValues(1, "halving"), StopValues(2, "tolerance"))
    second = make_epoch(2, stopped=stops[:1])
    record(sessions, claim, make_epoch(1), second)
    # Told again, and another: nothing changes but for that one.
    record(sessions, claim, second, make_epoch(3, train_loss=[1.0, np.nan, 1.0], stopped=stops[1:]))
    record(sessions, claim, make_epoch(4, train_loss=nan, validation_score=nan))
    assert [len(rows_of(sessions, run_id)) for run_id in claim.run_ids] == [4, 2, 3]
    with sessions() as session:
        briefs = list_briefs(session, [claim.experiment_id])[claim.experiment_id][:3]
        assert {run.state for run in briefs} == {"running"}
        assert [run.ended_epoch for run in briefs] == [None, 2, 3]
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, np.zeros(3), np.zeros(3))
    with sessions() as session:
        runs = [session.get_one(Run, run_id) for run_id in claim.run_ids]
    ends = [(run.state, run.stopped_epoch, run.stopped_by) for run in runs]
    assert ends == [("completed", None, None), ("completed", 2, "halving"), ("completed", 3, "tolerance")]
    assert [((run.last or {})["epoch"], (run.test or {})["test_loss"]) for run in runs] == [(4, 0), (2, 0), (3, 0)]


def test_under_early_stopping_the_lowest_loss_is_best(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    """Of equal losses the earlier; a run beside it goes by its score."""
    record(
        sessions, claim, make_epoch(1, validation_score=[0.9] * 3, validation_loss=[3.0, np.inf, 3.0]), by_loss=(0, 1)
    )
    two = make_epoch(2, validation_score=[0.5, np.nan, 0.5], validation_loss=[2.0, 9.0, 2.0])
    three = make_epoch(3, validation_score=[0.8] * 3, validation_loss=[2.0, 9.0, 2.0])
    record(sessions, claim, two, three, by_loss=(0, 1))
    with sessions() as session:
        runs = [session.get_one(Run, run_id) for run_id in claim.run_ids]
        briefs = list_briefs(session, [claim.experiment_id])[claim.experiment_id]
    assert [(run.best or {})["epoch"] for run in runs] == [2, 2, 1]
    assert briefs[0].best == {"validation_score": 0.5, "validation_loss": 2.0}
    assert briefs[0].last == {"validation_score": 0.8, "validation_loss": 2.0}
    assert briefs[1].best == {"validation_score": None, "validation_loss": 9.0}


def test_a_job_taken_back_forgets_who_stopped(sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch) -> None:
    record(sessions, claim, make_epoch(1, stopped=(StopValues(0, "early_stopping"),)))
    with sessions.begin() as session:
        jobs.release(session, claim.job_id, claim.token)
    with sessions.begin() as session:
        again = jobs.claim(session, claim.job_id, "w", 60)
        assert again is not None
        jobs.rewind(session, claim.job_id, again.token, 0, claim.run_ids)
    record(sessions, again, make_epoch(1), make_epoch(2))
    with sessions() as session:
        run = session.get_one(Run, claim.run_ids[0])
    assert (run.stopped_epoch, run.stopped_by, (run.last or {})["epoch"]) == (None, None, 2)


def test_what_stopped_runs_did_not_train_is_no_past(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    spec = {"dataset": {"name": "digits"}, "network": {"name": "linear"}, "optimizer": {"name": "sgd"}, "epochs": 9}
    with sessions.begin() as session:
        session.get_one(Experiment, claim.experiment_id).spec = spec
    record(sessions, claim, make_epoch(1, stopped=(StopValues(0, "halving"),)), make_epoch(2, diverged=(1,)))
    record(sessions, claim, make_epoch(3), make_epoch(4))
    with sessions.begin() as session:
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, np.zeros(3), np.zeros(3))
    with sessions() as session:
        (past,) = list_past(session)
    assert (past.run_epochs, past.runs) == (1 + 2 + 4, 3)
    assert past.spec == ExperimentSpec.model_validate(spec)


def test_histograms_come_back_bit_for_bit(sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch) -> None:
    counts = np.array([0, 1, 2**32 - 1], np.uint32)
    layer = 'a "layer"\\ of {weights}, λ'
    values = make_epoch(1)
    record(
        sessions,
        claim,
        EpochValues(1, values.metrics, values.batch_losses, (), (HistogramValues(0, layer, -0.5, 0.25, counts),)),
    )
    with sessions() as session:
        found = session.execute(select(Histogram)).scalar_one()
    assert (found.run_id, found.epoch, found.layer, found.low, found.high) == (claim.run_ids[0], 1, layer, -0.5, 0.25)
    assert np.frombuffer(found.counts, "<u4").tolist() == counts.tolist()


@pytest.mark.parametrize("epoch", ["an epoch", "its end"])
def test_an_epoch_takes_as_many_statements_for_64_runs_as_for_four(sessions: Sessions, epoch: str) -> None:
    """What makes its transaction a short one; benchmarks.recording measures how short."""
    sent = {runs: list_statements(sessions, claim_runs(sessions, runs), epoch == "its end") for runs in (4, 64)}
    assert sent[4] == sent[64]
    # On PostgreSQL the driver's executemany would send a row at a time.
    many = {many for _, many in sent[64] if many}
    assert many == ({True} if find_dialect(sessions) == "sqlite" else set())


def claim_runs(sessions: Sessions, runs: int) -> jobs.Claim:
    with sessions.begin() as session:
        experiment = Experiment(name="", notes="", spec={})
        session.add(experiment)
        session.flush()
        job = Job(experiment_id=experiment.id, epochs=100)
        session.add(job)
        session.flush()
        own = {"experiment_id": experiment.id, "job_id": job.id, "regularizer": "l2", "strength": 1.0}
        session.add_all([Run(**own, seed=seed) for seed in range(runs)])
        session.flush()
        claim = jobs.claim(session, job.id, "w", 60)
    assert claim is not None
    return claim


def list_statements(sessions: Sessions, claim: jobs.Claim, ends: bool) -> list[tuple[str, bool]]:
    """Those of one recorded epoch, and which are an executemany; if it ``ends``, half its runs diverge, half stop."""
    runs = len(claim.run_ids)
    layers, counts = ("0.weight", "2.weight"), np.zeros(4, np.uint32)
    values = EpochValues(
        1,
        {name: np.ones(runs) for name in METRIC_NAMES},
        np.ones((runs, 19), np.float32),
        tuple(range(0, runs, 2)) if ends else (),
        tuple(HistogramValues(run, layer, -1.0, 1.0, counts) for run in range(runs) for layer in layers),
        stopped=tuple(StopValues(run, "halving") for run in range(1, runs, 2)) if ends else (),
    )
    sent: list[tuple[str, bool]] = []

    def see(*told: Any) -> None:
        _, _, statement, _, _, many = told
        sent.append((statement, many))

    engine: Engine = sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", see)
    try:
        record(sessions, claim, values)
    finally:
        event.remove(engine, "before_cursor_execute", see)
    return sent


def find_dialect(sessions: Sessions) -> str:
    engine: Engine = sessions.kw["bind"]
    return engine.dialect.name


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_arrays_are_escaped_as_postgresql_reads_them(
    sessions: Sessions, claim: jobs.Claim, make_epoch: MakeEpoch
) -> None:
    losses = np.frombuffer(bytes(range(24)), np.float32).reshape(3, 2)
    values = make_epoch(1)
    record(sessions, claim, EpochValues(1, values.metrics, losses))
    written = b"".join(rows_of(sessions, run_id)[0].batch_losses or b"" for run_id in claim.run_ids)
    assert written == bytes(range(24))
