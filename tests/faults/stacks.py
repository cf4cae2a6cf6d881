"""The two stacks, the servers of each its own, so that a test may take them away and bring them back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import redis

from core.settings import Settings
from tests.servers import Cluster, die_with_parent, find_port, serve_redis

QUICK: dict[str, Any] = {
    "trainers": 1,
    "planning_slots": 1,
    "download": False,
    "lease_seconds": 3,
    "heartbeat_seconds": 0.5,
    "reconcile_seconds": 0.5,
    # Rung for sooner, dozens of waiting jobs would fill the queue faster than a message is taken.
    "ring_after_seconds": 3,
    "checkpoint_seconds": 0.2,
    "step_seconds": 60,
    "max_requests_per_minute": 1_000_000,
    "max_streams": 1_000,
    "max_streams_per_client": 1_000,
}
# Holds the lock on a SQLite file that writers wait for, until its input ends.
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


class Stack(ABC):
    """``settings`` of an installation; what is stopped stays so until it is started again."""

    name: str
    settings: Settings

    @abstractmethod
    def stop_database(self) -> None: ...

    @abstractmethod
    def start_database(self) -> None: ...

    @abstractmethod
    def stop_broker(self) -> None: ...

    @abstractmethod
    def start_broker(self, *, empty: bool = True) -> None:
        """``empty``: without the messages that it had."""

    def restore(self) -> None:
        """Everything is there again, whatever a test has left."""
        self.start_database()
        self.start_broker()


class Embedded(Stack):
    """SQLite and files. What is to a server that is killed: another process holds the database's lock; the queue's
    folder is gone, and nobody can make it again."""

    name = "SQLite + files"

    def __init__(self, home: Path, database_url: str) -> None:
        self.settings = Settings(home=home, database_url=database_url, broker_url="filesystem://", **QUICK)
        self._holder: subprocess.Popen[bytes] | None = None
        self._away = home / "queue-away"

    def stop_database(self) -> None:
        path = self.settings.database_url.removeprefix("sqlite:///")
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "preexec_fn": die_with_parent}
        self._holder = subprocess.Popen([sys.executable, "-c", HOLD, path], **pipes)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"held\n"

    def start_database(self) -> None:
        if self._holder:
            self._holder.communicate()
            self._holder = None

    def stop_broker(self) -> None:
        queue = self.settings.queue_folder
        queue.rename(self._away)
        queue.write_text("not a folder")

    def start_broker(self, *, empty: bool = True) -> None:
        queue = self.settings.queue_folder
        if not self._away.exists():
            return
        if empty:
            for message in self._away.rglob("*.msg"):
                message.unlink()
        queue.unlink()
        self._away.rename(queue)


class Compose(Stack):
    """PostgreSQL and Redis."""

    name = "PostgreSQL + Redis"

    def __init__(self, home: Path, cluster: Cluster) -> None:
        self._cluster, self._folder, self._port = cluster, home / "redis", find_port()
        self._folder.mkdir(parents=True)
        self._database: contextlib.ExitStack | None = None
        self._broker: contextlib.ExitStack | None = None
        self.start_database()
        self.start_broker()
        own: dict[str, Any] = {"home": home, "database_url": self._database_url, "broker_url": self._broker_url}
        self.settings = Settings(**own, **QUICK)

    def stop_database(self) -> None:
        assert self._database
        self._database.close()
        self._database = None

    def start_database(self) -> None:
        if self._database is None:
            self._database = contextlib.ExitStack()
            self._database_url = self._database.enter_context(self._cluster.serve())

    def stop_broker(self) -> None:
        """By kill -9."""
        assert self._broker
        client = redis.Redis.from_url(self._broker_url)
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
        client.close()
        self._broker.close()
        self._broker = None

    def start_broker(self, *, empty: bool = True) -> None:
        if self._broker is not None:
            return
        if empty:
            for path in self._folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._broker = contextlib.ExitStack()
        self._broker_url = self._broker.enter_context(serve_redis(self._folder, self._port, keeps=True))

    def close(self) -> None:
        for running in (self._broker, self._database):
            if running:
                running.close()
