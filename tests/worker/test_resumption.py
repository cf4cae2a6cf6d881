"""Jobs that resume from a checkpoint have the rows of an uninterrupted job, through a real worker on both stacks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from core.db.models import EpochRow, Job, Run
from core.db.queries import lifecycle
from core.db.queries.outcomes import read_hits, read_losses
from core.db.states import State
from core.settings import Settings
from core.spec import ExperimentSpec, Extension
from tests.installation import SMALL, Installation

# Some seconds of training, so that there are checkpoints in the middle of it.
LONG: dict[str, Any] = SMALL | {
    "optimizer": {"name": "adam", "learning_rate": 0.001},
    "regularizers": [{"name": "dropout", "strengths": [0.2, 0.5]}, {"name": "l1", "strengths": [0.001]}],
    "epochs": 600,
}
NOT_COMPARED = {"run_id", "seconds"}
COLUMNS = [column for column in EpochRow.__table__.columns if column.name not in NOT_COMPARED]
Rows = dict[tuple[str, float, int], list[tuple[Any, ...]]]
Ends = dict[tuple[str, float, int], tuple[Any, ...]]


@pytest.fixture(scope="module")
def quick(stack: Settings) -> Settings:
    return stack.model_copy(update={"checkpoint_seconds": 0.2, "slice_seconds": 1.0})


@pytest.fixture(scope="module")
def place(quick: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(quick, tmp_path_factory.mktemp("resumption"))
    installation.start_worker()
    yield installation
    installation.close()


def read_rows(place: Installation, experiment_id: int) -> Rows:
    """By run: every row, but for the seconds."""
    wanted = (
        select(Run.regularizer, Run.strength, Run.seed, *COLUMNS)
        .join(EpochRow, EpochRow.run_id == Run.id)
        .where(Run.experiment_id == experiment_id)
        .order_by(EpochRow.epoch)
    )
    rows: Rows = {}
    for regularizer, strength, seed, *cells in place.read(lambda s: s.execute(wanted).all()):
        rows.setdefault((regularizer, strength, seed), []).append(tuple(cells))
    return rows


def read_ends(place: Installation, experiment_id: int) -> Ends:
    """By run: test loss and score, the outcome of each test example, and the file of its weights."""
    runs = place.runs(experiment_id)
    losses = place.read(lambda s: read_losses(s, [run.id for run in runs]))
    hits = place.read(lambda s: read_hits(s, [run.id for run in runs]))
    folder = place.settings.checkpoint_folder
    assert folder is not None
    return {
        (run.regularizer, run.strength, run.seed): (
            run.test,
            losses[run.id].tobytes(),
            hits[run.id].tobytes(),
            (folder / f"job-{run.job_id}" / str(run.weights)).read_bytes(),
        )
        for run in runs
    }


@pytest.fixture(scope="module")
def whole(place: Installation) -> int:
    """Trained without a disturbance."""
    experiment_id = place.submit(LONG)
    place.wait_for_state(experiment_id, "completed", 120)
    return experiment_id


@pytest.fixture(scope="module")
def undisturbed(place: Installation, whole: int) -> Rows:
    rows = read_rows(place, whole)
    assert all(len(own) == LONG["epochs"] + 1 for own in rows.values())
    return rows


@pytest.fixture(scope="module")
def undisturbed_ends(place: Installation, whole: int) -> Ends:
    return read_ends(place, whole)


def go_on(place: Installation, experiment_id: int, state: State) -> None:
    with place.sessions.begin() as session:
        job_ids = lifecycle.requeue(session, experiment_id, state)
    for job_id in job_ids:
        place.announce(job_id)


def test_a_cancelled_job_resumes_from_its_checkpoint(
    place: Installation, undisturbed: Rows, undisturbed_ends: Ends
) -> None:
    experiment_id = place.submit(LONG)
    place.wait(lambda: place.job(experiment_id).checkpoints)
    place.cancel(experiment_id)
    place.wait_for_state(experiment_id, "cancelled")
    kept = place.job(experiment_id).checkpoints[0]["epoch"]
    before = read_rows(place, experiment_id)
    assert 0 < kept < LONG["epochs"]
    go_on(place, experiment_id, State.CANCELLED)
    place.wait_for_state(experiment_id, "completed", 120)
    job = place.job(experiment_id)
    assert (job.attempt, job.failures) == (2, 0)
    # Only what came after the checkpoint was trained again.
    recorded = max(len(rows) for rows in before.values())
    assert job.rewinds == ([[2, kept]] if recorded > kept else [])
    assert read_rows(place, experiment_id) == undisturbed
    assert job.checkpoints[0]["epoch"] == LONG["epochs"]
    folder = place.settings.checkpoint_folder
    assert folder is not None
    files = {path.name for path in (folder / f"job-{job.id}").iterdir()}
    weights = {run.weights for run in place.runs(experiment_id)}
    assert len(weights) == len(place.runs(experiment_id))
    assert files == {checkpoint["name"] for checkpoint in job.checkpoints} | weights
    assert read_ends(place, experiment_id) == undisturbed_ends


def test_more_epochs_leave_the_rows_that_are_there(
    place: Installation, undisturbed: Rows, undisturbed_ends: Ends
) -> None:
    epochs = LONG["epochs"] - 200
    experiment_id = place.submit(LONG | {"epochs": epochs})
    place.wait_for_state(experiment_id, "completed", 120)
    stamp = text(
        "SELECT max(seconds) FROM epochs JOIN runs ON runs.id = run_id WHERE experiment_id = :id AND epoch <= :epoch"
    )
    seconds = place.read(lambda s: s.execute(stamp, {"id": experiment_id, "epoch": epochs}).scalar_one())
    with place.sessions.begin() as session:
        (job_id,) = lifecycle.extend(
            session, experiment_id, Extension(epochs=LONG["epochs"]), lambda spec: None, slots=1
        )
    place.announce(job_id)
    place.wait_for_state(experiment_id, "completed", 120)
    assert place.job(experiment_id).rewinds == []
    assert read_rows(place, experiment_id) == undisturbed
    assert read_ends(place, experiment_id) == undisturbed_ends
    # Not even the seconds of the old rows are others: they were not trained again.
    assert place.read(lambda s: s.execute(stamp, {"id": experiment_id, "epoch": epochs}).scalar_one()) == seconds


def test_a_long_job_makes_room_for_those_that_wait_and_comes_back(place: Installation, undisturbed: Rows) -> None:
    long = place.submit(LONG | {"epochs": 20_000})
    place.wait_for_rows(long)
    start = time.monotonic()
    short = place.submit(SMALL)
    place.wait_for_state(short, "completed", 30)
    assert time.monotonic() - start < 20
    job = place.job(long)
    assert job.state in ("queued", "running")
    assert (job.failures, job.rewinds, job.error) == (0, [], None)
    done = job.epoch
    place.wait(lambda: place.job(long).epoch > done and place.job(long).attempt > 1)
    place.cancel(long)
    place.wait_for_state(long, "cancelled")
    rows = read_rows(place, long)
    assert all(own[:500] == undisturbed[run][:500] for run, own in rows.items() if len(own) >= 500)
    assert place.read(lambda s: s.execute(select(Job.id).where(Job.state.in_(["queued", "running"]))).all()) == []
    assert ExperimentSpec.model_validate(SMALL).epochs == 4
