"""AppState: what the requests of one app share."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.figures.cache import FigureCache
from backend.live.broadcaster import Broadcaster
from backend.live.change_poller import ChangePoller
from backend.live.stream_limit import StreamLimit
from backend.monitoring.prometheus import ProcessMetrics
from backend.monitoring.worker_liveness import WorkerLiveness
from core.db.disk_space import DiskSpace
from core.db.engine import make_engine, make_readers, make_sessions
from core.queue import JobQueue
from core.settings import Settings


@dataclass(frozen=True)
class AppState:
    """Made once per app; all of them are safe to use from several threads."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]
    job_queue: JobQueue
    worker_liveness: WorkerLiveness
    change_poller: ChangePoller
    stream_limit: StreamLimit
    broadcaster: Broadcaster
    disk_space: DiskSpace
    figures: FigureCache = field(default_factory=FigureCache)
    process_metrics: ProcessMetrics = field(default_factory=ProcessMetrics)


def make_state(settings: Settings) -> AppState:
    engine = make_engine(settings)
    sessions, readers, disk_space = make_sessions(engine), make_readers(engine), DiskSpace(engine)
    change_poller = ChangePoller(readers, settings.stream_poll_seconds)
    return AppState(
        settings=settings,
        engine=engine,
        sessions=sessions,
        readers=readers,
        job_queue=JobQueue(settings),
        worker_liveness=WorkerLiveness(sessions, readers, settings.lease_seconds, disk_space),
        change_poller=change_poller,
        stream_limit=StreamLimit(settings.max_streams, settings.max_streams_per_client),
        broadcaster=Broadcaster(change_poller),
        disk_space=disk_space,
    )
