"""spec -> runs -> jobs. Pure."""

from __future__ import annotations

from core.spec import BASELINE, ExperimentSpec, PlannedRun

MAX_RUNS_PER_JOB = 1024


def plan_runs(spec: ExperimentSpec) -> list[PlannedRun]:
    """Every run of the experiment, the baseline first; the seeds of one strength are neighbours."""
    seeds = spec.list_seeds()
    cells = [(BASELINE, 0.0), *((r.key, strength) for r in spec.regularizers for strength in r.values())]
    return [PlannedRun(regularizer, strength, seed) for regularizer, strength in cells for seed in seeds]


def plan_jobs(runs: list[PlannedRun], slots: int, max_runs: int = MAX_RUNS_PER_JOB) -> list[list[PlannedRun]]:
    """Deal the runs to jobs, as many as there are trainers to feed.

    All seeds of one (regularizer, strength) stay in one job, so that a mean over seeds never waits for another job.
    Groups are dealt in turn, so that each job holds weak and strong strengths and all curves grow together.
    ``slots``: how many trainers work at once, at least 1.
    """
    groups: dict[tuple[str, float], list[PlannedRun]] = {}
    for run in runs:
        groups.setdefault((run.regularizer, run.strength), []).append(run)
    count = max(min(slots, len(groups)), -(-len(runs) // max_runs))
    jobs: list[list[PlannedRun]] = [[] for _ in range(min(count, len(groups)))]
    for index, group in enumerate(groups.values()):
        jobs[index % len(jobs)].extend(group)
    return jobs
