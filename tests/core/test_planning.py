"""From a spec to runs and jobs: every run once, seeds together, strengths spread."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.planning import count_run_epochs, plan_jobs, plan_runs
from core.spec import ExperimentSpec, PlannedRun


def make_spec(strengths: dict[str, int], seeds: int) -> ExperimentSpec:
    entries: list[dict[str, Any]] = [
        {"name": name, "strengths": [i / 1000 for i in range(count)]} for name, count in strengths.items()
    ]
    return ExperimentSpec.model_validate(
        {
            "dataset": {"name": "digits"},
            "network": {"name": "mlp"},
            "optimizer": {"name": "adam"},
            "regularizers": entries,
            "seeds": seeds,
        }
    )


specs = st.builds(
    make_spec, st.dictionaries(st.sampled_from(["l1", "l2", "dropout"]), st.integers(1, 30)), st.integers(1, 10)
)


@given(specs)
def test_every_run_is_planned_once_the_baseline_first(spec: ExperimentSpec) -> None:
    runs = plan_runs(spec)
    seeds = spec.list_seeds()
    assert runs[: len(seeds)] == [PlannedRun("none", 0.0, seed) for seed in seeds]
    assert len(runs) == len(set(runs)) == spec.count_runs()


@given(specs, st.integers(1, 64), st.integers(1, 200))
def test_jobs_hold_every_run_and_part_no_cell(spec: ExperimentSpec, slots: int, most: int) -> None:
    runs = plan_runs(spec)
    jobs = plan_jobs(runs, slots, most)
    assert Counter(run for job in jobs for run in job) == Counter(runs)
    assert all(jobs)
    places: dict[tuple[str, float], set[int]] = {}
    for number, job in enumerate(jobs):
        for run in job:
            places.setdefault((run.regularizer, run.strength), set()).add(number)
    assert all(len(numbers) == 1 for numbers in places.values())
    cells = len(places)
    assert len(jobs) >= min(slots, cells)
    # Dealt in turn, so that no job is more than a cell longer than another.
    sizes = [len({(run.regularizer, run.strength) for run in job}) for job in jobs]
    assert max(sizes) - min(sizes) <= 1


def test_each_job_has_weak_and_strong_strengths() -> None:
    jobs = plan_jobs(plan_runs(make_spec({"l1": 11}, 1)), 2)
    assert [len(job) for job in jobs] == [6, 6]
    for job in jobs:
        strengths = [run.strength for run in job if run.regularizer == "l1"]
        assert min(strengths) <= 0.001
        assert max(strengths) >= 0.009


@given(specs, st.integers(1, 64), st.integers(300, 900))
def test_with_halving_a_regularizer_stays_in_one_job(spec: ExperimentSpec, slots: int, most: int) -> None:
    runs = plan_runs(spec)
    jobs = plan_jobs(runs, slots, most, together=True)
    assert Counter(run for job in jobs for run in job) == Counter(runs)
    keys = [{run.regularizer for run in job} for job in jobs]
    assert all(keys)
    assert sum(len(own) for own in keys) == len(set().union(*keys))
    assert max(len(job) for job in jobs) <= most
    assert len(jobs) >= min(slots, len(set().union(*keys)))
    for job in jobs:
        assert job == [run for run in runs if run in set(job)]


def test_the_largest_regularizers_are_spread_first() -> None:
    jobs = plan_jobs(plan_runs(make_spec({"l1": 6, "l2": 2, "dropout": 3}, 2)), 2, together=True)
    assert [len(job) for job in jobs] == [12, 12]


def test_what_halving_stops_is_not_counted() -> None:
    spec = make_spec({"l1": 6, "l2": 1}, 2)
    assert count_run_epochs(spec) == 2 * 8 * 40
    halved = spec.model_dump() | {"halving": {"at": [10, 20], "keep": 0.5}}
    # Eight cells for ten epochs, then the baseline and 3 + 1, then the baseline and 2 + 1.
    assert count_run_epochs(ExperimentSpec.model_validate(halved)) == 2 * (8 * 10 + 5 * 10 + 4 * 20)
