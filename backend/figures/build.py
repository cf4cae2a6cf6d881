"""Builds figure sets from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from backend.experiments.claims import ClaimsReader
from backend.experiments.coefficients import check_size
from backend.figures.charts.claims import draw_claims
from backend.figures.charts.coefficients import RunCoefficients, draw_paths
from backend.figures.charts.curves import Column, draw_columns
from backend.figures.charts.ridgelines import draw_ridgelines
from backend.figures.charts.ridges import choose
from backend.figures.charts.strength import draw_strengths
from backend.figures.curves.history import History
from backend.figures.data import RunKey, Style
from backend.figures.figure_set import DrawnSet
from backend.figures.metrics import DIFFERENCES, FIGURES
from backend.figures.request import FigureName, FigureQuery
from core.analysis.cells import summarize_cells
from core.analysis.selection import Selection, select_strength
from core.catalogue import DATASETS, name_features, name_outputs
from core.cursor import format_cursor
from core.db.models import Experiment, Run
from core.db.queries import coefficients, histograms
from core.db.queries.runs import ChartRun, list_briefs, list_chart_runs, list_jobs, list_runs
from core.db.states import TERMINAL, State
from core.errors import InvalidSpecError
from core.spec import BASELINE, ExperimentSpec, Linear
from core.spec.stopping import find_patience, stops_early


class FigureReader:
    """Draws one figure set of one experiment again and again, reading only new epochs each time.

    A fresh reader draws the same as one that has read many times. For one thread at a time.
    """

    def __init__(self, figure: FigureName, query: FigureQuery) -> None:
        self.figure = figure
        self.query = query
        self._history: tuple[frozenset[str], History] | None = None
        self._claims = ClaimsReader()

    def read(self, session: Session, experiment: Experiment) -> DrawnSet:
        """The set as of the transaction of ``session``. Raises InvalidSpecError."""
        spec = ExperimentSpec.model_validate(experiment.spec)
        keys = choose_regularizers(spec, self.query.regularizer)
        style = make_style(self.query, spec, ended=has_ended(experiment))
        if self.figure == "coefficients":
            columns = _draw_coefficients(session, experiment.id, keys, self.query.output, spec)
        elif self.figure == "claims":
            columns = draw_claims(
                self._claims.read(session, experiment), keys, _name_runs(session, experiment.id, spec)
            )
        elif self.figure == "ridgelines":
            columns = _draw_ridgelines(session, experiment.id, keys, self.query)
        elif self.figure == "strength":
            columns = _draw_strength(session, experiment.id, keys, style, spec)
        else:
            columns = self._draw_curves(session, experiment.id, keys, style, spec)
        jobs = list_jobs(session, [experiment.id])[experiment.id]
        return DrawnSet(self.figure, format_cursor(jobs), style.ended, columns)

    def _draw_curves(
        self, session: Session, experiment_id: int, keys: tuple[str, ...], style: Style, spec: ExperimentSpec
    ) -> list[Column]:
        metrics = FIGURES[self.figure]
        chosen = frozenset({*keys, BASELINE})
        if self._history is None or self._history[0] != chosen:
            self._history = chosen, History(chosen, metrics, style.axis)
        curves = self._history[1].advance(session, experiment_id)
        return draw_columns(curves, keys, metrics, style, spec.epochs)


def has_ended(experiment: Experiment) -> bool:
    return experiment.state in TERMINAL


def make_style(query: FigureQuery, spec: ExperimentSpec, *, ended: bool) -> Style:
    return Style(
        task=DATASETS[spec.dataset.name].task,
        axis=query.x,
        seeds=query.seeds,
        smoothing=query.smoothing,
        points=query.points,
        window=query.window,
        ended=ended,
        span=query.span,
    )


def choose_regularizers(spec: ExperimentSpec, asked: Sequence[str]) -> tuple[str, ...]:
    """The requested keys in the spec's order, or its first key where none is. Raises InvalidSpecError."""
    known = [entry.key for entry in spec.regularizers]
    if not asked:
        return tuple(known[:1])
    for key in asked:
        if key not in known and key != BASELINE:
            raise InvalidSpecError(
                "This experiment does not have this regularizer.",
                field="regularizer",
                expected=f"one of: {', '.join(known) or BASELINE}",
                received=key,
            )
    return tuple(key for key in known if key in asked)


