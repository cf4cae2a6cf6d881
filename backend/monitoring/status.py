"""Status and readiness of the installation."""

from __future__ import annotations

import platform
from importlib.metadata import version

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.errors.exceptions import DiskFullError, NotReadyError
from backend.schemas.system import System, WorkerView
from backend.state import AppState
from core.db.clock import read_clock
from core.db.disk_space import FULL
from core.db.models import Worker
from core.db.queries.jobs import count_by_state, list_held
from core.db.queries.workers import list_workers
from core.db.revision import check_known, find_newest_revision, read_revision
from core.db.states import State
from core.errors import SchemaError

_PACKAGES = ("ridgeline", "fastapi", "celery", "sqlalchemy", "plotly")


def check_database(engine: Engine) -> str:
    """The schema's revision. Raises NotReadyError where it is not the newest; the driver's errors pass through."""
    with engine.execution_options(sqlite_write=False).connect() as connection:
        try:
            found = read_revision(connection)
            check_known(found)
        except SchemaError as error:
            raise NotReadyError(
                error.message, field=error.field, expected=error.expected, received=error.received
            ) from error
    if found is None or found != find_newest_revision():
        raise NotReadyError(
            "The database's schema is not the newest; run: ridgeline migrate",
            field="revision",
            expected=find_newest_revision(),
            received=found,
        )
    return found


def check_disk_space(app_state: AppState) -> None:
    """Raise DiskFullError where the database's disk is full."""
    if app_state.disk_space.find_full(app_state.readers):
        raise DiskFullError(FULL, field="database", expected="room on its disk", received="none")


def describe_system(session: Session, app_state: AppState) -> System:
    jobs, held, clock = count_by_state(session), list_held(session), read_clock(session)
    workers, is_full = list_workers(session), app_state.disk_space.find_full(app_state.readers)
    alive = app_state.worker_liveness.pick_alive(workers, clock, is_full=is_full)
    return System(
        version=version("ridgeline"),
        database=app_state.engine.dialect.name,
        broker=app_state.job_queue.kind,
        broker_reachable=app_state.job_queue.is_reachable(),
        queued_jobs=jobs.get(State.QUEUED, 0),
        running_jobs=jobs.get(State.RUNNING, 0),
        disk_full=is_full,
        workers=[_view_worker(worker, worker in alive, held.get(worker.id, [])) for worker in workers],
        versions={"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
    )


def _view_worker(worker: Worker, alive: bool, jobs: list[int]) -> WorkerView:
    return WorkerView(
        id=worker.id,
        host=worker.host,
        device=worker.device,
        memory_bytes=worker.memory_bytes,
        trainers=worker.trainers,
        versions=worker.versions,
        started=worker.started,
        heartbeat=worker.heartbeat,
        alive=alive,
        jobs=jobs,
    )
