"""A dead worker or trainer is rescued, and the result is as if nothing had happened: not a bit of it differs."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest

from core.spec import ExperimentSpec
from tests.faults import audit
from tests.faults.conftest import Workers
from tests.faults.figures import Trial
from tests.faults.killer import Killer
from tests.faults.scale import FULL, promise
from tests.faults.undisturbed import Undisturbeds, count_rows, list_differences, make_undisturbeds
from tests.installation import Installation
from tests.worker.training.sweeps import OPTIMIZERS, RESIDUAL, make_spec, regularize

STUCK_SECONDS = 60
WORKERS = 2 if FULL else 1
MOMENTS = ("random", "checkpoint", "random", "claim", "random", "end")


def make_specs() -> dict[str, ExperimentSpec]:
    """By name. Every regularizer under every optimizer, with a run that diverges and one that stops early; and what
    needs a network of its own."""
    l2, *others = regularize()
    chosen = [l2 | {"strengths": [0.01, 1e6]}, *others, {"name": "early_stopping", "strengths": [3]}]
    specs = {name: make_spec("mlp", name, regularizers=chosen, epochs=120) for name in OPTIMIZERS}
    specs["resnet"] = make_spec("resnet", "nesterov", regularizers=regularize("l1", "sam", *RESIDUAL), epochs=80)
    fista: dict[str, Any] = {"optimizer": {"name": "fista"}, "batch_size": "full", "precision": "float64"}
    specs["fista"] = make_spec("linear", regularizers=regularize("l1", "l2"), epochs=1_000, **fista)
    return specs if FULL else {"adam": specs["adam"]}


@pytest.fixture(scope="session")
def undisturbeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbeds]:
    with make_undisturbeds(tmp_path_factory.mktemp("undisturbed")) as undisturbeds:
        yield undisturbeds


@promise("a dead worker is rescued", small=2, full=100, minutes=25)
def test_a_dead_worker_is_rescued_as_if_nothing_had_happened(
    installation: Installation, workers: Workers, undisturbeds: Undisturbeds, trial: Trial
) -> None:
    """``number``: of kills, two of a trainer for each of a worker; with the settings of every other test, so that three
    attempts in a row that get no further fail a job: none is killed again before it got further."""
    specs = make_specs()
    turns = iter(range(10**6))

    def submit() -> tuple[int, str] | None:
        turn = next(turns)
        if sum(killer.victims.values()) == trial.number and turn >= len(specs):
            return None
        name = list(specs)[turn % len(specs)]
        undisturbeds.begin(name, specs[name])
        return installation.submit(specs[name].model_dump(mode="json")), name

    workers(WORKERS)
    killer = Killer(installation, WORKERS, submit, trial.random, trial.number // len(specs))
    for turn in range(trial.number):
        killer.kill(MOMENTS[turn % len(MOMENTS)], "worker" if turn % 3 == 1 else "trainer")
        trial.see(kills=turn + 1)
    killer.finish(STUCK_SECONDS)
    judge(installation, undisturbeds, killer, trial)


def judge(installation: Installation, undisturbeds: Undisturbeds, killer: Killer, trial: Trial) -> None:
    jobs = {experiment: installation.job(experiment) for experiment in killer.watched}
    names = {experiment: watched.name for experiment, watched in killer.watched.items()}
    lost = [experiment for experiment, job in jobs.items() if job.state != "completed"]
    written = sum(len(rows) for experiment in jobs for rows in installation.epochs(experiment).values())
    expected = sum(count_rows(undisturbeds.get(name)) for name in names.values())
    twice = [stray for job in jobs.values() for stray in audit.list_strays(installation, job.id)]
    completed = [experiment for experiment in jobs if experiment not in lost]
    different = {
        f"{names[experiment]} of experiment {experiment}": found
        for experiment in completed
        if (found := list_differences(installation, experiment, undisturbeds.get(names[experiment])))
    }
    trial.see(
        of_workers=killer.victims["worker"],
        at=dict(killer.moments),
        partial_files_left_by_them=killer.torn,
        jobs=len(jobs),
        kinds_of_job=len(set(names.values())),
        kinds_killed=len({watched.name for watched in killer.watched.values() if watched.kills}),
        attempts=sum(job.attempt for job in jobs.values()),
        most_attempts=max(job.attempt for job in jobs.values()),
        lost=len(lost),
        longest_without_change_seconds=killer.longest_still,
        until_claimed_again_p50_seconds=median(killer.rescues),
        until_claimed_again_max_seconds=max(killer.rescues),
        rows=written,
        missing=expected - written,
        written_twice=len(twice),
        jobs_that_differ=len(different),
    )
    assert (lost, twice, different) == ([], [], {})
    assert written == expected
    assert killer.longest_still < STUCK_SECONDS
    assert len({watched.name for watched in killer.watched.values() if watched.kills}) == len(make_specs()) or not FULL
