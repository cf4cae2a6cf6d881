"""The messages of the queue: one job's id each. Whatever else is put into the queue is dropped with a line of the log.

kombu and Celery believe what the queue holds: a list in place of a message ends the worker, a task with three arguments
is counted as running for ever, one with an ``eta`` is held until then. So nothing of a message but the id is passed on.
"""

from __future__ import annotations

import base64
import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.worker.consumer.tasks import Tasks

from core.queue import QUEUE, TASK

logger = logging.getLogger(__name__)

# The largest id that a database has.
_MOST = 2**63 - 1
_SHOWN = 200


class JobMessagesStep(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery ships no types
    """Checks each message before Celery sees it, whichever broker it came from."""

    requires = (Tasks,)

    def start(self, consumer: Any) -> None:
        channel = consumer.task_consumer.channel
        # kombu's virtual transports, files and Redis alike, hand on here what they read.
        transport = channel.connection
        transport._deliver = check_messages(transport._deliver)
        handlers = getattr(channel, "handlers", {})
        if "BRPOP" in handlers:
            # Redis: what reads a message, and takes it apart.
            handlers["BRPOP"] = drop_unreadable(handlers["BRPOP"])


def check_messages(deliver: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    """Delivers a message of each job id, and nothing else."""

    def deliver_checked(raw: Any, queue: str) -> None:
        job_id = read_job_id(raw)
        if job_id is None:
            drop(raw)
        else:
            deliver(make_message(job_id), queue)

    return deliver_checked


def drop_unreadable(read: Callable[..., Any]) -> Callable[..., Any]:
    """Goes on after a message that is no JSON; it has left the queue already."""

    def read_next(**options: Any) -> Any:
        try:
            return read(**options)
        except (ValueError, RecursionError) as error:
            drop(error)
            return True

    return read_next


def read_job_id(raw: Any) -> int | None:
    """The id in a message as kombu read it; None where it is not a message of our task with one id."""
    try:
        if raw["headers"]["task"] != TASK or raw["content-type"] != "application/json":
            return None
        (job_id,), options, _ = json.loads(base64.b64decode(raw["body"], validate=True))
    except (TypeError, ValueError, LookupError, RecursionError):
        return None
    return job_id if type(job_id) is int and 0 < job_id <= _MOST and options == {} else None


def make_message(job_id: int) -> dict[str, Any]:
    """A message of the task with this id, as kombu's virtual transports read it (Celery's protocol 2)."""
    own = str(uuid.uuid4())
    return {
        "body": base64.b64encode(json.dumps([[job_id], {}, {}]).encode()).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"lang": "py", "task": TASK, "id": own, "root_id": own},
        "properties": {
            "body_encoding": "base64",
            "correlation_id": own,
            "delivery_tag": own,
            "delivery_info": {"exchange": QUEUE, "routing_key": QUEUE},
        },
    }


def drop(received: Any) -> None:
    """The line of the log. What was received is not trusted: it is shortened, and escaped."""
    text = ascii(received)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} … ({len(text)} characters)"
    logger.warning("dropped a message of the queue: expected the id of one job, received %s", shown)
