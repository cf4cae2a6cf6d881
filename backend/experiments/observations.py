"""What the curves of an experiment show, in checked sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from sqlalchemy.orm import Session

from backend.experiments.serializers import score_guess
from core.analysis.design import Design
from core.analysis.observations.baseline import observe_by_heart, observe_turn
from core.analysis.observations.observation import Ends, Matrix, Observation, RunEnd
from core.analysis.observations.strengths import observe_gap, observe_nothing_learnt
from core.analysis.verdict import Verdict
from core.catalogue import DATASETS
from core.catalogue.design import find_design
from core.db.models import Run
from core.db.queries.metrics import read_columns
from core.db.queries.runs import list_runs
from core.db.states import State
from core.spec import BASELINE, ExperimentSpec
from core.spec.stopping import find_patience

_ENDS = ("train_loss", "validation_loss", "train_score", "validation_score")
_CURVES = ("validation_loss", "train_score")
# By regularizer, by strength.
Paths = dict[str, dict[float, dict[Hashable, RunEnd]]]


def read_observations(
    session: Session, experiment_id: int, spec: ExperimentSpec, verdicts: Sequence[Verdict]
) -> list[Observation]:
    """``verdicts``: of the same experiment, the best first: its strength is the one whose gap is told."""
    runs = list_runs(session, experiment_id)
    paths = _list_ends(runs, spec)
    baseline = paths.get(BASELINE, {}).get(0.0, {})
    task, guess, design = DATASETS[spec.dataset.name].task, score_guess(spec), find_design(spec)
    found = [
        *_observe_baseline(session, [run for run in runs if run.regularizer == BASELINE], baseline, task, design),
        _observe_gap(paths, baseline, verdicts, design),
        *(observe_nothing_learnt(key, path, baseline, guess, task) for key, path in paths.items() if key != BASELINE),
    ]
    return [observation for observation in found if observation is not None]


def _list_ends(runs: Sequence[Run], spec: ExperimentSpec) -> Paths:
    """Of runs that have completed. Under early stopping the best epoch counts."""
    paths: Paths = {}
    for run in runs:
        if run.state == State.COMPLETED and run.stopped_by != "halving":
            row = (run.best if find_patience(spec, run) is not None else run.last) or {}
            values = [row.get(name) for name in _ENDS]
            known = [float(value) for value in values if value is not None and math.isfinite(value)]
            if len(known) == len(_ENDS):
                own = paths.setdefault(run.regularizer, {}).setdefault(run.strength, {})
                own[run.seed, run.split] = RunEnd(*known)
    return paths


def _observe_baseline(
    session: Session, runs: Sequence[Run], ends: Ends, task: str, design: Design
) -> list[Observation | None]:
    sound = [run for run in runs if run.diverged_epoch is None]
    complete = len(sound) == len(ends) == len(runs)
    validation, train = _read_curves(session, sound)
    by_heart = observe_by_heart(ends, train, design) if complete and task == "classification" else None
    return [observe_turn(validation, complete=complete, design=design), by_heart]


def _read_curves(session: Session, runs: Sequence[Run]) -> list[Matrix]:
    """By metric, (runs, epochs) from epoch 1 on, up to the last that all which have begun have come to."""
    columns = [own for own in read_columns(session, [run.id for run in runs], _CURVES) if (own.epochs > 0).any()]
    length = min((int(own.epochs.max()) for own in columns), default=0)
    curves = []
    for name in _CURVES:
        rows = [own.metrics[name][(own.epochs > 0) & (own.epochs <= length)] for own in columns]
        curves.append(np.array(rows, np.float64).reshape(len(columns), length))
    return curves


def _observe_gap(
    paths: Mapping[str, Mapping[float, Ends]], baseline: Ends, verdicts: Sequence[Verdict], design: Design
) -> Observation | None:
    chosen = next((verdict for verdict in verdicts if verdict.selection is not None), None)
    if chosen is None or chosen.selection is None:
        return None
    strength = chosen.selection.minimum.strength
    own = paths.get(chosen.regularizer, {}).get(strength, {})
    return observe_gap(chosen.regularizer, strength, own, baseline, design)
