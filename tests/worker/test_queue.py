"""The queue from end to end, on both stacks: a real broker, a real database, a worker process, a real training."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso

from core.db.queries import coefficients, workers
from tests.installation import ENDLESS, SMALL, Installation, list_trainers
from tests.servers import ROOT, make_environment


@pytest.fixture(scope="module", autouse=True)
def worker(installation: Installation) -> subprocess.Popen[bytes]:
    return installation.start_worker()


def test_a_job_is_trained_to_its_end(installation: Installation) -> None:
    experiment = installation.submit(SMALL)
    installation.wait_for_state(experiment, "completed")
    assert list(installation.epochs(experiment).values()) == [[0, 1, 2, 3, 4]] * 3
    for run in installation.runs(experiment):
        assert run.state == "completed"
        assert (run.last or {})["epoch"] == 4
        assert 0 < (run.test or {})["test_loss"] < 10
        assert 0 <= (run.best or {})["validation_score"] <= 1
    job = installation.job(experiment)
    assert (job.attempt, job.failures, job.epoch, job.error, job.token) == (1, 0, 4, None, None)


def test_runs_that_stop_end_their_rows_and_at_last_their_job(installation: Installation) -> None:
    """Early stopping, halving and the tolerance, from the trainer's process into the database."""
    patience = [{"name": "early_stopping", "strengths": [2]}]
    l2 = [{"name": "l2", "strengths": [0.001, 0.01, 100.0]}]
    fast = {"optimizer": {"name": "adam", "learning_rate": 0.05}, "epochs": 500}
    early = installation.submit(SMALL | fast | {"regularizers": [], "fixed": patience})
    halved = installation.submit(SMALL | fast | {"regularizers": l2, "halving": {"at": [2, 4]}, "epochs": 6})
    still = installation.submit(SMALL | {"optimizer": {"name": "sgd", "learning_rate": 1e-9}, "tolerance": 0.1})
    for experiment in (early, halved, still):
        installation.wait_for_state(experiment, "completed")
    (run,) = installation.runs(early)
    best = (run.best or {})["epoch"]
    assert (run.state, run.stopped_by, run.stopped_epoch) == ("completed", "early_stopping", best + 2)
    assert installation.epochs(early)[run.id] == list(range(best + 3))
    assert installation.job(early).epoch == best + 2 < 500
    assert (run.best or {})["validation_loss"] <= (run.last or {})["validation_loss"]
    runs = installation.runs(halved)
    assert [run.stopped_by for run in runs].count("halving") == 2
    assert {len(rows) for rows in installation.epochs(halved).values()} == {3, 5, 7}
    for run in runs:
        assert len(installation.epochs(halved)[run.id]) == (run.stopped_epoch or 6) + 1
        assert (run.state, (run.test or {})["test_loss"] > 0) == ("completed", True)
    assert {(run.stopped_by, run.stopped_epoch) for run in installation.runs(still)} == {("tolerance", 1)}
    assert installation.job(still).epoch == 1


def test_the_coefficients_of_a_linear_network_are_kept(installation: Installation) -> None:
    """scikit-learn's lasso, by way of broker, worker, trainer and database; of other networks nothing is kept."""
    strengths = [1.0, 0.1]
    lasso = {
        "dataset": {"name": "diabetes", "use_all_rows": True, "standardize": False, "target": "center"},
        "network": {"name": "linear"},
        "optimizer": {"name": "fista"},
        "regularizers": [{"name": "l1", "strengths": strengths}],
        "batch_size": "full",
        "precision": "float64",
        "epochs": 120,
        "seeds": 1,
    }
    experiment, other = installation.submit(lasso), installation.submit(SMALL)
    installation.wait_for_state(experiment, "completed")
    _, path = installation.read(lambda session: coefficients.list_paths(session, experiment))
    assert (path.regularizer, path.seed, path.strengths) == ("l1", 0, [0.1, 1.0])
    assert [run.strength for run in installation.runs(experiment) if run.id in path.run_ids] == strengths
    x, y = load_diabetes(return_X_y=True)
    for strength, weights in zip(path.strengths, path.weights, strict=True):
        expected = Lasso(strength, tol=1e-12).fit(x, y - y.mean()).coef_
        np.testing.assert_allclose(weights[0], expected, atol=1e-6)
        assert np.array_equal(weights[0] == 0, expected == 0)
    installation.wait_for_state(other, "completed")
    assert installation.read(lambda session: coefficients.list_paths(session, other)) == []


