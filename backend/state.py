"""The parts that one app's requests share."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.figures.cache import FigureCache
from backend.live.broadcaster import Broadcaster
from backend.live.change_poller import Watch
from backend.middleware.rate_limit import Streams
from backend.monitoring.prometheus import Exposition
from backend.monitoring.worker_liveness import Liveness
from core.db.disk_space import Room
from core.db.engine import make_engine, make_readers, make_sessions
from core.queue import Bell
from core.settings import Settings


@dataclass(frozen=True)
class Parts:
    """Made once per app; all of them are safe to use from several threads."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]
    bell: Bell
    liveness: Liveness
    watch: Watch
    streams: Streams
    broadcaster: Broadcaster
    room: Room
    figures: FigureCache = field(default_factory=FigureCache)
    exposition: Exposition = field(default_factory=Exposition)


def make_parts(settings: Settings) -> Parts:
    engine = make_engine(settings)
    readers = make_readers(engine)
    watch = Watch(readers, settings.stream_poll_seconds)
    streams = Streams(settings.max_streams, settings.max_streams_per_client)
    sessions, bell, room = make_sessions(engine), Bell(settings), Room(engine)
    liveness = Liveness(sessions, readers, settings.lease_seconds, room)
    return Parts(settings, engine, sessions, readers, bell, liveness, watch, streams, Broadcaster(watch), room)
