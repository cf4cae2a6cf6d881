"""The worker's Celery application: takes a message only while a trainer is free."""

from __future__ import annotations

import threading
from typing import Any

from celery import Celery, bootsteps
from celery.worker import WorkController, state
from celery.worker.consumer.tasks import Tasks
from kombu.entity import Exchange, Queue

from core.queue import POLL_SECONDS, QUEUE, make_broker_options
from core.settings import Settings
from worker.job_messages import JobMessagesStep


class BusyTrainersStep(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery ships no types
    """Takes no message while every trainer is busy, and checks often whether one is free.

    Celery's own ``worker_disable_prefetch`` does the first for Redis alone.
    """

    requires = (Tasks,)

    def start(self, consumer: Any) -> None:
        # kombu acknowledges to Redis and to files even messages that need none.
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
    app.steps["consumer"].update((BusyTrainersStep, JobMessagesStep))
    return app


class Controller(WorkController):  # type: ignore[misc]  # Celery ships no types
    """Celery's worker without its command line. Running jobs are told to stop before it waits for them."""

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
    """Consume messages until told to stop; the exit status."""
    app.finalize()
    app.set_default()
    quiet = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    controller = Controller(stopping, app=app, pool_cls="threads", concurrency=concurrency, **quiet)
    controller.start()
    return int(controller.exitcode or 0)


def stop_consuming() -> None:
    """Make Celery's loop end at its next turn."""
    state.should_stop = 0