def test_the_worker_says_who_it_is(installation: Installation, worker: subprocess.Popen[bytes]) -> None:
    (row,) = installation.read(workers.list_workers)
    assert (row.pid, row.trainers) == (worker.pid, 1)
    assert row.memory_bytes
    assert row.memory_bytes > 2**28
    assert {"python", "torch", "ridgeline"} <= set(row.versions)
    done = subprocess.run(
        [sys.executable, "-m", "worker.supervisor.health"],
        cwd=ROOT,
        env=make_environment(installation.settings),
        check=False,
    )
    assert done.returncode == 0


def test_the_supervisor_has_no_torch_in_it(worker: subprocess.Popen[bytes]) -> None:
    """After a job, whose epochs it has read."""
    (trainer,) = list_trainers(worker)
    assert "libtorch" in Path(f"/proc/{trainer}/maps").read_text()
    assert "libtorch" not in Path(f"/proc/{worker.pid}/maps").read_text()


def test_messages_twice_late_or_for_nothing_do_no_harm(installation: Installation) -> None:
    installation.announce(10**9)
    experiment = installation.submit(SMALL)
    for _ in range(3):
        installation.announce(installation.job(experiment).id)
    installation.wait_for_state(experiment, "completed")
    installation.announce(installation.job(experiment).id)
    another = installation.submit(SMALL)
    installation.wait_for_state(another, "completed")
    assert (installation.job(experiment).attempt, installation.job(another).attempt) == (1, 1)
    assert list(installation.epochs(experiment).values()) == [[0, 1, 2, 3, 4]] * 3


def test_a_job_whose_message_was_lost_is_announced_again(installation: Installation) -> None:
    experiment = installation.submit(SMALL, announce=False)
    installation.wait_for_state(experiment, "completed", 10)
    assert installation.job(experiment).rung is not None


@pytest.mark.alone
def test_cancelling_stops_within_two_seconds_and_keeps_the_rows_and_the_trainer(
    installation: Installation, worker: subprocess.Popen[bytes]
) -> None:
    experiment = installation.submit(ENDLESS)
    installation.wait_for_rows(experiment)
    waiting = installation.submit(SMALL)
    installation.cancel(experiment)
    trainers = list_trainers(worker)
    assert installation.wait_for_state(experiment, "cancelled") < 2
    job, rows = installation.job(experiment), installation.epochs(experiment)
    assert job.epoch >= 3
    assert list(rows.values()) == [list(range(job.epoch + 1))] * 3
    assert {run.state for run in installation.runs(experiment)} == {"cancelled"}
    # The trainer is warm still, and the next job had only waited.
    assert installation.wait_for_state(waiting, "completed") < 5
    assert list_trainers(worker) == trainers
    assert installation.job(waiting).attempt == 1
    assert installation.epochs(experiment) == rows


def test_cancelling_what_waits_ends_it_at_once(installation: Installation) -> None:
    busy = installation.submit(ENDLESS)
    installation.wait_for_rows(busy)
    waiting = installation.submit(SMALL)
    installation.cancel(waiting)
    assert installation.job(waiting).state == "cancelled"
    installation.cancel(busy)
    installation.wait_for_state(busy, "cancelled")
    time.sleep(0.3)
    assert installation.job(waiting).attempt == 0
    assert not any(installation.epochs(waiting).values())


def test_data_that_is_not_there_fails_the_job_with_a_sentence(installation: Installation) -> None:
    experiment = installation.submit(SMALL | {"dataset": {"name": "mnist", "train_examples": 100}})
    installation.wait_for_state(experiment, "failed")
    job = installation.job(experiment)
    assert job.attempt == 1
    assert "mnist" in (job.error or "")
    assert {run.state for run in installation.runs(experiment)} == {"failed"}
    after = installation.submit(SMALL)
    installation.wait_for_state(after, "completed")
