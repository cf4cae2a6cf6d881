"""Planning: from a spec to runs, from runs to jobs. Pure."""

from __future__ import annotations

from collections import Counter

from core.spec import BASELINE, ExperimentSpec, HalvingSpec, PlannedRun

MAX_RUNS_PER_JOB = 1024

Group = list[PlannedRun]


def plan_runs(spec: ExperimentSpec) -> list[PlannedRun]:
    """Every run of the experiment, the baseline first; the replicates of one strength are neighbours."""
    replicates = spec.list_replicates()
    cells = [(BASELINE, 0.0), *((r.key, strength) for r in spec.regularizers for strength in r.values())]
    return [
        PlannedRun(regularizer, strength, seed, split) for regularizer, strength in cells for seed, split in replicates
    ]


def plan_jobs(
    runs: list[PlannedRun], slots: int, max_runs: int = MAX_RUNS_PER_JOB, *, together: bool = False
) -> list[list[PlannedRun]]:
    """Distribute the runs over jobs, one per trainer.

    All replicates of one (regularizer, strength) stay in one job, so that a mean over them never waits for another.
    Groups are distributed in turn, so that each job has weak and strong strengths and all curves grow together.
    ``together``: all strengths of one regularizer stay in one job, which halving needs to rank them;
    ``core.catalogue.check_spec`` ensures that they fit. ``slots``: how many trainers work at once, at least 1.
    """
    if together:
        return _pack(runs, slots, max_runs)
    groups: dict[tuple[str, float], Group] = {}
    for run in runs:
        groups.setdefault((run.regularizer, run.strength), []).append(run)
    count = max(min(slots, len(groups)), -(-len(runs) // max_runs))
    jobs: list[Group] = [[] for _ in range(min(count, len(groups)))]
    for index, group in enumerate(groups.values()):
        jobs[index % len(jobs)].extend(group)
    return jobs


def _pack(runs: list[PlannedRun], slots: int, max_runs: int) -> list[Group]:
    """Assign regularizers, the largest first, each to the job with the fewest runs."""
    sizes = Counter(run.regularizer for run in runs)
    jobs = [0] * min(slots, len(sizes))
    place: dict[str, int] = {}
    for key, size in sizes.most_common():
        job = jobs.index(min(jobs))
        if jobs[job] and jobs[job] + size > max_runs:
            job = len(jobs)
            jobs.append(0)
        place[key] = job
        jobs[job] += size
    return [[run for run in runs if place[run.regularizer] == job] for job in range(len(jobs))]


def count_run_epochs(spec: ExperimentSpec) -> int:
    """Epochs × runs that a spec trains at most, after halving."""
    swept = sum(count_ahead(spec.halving, len(r.values()), 0, spec.epochs) for r in spec.regularizers)
    return (spec.epochs + swept) * spec.count_replicates()


def count_ahead(halving: HalvingSpec | None, strengths: int, done: int, epochs: int) -> int:
    """Remaining epochs × strengths of a regularizer with ``strengths`` left after ``done`` epochs."""
    total = 0
    for at in [*(at for at in (halving.at if halving else []) if at > done), epochs]:
        total += strengths * (at - done)
        done, strengths = at, halving.count_kept(strengths) if halving else 0
    return total
