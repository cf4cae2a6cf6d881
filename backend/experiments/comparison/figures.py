"""The joint charts of several experiments."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.experiments.comparison.experiments import find_experiments
from backend.figures.charts.comparison import Path, draw_paths, list_styles
from backend.figures.figure_set import write_column
from backend.figures.metrics import FIGURES
from backend.schemas.figures import ComparisonFigures, FigureColumn
from core.analysis.cells import summarize_cells
from core.catalogue import DATASETS
from core.db.queries.runs import list_briefs
from core.spec import ExperimentSpec
from core.spec.stopping import stops_early


def draw_figures(session: Session, ids: Sequence[int]) -> ComparisonFigures:
    """Raises NotFoundError and InvalidSpecError."""
    experiments = find_experiments(session, ids)
    specs = [ExperimentSpec.model_validate(experiment.spec) for experiment in experiments]
    styles = list_styles([experiment.id for experiment in experiments])
    tasks = {DATASETS[spec.dataset.name].task for spec in specs}
    if len(tasks) > 1:
        return ComparisonFigures(columns=[], styles=styles)
    briefs = list_briefs(session, [experiment.id for experiment in experiments])
    paths = [
        Path(style, summarize_cells(briefs[style.experiment], stops_early(spec)))
        for style, spec in zip(styles, specs, strict=True)
    ]
    columns = draw_paths(paths, FIGURES["strength"], tasks.pop())
    return ComparisonFigures(
        columns=[FigureColumn.model_validate(write_column(column)) for column in columns], styles=styles
    )
