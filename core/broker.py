"""How Celery is configured, for whoever sends (the API) and whoever works (the worker)."""

from __future__ import annotations

import contextlib
from typing import Any

from core.settings import Settings

TASK = "ridgeline.train"
QUEUE = "ridgeline"
POLL_SECONDS = 0.05
RING_SECONDS = 0.5


def make_broker_options(settings: Settings) -> dict[str, Any]:
    """Celery's configuration as plain values; needs no Celery. Makes the folders of the filesystem transport.

    The database is the truth and a message only a doorbell, so a message is gone from the broker as soon as a worker
    has it, nothing is prefetched where the broker allows that, and there are no results.
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


def make_ringing_options(settings: Settings) -> dict[str, Any]:
    """The same for whoever only sends: a broker that is away is given up at once, for jobs are rung again."""
    options = make_broker_options(settings)
    transport = options["broker_transport_options"] | {
        "max_retries": 0,
        "socket_connect_timeout": RING_SECONDS,
        "socket_timeout": RING_SECONDS,
    }
    return options | {
        "broker_transport_options": transport,
        "broker_connection_timeout": RING_SECONDS,
        "broker_connection_retry": False,
        "broker_connection_max_retries": 0,
    }


def _files(settings: Settings) -> dict[str, Any]:
    folders = {name: settings.queue_folder / name for name in ("messages", "control")}
    for folder in folders.values():
        # A broker that is away when a worker starts is waited for.
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