def _name_runs(session: Session, experiment_id: int, spec: ExperimentSpec) -> dict[tuple[str, float, str], ChartRun]:
    name = spec.dataset.split.name_replicate
    runs = list_chart_runs(session, experiment_id)
    return {(run.regularizer, run.strength, name(run.seed, run.split)): run for run in runs}


def _draw_strength(
    session: Session, experiment_id: int, keys: tuple[str, ...], style: Style, spec: ExperimentSpec
) -> list[Column]:
    runs = [run for run in list_runs(session, experiment_id) if run.regularizer in {*keys, BASELINE}]
    # Under early stopping a run's best epoch counts.
    at_best = {run.regularizer for run in runs if find_patience(spec, run) is not None}
    rows = {run.id: _read_row(run, at_best=run.regularizer in at_best) for run in runs}
    known = [(run.regularizer, (run.test or {}).get("largest_strength")) for run in runs]
    # Runs of other splits have another; from the largest on it holds for all.
    largest = {key: max(own for k, own in known if k == key and own) for key, strength in known if strength}
    return draw_strengths(make_keys(runs), rows, keys, FIGURES["strength"], style.task, at_best, largest)


def _read_row(run: Run, *, at_best: bool) -> dict[str, Any]:
    """The row that counts, with differences; and test values, unless the run goes on, as after an extension."""
    row = (run.best if at_best else run.last) or {}
    pairs = {name: (row.get(whole), row.get(part)) for name, (whole, part) in DIFFERENCES.items()}
    differences = {name: a - b for name, (a, b) in pairs.items() if a is not None and b is not None}
    return row | differences | ((run.test or {}) if run.state == State.COMPLETED else {})


def _draw_coefficients(
    session: Session, experiment_id: int, regularizers: tuple[str, ...], output: int, spec: ExperimentSpec
) -> list[Column]:
    if not isinstance(spec.network, Linear):
        return []
    outputs = name_outputs(spec)
    if output >= len(outputs):
        raise InvalidSpecError(
            f"The network has {len(outputs)} outputs; received {output}.",
            field="output",
            expected=f"0 to {len(outputs) - 1}",
            received=output,
        )
    keys = [BASELINE, *regularizers]
    check_size(sum(coefficients.count_bytes(session, experiment_id, key) for key in keys), "regularizer", keys)
    runs = [
        RunCoefficients(path.regularizer, strength, path.seed, weights)
        for key in keys
        for path in coefficients.list_paths(session, experiment_id, key)
        for strength, weights in zip(path.strengths, path.weights, strict=True)
    ]
    is_image = len(DATASETS[spec.dataset.name].shape) == 3
    features = [f"pixel {name}" if is_image else name for name in name_features(spec.dataset)]
    return draw_paths(runs, regularizers, features, output, outputs, _choose_strengths(session, experiment_id, spec))


def _choose_strengths(session: Session, experiment_id: int, spec: ExperimentSpec) -> dict[str, Selection | None]:
    """By regularizer, as the answer chooses by the score; none where validation has the rows of training."""
    if spec.dataset.use_all_rows:
        return {}
    cells = summarize_cells(list_briefs(session, [experiment_id])[experiment_id], stops_early(spec))
    keys = {cell.regularizer for cell in cells if cell.regularizer != BASELINE}
    return {key: select_strength([cell for cell in cells if cell.regularizer == key], "score") for key in keys}


def _draw_ridgelines(
    session: Session, experiment_id: int, regularizers: tuple[str, ...], query: FigureQuery
) -> list[Column]:
    keys = [BASELINE, *regularizers]
    epochs = histograms.list_epochs(session, experiment_id, keys)
    found = defaultdict(list)
    for own in histograms.read_newest(session, experiment_id, keys, query.epoch):
        found[own.run_id].append(own)
    choice = choose(found, epochs, query.epoch, query.layer)
    if choice.layers and query.layer not in ("", *choice.layers):
        raise InvalidSpecError(
            "The network does not have this layer.",
            field="layer",
            expected=f"one of: {', '.join(choice.layers)}",
            received=query.layer,
        )
    runs = [run for run in list_runs(session, experiment_id) if run.regularizer in keys]
    return draw_ridgelines(make_keys(runs), found, regularizers, choice)


def make_keys(runs: Sequence[Run]) -> tuple[RunKey, ...]:
    return tuple(
        RunKey(
            *(run.id, run.regularizer, run.strength, run.seed),
            *(run.diverged_epoch, run.stopped_epoch, run.stopped_by, run.split),
        )
        for run in runs
    )
