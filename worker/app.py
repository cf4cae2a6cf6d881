"""The worker process: a Celery consumer with a thread per trainer. It supervises, and never imports torch itself."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time

from core.command_failures import run
from core.db.engine import make_engine
from core.logs import identify, set_up_logs
from core.queue import JobQueue
from core.settings import Settings, get_settings
from core.stop_signals import listen_to_signals
from worker.celery_app import consume, make_app, stop_consuming
from worker.supervisor.checkpoint_cleanup import CheckpointCleanup
from worker.supervisor.checkpoint_folders import CheckpointFolder
from worker.supervisor.database import Database
from worker.supervisor.heartbeat import Heartbeat
from worker.supervisor.lease import Leases
from worker.supervisor.reconciler import Reconciler
from worker.tasks import WorkerContext, add_task
from worker.trainer.handle import TrainerStartError
from worker.trainer.pool import TrainerPool

logger = logging.getLogger("worker")

# A worker that is stopped has this long; jobs that still hang are cut off, and their leases run out.
LEAVE_SECONDS = 13.0


def main() -> int:
    """Work until a signal says to leave; the exit status."""
    settings = get_settings()
    set_up_logs(settings)
    stopping = listen_to_signals((signal.SIGTERM, signal.SIGINT), stop_consuming)
    engine = make_engine(settings)
    database = Database(engine)
    pool = TrainerPool(settings, stopping)
    threading.Thread(target=leave_in_time, args=(stopping, pool), name="leave", daemon=True).start()
    try:
        pool.start()
        return 0 if stopping.is_set() else work(settings, stopping, database, pool)
    except TrainerStartError as error:
        logger.critical("%s", error)
        return 1
    finally:
        pool.close()
        engine.dispose()


def work(settings: Settings, stopping: threading.Event, database: Database, pool: TrainerPool) -> int:
    """Register, consume messages, and sign off. The trainers are warm."""
    app = make_app(settings)
    heartbeat = Heartbeat(database, pool)
    identify(worker=heartbeat.worker_id)
    leases = Leases(database, settings, stopping, heartbeat.beat, lambda: pool.idle)
    assert settings.checkpoint_folder is not None
    checkpoints = CheckpointFolder(settings.checkpoint_folder)
    checkpoint_cleanup = CheckpointCleanup(database, settings, checkpoints)
    reconciler = Reconciler(database, settings, JobQueue(settings).send, lambda: pool.idle)
    add_task(
        app, WorkerContext(settings, heartbeat.worker_id, stopping, database, pool, leases, reconciler, checkpoints)
    )
    if not heartbeat.wait(stopping):
        return 0
    leases.start()
    reconciler.start()
    checkpoint_cleanup.start()
    logger.info("worker %s is ready, trainers: %d", heartbeat.worker_id, pool.size)
    try:
        return consume(app, pool.size, stopping)
    finally:
        stopping.set()
        checkpoint_cleanup.close()
        reconciler.close()
        reconciler.hand_over()
        leases.close()
        heartbeat.remove()


def leave_in_time(stopping: threading.Event, pool: TrainerPool) -> None:
    stopping.wait()
    time.sleep(LEAVE_SECONDS)
    logger.critical("leaving by force after %g seconds", LEAVE_SECONDS)
    pool.close()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(run(main))
