"""Queries about experiments: create, list, annotate, delete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from core.db.models import Experiment, ExperimentTag, Job, Run
from core.db.queries.jobs import lock_experiment
from core.db.queries.search import matches
from core.db.state_changes import select_locked
from core.db.states import State
from core.errors import ConflictError, NotFoundError, StaleVersionError
from core.planning import plan_jobs, plan_runs
from core.spec import ExperimentSpec, PlannedRun


def create(
    session: Session, spec: ExperimentSpec, *, slots: int, idempotency_key: str | None = None
) -> tuple[int, list[int]]:
    """Write an experiment with its runs and jobs; its id and the jobs' ids.

    ``slots``: how many trainers work at once. Raises sqlalchemy.exc.IntegrityError when the key is taken.
    """
    experiment = Experiment(
        name=spec.name,
        notes=spec.notes,
        spec=spec.model_dump(mode="json"),
        idempotency_key=idempotency_key,
        tags=_make_tags(spec.tags),
    )
    session.add(experiment)
    session.flush()
    return experiment.id, add_jobs(session, experiment.id, spec, plan_runs(spec), slots)


def add_jobs(
    session: Session, experiment_id: int, spec: ExperimentSpec, runs: list[PlannedRun], slots: int
) -> list[int]:
    """Plan new jobs for these runs; the jobs' ids."""
    dealt = plan_jobs(runs, slots, together=spec.halving is not None)
    jobs = [Job(experiment_id=experiment_id, epochs=spec.epochs) for _ in dealt]
    session.add_all(jobs)
    session.flush()
    rows = [_make_run(experiment_id, job.id, run) for job, own in zip(jobs, dealt, strict=True) for run in own]
    session.execute(insert(Run), rows)
    return [job.id for job in jobs]


def _make_run(experiment_id: int, job_id: int, run: PlannedRun) -> dict[str, Any]:
    return {
        "experiment_id": experiment_id,
        "job_id": job_id,
        "regularizer": run.regularizer,
        "strength": run.strength,
        "seed": run.seed,
        "split": run.split,
        "state": State.QUEUED,
    }


def _make_tags(tags: Iterable[str]) -> list[ExperimentTag]:
    return [ExperimentTag(tag=tag) for tag in sorted(set(tags))]


def find_by_key(session: Session, idempotency_key: str) -> Experiment | None:
    """The experiment created with this key, if any."""
    found = select(Experiment).where(Experiment.idempotency_key == idempotency_key)
    return session.execute(found).scalar_one_or_none()


def get(session: Session, experiment_id: int) -> Experiment:
    """Raises NotFoundError."""
    experiment = session.get(Experiment, experiment_id)
    if experiment is None:
        raise NotFoundError("experiment", experiment_id)
    return experiment


def exists(session: Session, experiment_id: int) -> bool:
    return session.execute(select(Experiment.id).where(Experiment.id == experiment_id)).scalar_one_or_none() is not None


def is_empty(session: Session) -> bool:
    """Whether there is no experiment at all."""
    return session.execute(select(Experiment.id).limit(1)).scalar_one_or_none() is None


def list_page(
    session: Session, *, offset: int, limit: int, state: State | None = None, text: str = "", tag: str | None = None
) -> tuple[Sequence[Experiment], int]:
    """One page of the matching experiments, newest first, and the number of matches.

    ``text``: searched in name, notes and tags, regardless of case and Unicode form.
    """
    conditions: list[ColumnElement[bool]] = []
    if state is not None:
        conditions.append(Experiment.state == state)
    if text:
        conditions.append(matches(text))
    if tag is not None:
        tagged = select(ExperimentTag.experiment_id).where(ExperimentTag.tag == tag)
        conditions.append(Experiment.id.in_(tagged))
    total = session.execute(select(func.count()).select_from(Experiment).where(*conditions)).scalar_one()
    newest = select(Experiment).where(*conditions).order_by(Experiment.created.desc(), Experiment.id.desc())
    return session.execute(newest.offset(offset).limit(limit)).scalars().all(), total


def read_tags(experiment: Experiment) -> list[str]:
    """Its tags, in order."""
    return sorted(tag.tag for tag in experiment.tags)


def list_tags(session: Session) -> list[str]:
    """Every tag in use, in order."""
    return list(session.execute(select(ExperimentTag.tag).distinct().order_by(ExperimentTag.tag)).scalars())


def annotate(
    session: Session,
    experiment_id: int,
    *,
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | None = None,
    versions: Sequence[int] | None = None,
) -> Experiment:
    """Change the given fields, and increment the version; None leaves a field as it is.

    ``versions``: the versions that may be changed; None means any. A change already in effect always succeeds, since
    the response to an earlier request may have been lost. Raises NotFoundError and StaleVersionError.
    """
    session.execute(select_locked(experiment_id))
    experiment = get(session, experiment_id)
    before = {"name": experiment.name, "notes": experiment.notes, "tags": read_tags(experiment)}
    given = {"name": name, "notes": notes, "tags": None if tags is None else sorted(set(tags))}
    if before == before | {key: value for key, value in given.items() if value is not None}:
        return experiment
    _check_version(experiment, versions)
    experiment.name = experiment.name if name is None else name
    experiment.notes = experiment.notes if notes is None else notes
    if tags is not None:
        kept = [tag for tag in experiment.tags if tag.tag in tags]
        experiment.tags = kept + _make_tags(set(tags) - {tag.tag for tag in kept})
    experiment.version += 1
    session.flush()
    return experiment


def _check_version(experiment: Experiment, versions: Sequence[int] | None) -> None:
    if versions is not None and experiment.version not in versions:
        raise StaleVersionError(
            versions,
            version=experiment.version,
            name=experiment.name,
            notes=experiment.notes,
            tags=read_tags(experiment),
        )


def delete(session: Session, experiment_id: int, *, versions: Sequence[int] | None = None) -> None:
    """Delete an experiment with all its rows. ``versions``: as for ``annotate``.

    Raises NotFoundError, StaleVersionError, and ConflictError while one of its jobs runs.
    """
    if not lock_experiment(session, experiment_id):
        raise NotFoundError("experiment", experiment_id)
    _check_version(get(session, experiment_id), versions)
    running = select(func.count()).where(Job.experiment_id == experiment_id, Job.state == State.RUNNING)
    if session.execute(running).scalar_one():
        raise ConflictError(
            "This experiment is running; cancel it first, then delete it.",
            field="state",
            expected="an experiment that is not running",
            received=str(State.RUNNING),
        )
    session.execute(delete_rows(Experiment).where(Experiment.id == experiment_id))
