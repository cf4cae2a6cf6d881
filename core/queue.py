"""The doorbell: tells workers by Celery that jobs are waiting. The database is the truth, so a ring may get lost."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import redis
from celery import Celery
from sqlalchemy.orm import Session, sessionmaker

from core.broker import QUEUE, TASK, make_broker_options
from core.db.queries.jobs import mark_rung
from core.settings import Settings

log = logging.getLogger("ridgeline.bell")

# A request waits for the broker no longer than this; whoever waits for jobs finds them in the database anyway.
_SECONDS = 0.5


class Bell:
    """Sends the ids of jobs. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: Celery | None = None

    def ring(self, job_ids: Iterable[int], sessions: sessionmaker[Session]) -> bool:
        """Send a message for each job, and note in the database that they were sent; whether all were.

        Never raises, and gives up at the first that fails: the reconciler rings again for jobs that nobody claimed.
        """
        waiting = list(job_ids)
        try:
            for job_id in waiting:
                self._send(job_id)
            with sessions.begin() as session:
                mark_rung(session, waiting)
        # Whatever a broker or a driver may raise: the jobs are safe in the database.
        except Exception as error:
            log.warning("could not ring for jobs %s: %s", waiting, error, extra={"jobs": waiting})
            return False
        log.info("rung for jobs %s", waiting, extra={"jobs": waiting})
        return True

    def is_reachable(self) -> bool:
        """Whether the broker answers now; waits for a second at most."""
        if self.kind == "filesystem":
            # Makes the folder where nothing has been sent yet.
            self._get_app()
            return os.access(self._settings.queue_folder, os.W_OK | os.X_OK)
        client = redis.Redis.from_url(
            self._settings.broker_url, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS, retry=None
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

    def _send(self, job_id: int) -> None:
        self._get_app().send_task(TASK, args=[job_id], queue=QUEUE, retry=False, ignore_result=True)

    def _get_app(self) -> Celery:
        if self._app is None:
            app = Celery("ridgeline.bell", set_as_current=False)
            app.conf.update(_hurry(make_broker_options(self._settings)))
            self._app = app
        return self._app


def _hurry(options: dict[str, Any]) -> dict[str, Any]:
    """The workers' options, but giving up at once where they would wait for ever."""
    transport = dict(options.get("broker_transport_options", {}))
    if "polling_interval" not in transport:
        transport |= {"socket_connect_timeout": _SECONDS, "socket_timeout": _SECONDS, "max_retries": 0}
    return options | {
        "broker_transport_options": transport,
        "broker_connection_timeout": _SECONDS,
        "broker_connection_retry": False,
        "broker_connection_max_retries": 0,
    }
