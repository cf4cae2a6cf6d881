"""A database and a broker that go away and come back: they are waited for, and nothing is lost."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.conftest import migrate_database, miss
from tests.installation import SMALL, Installation
from tests.servers import Cluster, ServerMissingError, find_port, make_cluster, serve_redis

EPOCHS = 400


class Servers:
    """A PostgreSQL and a Redis of its own, each of which can be ended and started again at the same port."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster, self._folder, self._port = cluster, folder, find_port()
        self._running = contextlib.ExitStack()
        self._redis = contextlib.ExitStack()

    def start_database(self) -> str:
        return self._running.enter_context(self._cluster.serve())

    def stop_database(self) -> None:
        self._running.close()

    def start_broker(self) -> str:
        return self._redis.enter_context(serve_redis(self._folder, self._port))

    def stop_broker(self) -> None:
        self._redis.close()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    try:
        with make_cluster() as cluster:
            servers = Servers(cluster, tmp_path_factory.mktemp("redis"))
            yield servers
            servers.stop_database()
            servers.stop_broker()
    except ServerMissingError as error:
        miss(error)


@pytest.fixture(scope="module")
def installation(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home, database, broker = tmp_path_factory.mktemp("home"), servers.start_database(), servers.start_broker()
    migrate_database(database, home)
    quick = {"lease_seconds": 3, "heartbeat_seconds": 1, "reconcile_seconds": 0.5, "ring_after_seconds": 1}
    installation = Installation(
        Settings(home=home, database_url=database, broker_url=broker, trainers=1, **quick), home
    )
    installation.start_worker()
    yield installation
    installation.close()


def test_a_database_that_restarts_is_waited_for_and_every_epoch_is_there(
    installation: Installation, servers: Servers
) -> None:
    experiment = installation.submit(SMALL | {"epochs": EPOCHS})
    installation.wait_for_rows(experiment)
    servers.stop_database()
    # Longer than a lease, so that only the reconciler's patience saves the job from being taken back.
    time.sleep(4)
    servers.start_database()
    installation.wait_for_state(experiment, "completed", 60)
    job = installation.job(experiment)
    assert (job.attempt, job.failures) == (1, 0)
    assert list(installation.epochs(experiment).values()) == [list(range(1, EPOCHS + 1))] * 3
    assert "The database is back" in installation.log.read_text()


def test_a_broker_that_restarts_empty_loses_no_job(installation: Installation, servers: Servers) -> None:
    busy = installation.submit(SMALL | {"epochs": 100})
    installation.wait_for_rows(busy)
    waiting = installation.submit(SMALL)
    servers.stop_broker()
    installation.wait_for_state(busy, "completed")
    forgotten = installation.submit(SMALL, ring=False)
    servers.start_broker()
    for experiment in (waiting, forgotten):
        installation.wait_for_state(experiment, "completed", 30)
        assert installation.job(experiment).attempt == 1
