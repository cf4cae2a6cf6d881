"""The answer of an experiment: which regularizer, at which strength, and whether the difference is real."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy.orm import Session

from backend.experiments.observations import read_observations
from core.analysis.cells import read_value, summarize_cells
from core.analysis.cross_fitting import Replicate, Vector
from core.analysis.design import Design
from core.analysis.formatting import Task
from core.analysis.next_steps import suggest_steps
from core.analysis.selection import Metric
from core.analysis.verdict import Answer, judge
from core.catalogue import DATASETS
from core.catalogue.design import find_design
from core.db.queries.experiments import get
from core.db.queries.outcomes import read_hits, read_losses, read_scales
from core.db.queries.runs import RunBrief, list_briefs
from core.db.states import TERMINAL, State
from core.spec import ExperimentSpec
from core.spec.experiment import MAX_SEEDS
from core.spec.stopping import stops_early


def read_answer(session: Session, experiment_id: int, metric: Metric) -> Answer:
    """Raises NotFoundError."""
    spec = ExperimentSpec.model_validate(get(session, experiment_id).spec)
    task, early = DATASETS[spec.dataset.name].task, stops_early(spec)
    briefs = list_briefs(session, [experiment_id])[experiment_id]
    replicates, design = read_replicates(session, spec, briefs, metric), find_design(spec)
    cells, missing = summarize_cells(briefs, early), describe_missing(briefs)
    answer = judge(cells, replicates, metric, task, missing=missing, design=design)
    answer = replace(answer, observations=read_observations(session, experiment_id, spec, answer.verdicts))
    # Halving has compared all strengths as it went; it cannot be extended.
    return answer if spec.halving is not None else _add_steps(answer, spec, design)


def read_replicates(
    session: Session, spec: ExperimentSpec, briefs: Sequence[RunBrief], metric: Metric
) -> dict[tuple[str, float], dict[Hashable, Replicate]]:
    """By (regularizer, strength), by (seed, split): the runs of an experiment that have a value on validation."""
    task, early = DATASETS[spec.dataset.name].task, stops_early(spec)
    # A run that goes on, as after an extension, has outcomes of weights that its validation is not of.
    ended = [brief.id for brief in briefs if brief.state == State.COMPLETED]
    outcomes = _read_outcomes(session, ended, metric, task)
    replicates: dict[tuple[str, float], dict[Hashable, Replicate]] = {}
    for brief in briefs:
        value = read_value(brief, f"validation_{metric}", early)
        if value is not None:
            gain = value if metric == "score" else -value
            own = replicates.setdefault((brief.regularizer, brief.strength), {})
            own[brief.seed, brief.split] = Replicate(gain, outcomes.get(brief.id))
    return replicates


def _add_steps(answer: Answer, spec: ExperimentSpec, design: Design) -> Answer:
    by_key = {regularizer.key: regularizer for regularizer in spec.regularizers}
    verdicts = []
    for verdict in answer.verdicts:
        own = by_key[verdict.regularizer]
        steps = suggest_steps(
            own.key,
            own.values(),
            verdict.selection,
            verdict.resolution,
            design=design,
            most_seeds=0 if spec.trains_seeds_alike else MAX_SEEDS,
            is_legal=own.legal.holds,
        )
        verdicts.append(replace(verdict, next_steps=steps))
    return replace(answer, verdicts=verdicts)


def _read_outcomes(session: Session, run_ids: Sequence[int], metric: Metric, task: Task) -> dict[int, Vector]:
    """By run: the metric of each test example, whose mean is the test metric (of R² but for a constant)."""
    if metric == "score" and task == "classification":
        return dict(read_hits(session, run_ids))
    losses = read_losses(session, run_ids)
    if metric == "loss":
        return dict(losses)
    # R² = 1 − loss / scale.
    scales = read_scales(session, run_ids)
    tested = {run_id: own for run_id, own in losses.items() if run_id in scales}
    return {run_id: np.divide(own, -scales[run_id], dtype=np.float64) for run_id, own in tested.items()}


def describe_missing(briefs: Sequence[RunBrief]) -> str | None:
    left = sum(brief.state not in TERMINAL for brief in briefs)
    return f"{left} of {len(briefs)} runs have not ended" if left else None
