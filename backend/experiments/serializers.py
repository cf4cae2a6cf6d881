"""From database rows to the API's schemas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.experiments.progress import measure_progress
from backend.schemas.experiments import ExperimentSummary, ExperimentView
from backend.schemas.jobs import JobView
from backend.schemas.runs import RunView
from core.analysis.cells import Cell, find_best, summarize_cells
from core.analysis.early_ends import summarize_stops
from core.analysis.findings import describe_proof, find_outcome, list_findings
from core.catalogue import DATASETS, list_ineffective
from core.catalogue.design import find_design
from core.db.models import Experiment, Job, Run
from core.db.queries.experiments import get, read_tags
from core.db.queries.runs import RunBrief, list_briefs, list_jobs
from core.db.states import State
from core.spec import BASELINE, ExperimentSpec
from core.spec.stopping import stops_early


def summarize_experiments(session: Session, experiments: Sequence[Experiment]) -> list[ExperimentSummary]:
    """The summaries, by two queries in all."""
    ids = [experiment.id for experiment in experiments]
    jobs, briefs = list_jobs(session, ids), list_briefs(session, ids)
    return [summarize(experiment, jobs[experiment.id], briefs[experiment.id]) for experiment in experiments]


def summarize(experiment: Experiment, jobs: Sequence[Job], briefs: Sequence[RunBrief]) -> ExperimentSummary:
    spec = ExperimentSpec.model_validate(experiment.spec)
    task = DATASETS[spec.dataset.name].task
    cells = summarize_cells(briefs, stops_early(spec))
    guess = score_guess(spec)
    return ExperimentSummary(
        id=experiment.id,
        version=experiment.version,
        name=experiment.name,
        tags=read_tags(experiment),
        state=State(experiment.state),
        created=experiment.created,
        dataset=spec.dataset.name,
        network=spec.network.name,
        task=task,
        regularizers=[BASELINE, *(regularizer.key for regularizer in spec.regularizers)],
        runs=len(briefs),
        progress=measure_progress(State(experiment.state), jobs, briefs, spec.halving),
        best=find_best(cells, task, guess, find_design(spec)),
        outcome=find_outcome(briefs),
        findings=list_findings(
            briefs,
            cells,
            task,
            guess=guess,
            tolerance=spec.tolerance,
            epochs=spec.epochs,
            ineffective=list_ineffective(spec),
        ),
        sparklines=_group(cells),
    )


def score_guess(spec: ExperimentSpec) -> float:
    """The score of guessing: a random class, or the target's mean."""
    classes = DATASETS[spec.dataset.name].classes
    return 0.0 if classes is None else 1 / classes


def view_experiment(session: Session, experiment_id: int) -> ExperimentView:
    """Raises NotFoundError."""
    experiment = get(session, experiment_id)
    jobs, briefs = list_jobs(session, [experiment_id])[experiment_id], list_briefs(session, [experiment_id])
    summary = summarize(experiment, jobs, briefs[experiment_id])
    annotations = {"name": experiment.name, "notes": experiment.notes, "tags": summary.tags}
    return ExperimentView(
        **dict(summary),
        notes=experiment.notes,
        spec=ExperimentSpec.model_validate(experiment.spec | annotations),
        jobs=view_jobs(jobs, briefs[experiment_id]),
        cancel_requested=any(job.cancel_requested and job.state == State.RUNNING for job in jobs),
        errors=[job.error for job in jobs if job.error and job.state == State.FAILED],
        stops=summarize_stops(briefs[experiment_id]),
        proof=describe_proof(briefs[experiment_id]),
    )


def view_jobs(jobs: Sequence[Job], briefs: Sequence[RunBrief]) -> list[JobView]:
    runs = Counter(brief.job_id for brief in briefs)
    return [
        JobView(
            id=job.id,
            state=State(job.state),
            attempt=job.attempt,
            epoch=job.epoch,
            epochs=job.epochs,
            worker_id=job.worker_id,
            cancel_requested=job.cancel_requested,
            error=job.error,
            notice=job.notice,
            resumable_epoch=max((checkpoint["epoch"] for checkpoint in job.checkpoints), default=0),
            runs=runs[job.id],
            started=job.started,
            finished=job.finished,
        )
        for job in jobs
    ]


def view_run(run: Run) -> RunView:
    return RunView.model_validate(run)


def _group(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.regularizer, []).append(cell)
    return groups
