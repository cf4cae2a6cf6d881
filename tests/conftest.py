"""Databases and brokers for every test: each its own, empty and migrated.

Tests that take ``database_url`` (or ``settings``, ``engine``, ``sessions``, ``readers``) run once on SQLite and once on
PostgreSQL; those that take ``broker_url`` run once on files and once on Redis; ``stack`` is the pair of both that an
installation has. One that needs a single kind says so:
``@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)``.
"""

from __future__ import annotations

import os
import shutil
import signal
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from core.db.engine import make_engine, make_readers, make_sessions, migrate
from core.settings import Settings
from tests.browser import SHOTS
from tests.installation import Installation
from tests.scheduling import rank, take_turn
from tests.servers import ServerMissingError, run_postgres, run_redis

# How long an example takes is no test's matter, and nothing to be told on a busy machine.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

# In the background of a script, a shell has its processes ignore Ctrl-C, and all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before any of the processes that run the tests side by side."""
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(SHOTS, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Around the timeout too, which counts no waiting."""
    with take_turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


def miss(error: ServerMissingError) -> None:
    """A tier that cannot run fails under CI, and says so anywhere else."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"TIER MISSING: {error}", pytrace=False)
    pytest.skip(f"TIER MISSING: {error}")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("RIDGELINE_") and not name.startswith("RIDGELINE_TEST_"):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the PostgreSQL server's maintenance database."""
    try:
        with run_postgres() as url:
            yield url
    except ServerMissingError as error:
        miss(error)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    try:
        with run_redis() as url:
            yield url
    except ServerMissingError as error:
        miss(error)


def run_sql(server: str, *statements: str) -> None:
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def make_database(server: str, template: str = "template1") -> str:
    """The URL of a new database on the server."""
    name = f"ridgeline_test_{uuid.uuid4().hex}"
    run_sql(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(server: str, url: str) -> None:
    run_sql(server, f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


def migrate_database(url: str, home: Path) -> None:
    engine = make_engine(Settings(home=home, database_url=url))
    migrate(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a migrated database that others are copied from."""
    url = make_database(postgres_server)
    migrate_database(url, tmp_path_factory.mktemp("home"))
    yield make_url(url).database or ""
    drop_database(postgres_server, url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("template")
    migrate_database(f"sqlite:///{home / 'template.db'}", home)
    return home / "template.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database."""
    yield from open_database(request, request.param, tmp_path)


def open_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "ridgeline.db")
        yield f"sqlite:///{folder / 'ridgeline.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    url = make_database(server, request.getfixturevalue("postgres_template"))
    yield url
    drop_database(server, url)


@pytest.fixture(params=["filesystem", "redis"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty broker; ``filesystem://`` keeps its files in the home of ``settings``."""
    return open_broker(request, request.param)


def open_broker(request: pytest.FixtureRequest, kind: str) -> str:
    if kind == "filesystem":
        return "filesystem://"
    url: str = request.getfixturevalue("redis_server")
    client = redis.Redis.from_url(url)
    client.flushdb()
    client.close()
    return url


# Tests ask without a pause, all from one address; those of the limit set it low.
QUICK: dict[str, Any] = {"max_requests_per_minute": 1_000_000}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings on an empty, migrated database; the broker is files."""
    return Settings(home=tmp_path / "home", database_url=database_url, broker_url="filesystem://", trainers=1, **QUICK)


@pytest.fixture(scope="module", params=["embedded", "compose"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a whole installation: SQLite and files, or PostgreSQL and Redis; one trainer, short leases."""
    embedded, folder = request.param == "embedded", tmp_path_factory.mktemp(request.param)
    broker = open_broker(request, "filesystem" if embedded else "redis")
    quick = QUICK | {"lease_seconds": 3, "heartbeat_seconds": 1, "reconcile_seconds": 0.5, "ring_after_seconds": 1}
    for url in open_database(request, "sqlite" if embedded else "postgresql", folder):
        yield Settings(home=folder / "home", database_url=url, broker_url=broker, trainers=1, download=False, **quick)


@pytest.fixture(scope="module")
def installation(stack: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for the tests of a module, on each stack; the tests start its workers."""
    installation = Installation(stack, tmp_path_factory.mktemp("log"))
    yield installation
    installation.close()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


@pytest.fixture
def readers(engine: Engine) -> sessionmaker[Session]:
    return make_readers(engine)
