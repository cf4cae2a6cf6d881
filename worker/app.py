"""The worker: a Celery consumer with a thread per trainer. It supervises, and never imports torch itself."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from celery import Celery, bootsteps
from celery.worker import WorkController, state
from celery.worker.consumer.tasks import Tasks
from kombu.entity import Exchange, Queue

from core.db.engine import make_engine
from core.failures import run
from core.logs import identify, set_up_logs
from core.queue import POLL_SECONDS, QUEUE, JobQueue, make_broker_options
from core.settings import Settings, get_settings
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

# A worker that is told to leave has this long; whatever hangs then is cut off, and its lease runs out.
LEAVE_SECONDS = 13.0


class BusyTrainersStep(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery ships no types
    """Takes no message while every trainer is busy, and looks often whether it may.

    Celery's own ``worker_disable_prefetch`` does the first for Redis alone.
    """

    requires = (Tasks,)

    def start(self, consumer: Any) -> None:
        # kombu acknowledges to Redis and to files even what needs none.
        consumer.task_consumer.channel.basic_ack = lambda *_, **__: None
        if consumer.hub is not None:
            # Without this the event loop may sleep for seconds after a trainer became free, or a signal came.
            consumer.hub.call_repeatedly(POLL_SECONDS, lambda: None)
            return
        qos = consumer.task_consumer.channel.qos
        may_consume = qos.can_consume

        def can_consume() -> bool:
            state.maybe_shutdown()
            return len(state.reserved_requests) < consumer.pool.num_processes and bool(may_consume())

        qos.can_consume = can_consume


def make_app(settings: Settings) -> Celery:
    """The Celery application of a worker, its tasks not registered yet."""
    app = Celery("ridgeline", set_as_current=False)
    app.conf.update(make_broker_options(settings))
    # Where the broker goes away before an acknowledgement, Celery says so, but counts the message as one that is worked
    # on for ever, takes no other, and never looks at the connection again. An announcement needs none.
    exchange = Exchange(QUEUE)
    queue = Queue(QUEUE, exchange, routing_key=QUEUE, no_ack=True)
    app.conf.task_queues = [queue]
    app.steps["consumer"].add(BusyTrainersStep)
    return app


def main() -> int:
    """Work until a signal says to leave; the exit status."""
    settings = get_settings()
    set_up_logs(settings)
    stopping = listen_to_signals()
    engine = make_engine(settings)
    database = Database(engine)
    crew = TrainerPool(settings, stopping)
    threading.Thread(target=leave_in_time, args=(stopping, crew), name="leave", daemon=True).start()
    try:
        crew.start()
        return 0 if stopping.is_set() else work(settings, stopping, database, crew)
    except TrainerStartError as error:
        logger.critical("%s", error)
        return 1
    finally:
        crew.close()
        engine.dispose()


def work(settings: Settings, stopping: threading.Event, database: Database, crew: TrainerPool) -> int:
    """Register, consume, and take leave. The trainers are warm."""
    app = make_app(settings)
    registration = Heartbeat(database, crew)
    identify(worker=registration.worker_id)
    leases = Leases(database, settings, stopping, registration.beat, lambda: crew.idle)
    assert settings.checkpoint_folder is not None
    checkpoints = CheckpointFolder(settings.checkpoint_folder)
    sweeper = CheckpointCleanup(database, settings, checkpoints)
    reconciler = Reconciler(database, settings, JobQueue(settings).send, lambda: crew.idle)
    add_task(
        app, WorkerContext(settings, registration.worker_id, stopping, database, crew, leases, reconciler, checkpoints)
    )
    if not registration.wait(stopping):
        return 0
    leases.start()
    reconciler.start()
    sweeper.start()
    logger.info("worker %s is ready, trainers: %d", registration.worker_id, crew.size)
    try:
        return consume(app, crew.size, stopping)
    finally:
        stopping.set()
        sweeper.close()
        reconciler.close()
        reconciler.hand_over()
        leases.close()
        registration.remove()


class Controller(WorkController):  # type: ignore[misc]  # Celery ships no types
    """Celery's worker without its command line. Whatever ends it, running jobs are told before it waits for them."""

    def __init__(self, stopping: threading.Event, **options: Any) -> None:
        self._stopping = stopping
        super().__init__(**options)

    def stop(self, in_sighandler: bool = False, exitcode: int | None = None) -> None:
        self._stopping.set()
        super().stop(in_sighandler, exitcode)

    def terminate(self, in_sighandler: bool = False) -> None:
        self._stopping.set()
        super().terminate(in_sighandler)


def consume(app: Celery, concurrency: int, stopping: threading.Event) -> int:
    """Answer messages until told to leave; the exit status."""
    app.finalize()
    app.set_default()
    quiet = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    controller = Controller(stopping, app=app, pool_cls="threads", concurrency=concurrency, **quiet)
    controller.start()
    return int(controller.exitcode or 0)


def listen_to_signals() -> threading.Event:
    """Set on SIGTERM and SIGINT, whichever comes and however often."""
    stopping = threading.Event()
    reading, writing = os.pipe()

    def watch() -> None:
        os.read(reading, 1)
        stopping.set()
        state.should_stop = 0

    # A handler runs between any two instructions of the main thread, so it takes no lock: it only writes a byte.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: os.write(writing, b"x"))
    # Those that came while this was being loaded (backend.cli) are heard now.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))
    threading.Thread(target=watch, name="signals", daemon=True).start()
    return stopping


def leave_in_time(stopping: threading.Event, crew: TrainerPool) -> None:
    stopping.wait()
    time.sleep(LEAVE_SECONDS)
    logger.critical("leaving by force after %g seconds", LEAVE_SECONDS)
    crew.close()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(run(main))
