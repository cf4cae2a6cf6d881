"""The queue: Celery's configuration for API and worker, and the announcement of jobs to workers.

A message carries a job's id and nothing else. The database is the truth, so a message may get lost: the reconciler
announces unclaimed jobs again.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import redis
from celery import Celery
from sqlalchemy.orm import Session, sessionmaker

from core.db.queries.jobs import mark_announced
from core.settings import Settings

log = logging.getLogger("ridgeline.queue")

TASK = "ridgeline.train"
QUEUE = "ridgeline"
POLL_SECONDS = 0.05
# The longest wait for the broker when sending.
_SEND_SECONDS = 0.5


class JobQueue:
    """Sends the ids of jobs. Thread-safe. Does not wait for an unavailable broker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: Celery | None = None

    def announce(self, job_ids: Iterable[int], sessions: sessionmaker[Session]) -> bool:
        """Send a message per job, and record that in the database; whether all were sent. Never raises."""
        waiting = list(job_ids)
        if not self.send(waiting):
            return False
        try:
            with sessions.begin() as session:
                mark_announced(session, waiting)
        # Any driver's error: the jobs are safe in the database, and are announced again.
        except Exception as error:
            _warn(waiting, error)
            return False
        log.info("announced jobs %s", waiting, extra={"jobs": waiting})
        return True

    def send(self, job_ids: Sequence[int]) -> bool:
        """Send a message per job, up to the first failure; whether all were sent. Never raises."""
        try:
            for job_id in job_ids:
                self._get_app().send_task(TASK, args=[job_id], queue=QUEUE, retry=False, ignore_result=True)
        # Any error of the broker's driver.
        except Exception as error:
            _warn(job_ids, error)
            return False
        return True

    def is_reachable(self) -> bool:
        """Whether the broker is available; waits a second at most."""
        if self.kind == "filesystem":
            # Creates the folder.
            self._get_app()
            return os.access(self._settings.queue_folder, os.W_OK | os.X_OK)
        client = redis.Redis.from_url(
            self._settings.broker_url, socket_connect_timeout=_SEND_SECONDS, socket_timeout=_SEND_SECONDS, retry=None
        )
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False
        finally:
            client.close()

    @property
    def kind(self) -> str:
        """The broker's name without its address: ``filesystem`` or ``redis``."""
        return urlsplit(self._settings.broker_url).scheme

    def _get_app(self) -> Celery:
        if self._app is None:
            app = Celery("ridgeline.queue", set_as_current=False)
            app.conf.update(_make_sending_options(self._settings))
            self._app = app
        return self._app


def make_broker_options(settings: Settings) -> dict[str, Any]:
    """Celery's configuration. Creates the folders of the filesystem transport.

    A message is only an announcement: it is acknowledged on receipt, nothing is prefetched where the broker allows
    that, and there are no results.
    """
    options: dict[str, Any] = {
        "broker_url": settings.broker_url,
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_heartbeat": 0,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_default_queue": QUEUE,
        "task_acks_late": False,
        "task_ignore_result": True,
        "result_backend": None,
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_detect_quorum_queues": False,
    }
    return options | (_files(settings) if settings.broker_url.startswith("filesystem:") else _redis())


def _make_sending_options(settings: Settings) -> dict[str, Any]:
    """The configuration for sending only: gives up at once where a worker would wait forever."""
    options = make_broker_options(settings)
    transport = dict(options["broker_transport_options"])
    if "polling_interval" not in transport:
        transport |= {"socket_connect_timeout": _SEND_SECONDS, "socket_timeout": _SEND_SECONDS, "max_retries": 0}
    return options | {
        "broker_transport_options": transport,
        "broker_connection_timeout": _SEND_SECONDS,
        "broker_connection_retry": False,
        "broker_connection_max_retries": 0,
    }


def _files(settings: Settings) -> dict[str, Any]:
    folders = {name: settings.queue_folder / name for name in ("messages", "control")}
    for folder in folders.values():
        # A worker waits for an unavailable broker.
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
    return {
        "broker_transport": "core.filesystem_transport:Transport",
        "broker_transport_options": {
            "data_folder_in": str(folders["messages"]),
            "data_folder_out": str(folders["messages"]),
            "control_folder": str(folders["control"]),
            "polling_interval": POLL_SECONDS,
        },
    }


def _redis() -> dict[str, Any]:
    return {
        "worker_disable_prefetch": True,
        "broker_transport_options": {
            "socket_keepalive": True,
            "socket_connect_timeout": 5,
            # Longer than the one-second blocking read that a consumer waits in.
            "socket_timeout": 15,
            "health_check_interval": 10,
        },
    }


def _warn(job_ids: Sequence[int], error: Exception) -> None:
    log.warning("could not announce jobs %s: %s", job_ids, error, extra={"jobs": list(job_ids)})
