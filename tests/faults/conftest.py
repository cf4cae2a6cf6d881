"""One installation on each stack for all the tests here, put in order again between them; and the figures' table."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from core.db.models import Job
from tests.conftest import migrate_database, miss
from tests.faults import audit
from tests.faults.api import Api
from tests.faults.disks import JournaledDisk, make_journaled_disk
from tests.faults.figures import TABLE, Trial, read_table
from tests.faults.houses import House
from tests.faults.scale import FULL
from tests.faults.stacks import Compose, Embedded, Stack
from tests.installation import Installation, list_trainers
from tests.servers import ServerMissingError, make_cluster

Workers = Callable[[int], list[subprocess.Popen[bytes]]]
OUTCOME = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "promise(name, number): what the test shows, and how many times it tries")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[OUTCOME] = report.outcome
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FULL:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(read_table() + "\n")
        terminalreporter.write_line(TABLE.read_text())


@pytest.fixture(scope="session", params=["embedded", "compose"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        yield Embedded(home, f"sqlite:///{home / 'ridgeline.db'}")
        return
    try:
        with make_cluster() as cluster:
            compose = Compose(home, cluster)
            yield compose
            compose.close()
    except ServerMissingError as error:
        miss(error)


@pytest.fixture(scope="session")
def plant(stack: Stack) -> Iterator[Installation]:
    """The installation that every test here shares."""
    migrate_database(stack.settings.database_url, stack.settings.home)
    installation = Installation(stack.settings, stack.settings.home)
    audit.begin(installation)
    yield installation
    installation.close()


@pytest.fixture
def installation(plant: Installation, stack: Stack) -> Iterator[Installation]:
    """Nothing is queued or running in it, before and after; its servers are there and its workers not frozen."""
    yield plant
    stack.restore()
    thaw(plant)
    left = select(Job.experiment_id).where(Job.state.in_(["queued", "running"]))
    for experiment in plant.read(lambda s: s.execute(left).scalars().all()):
        plant.cancel(experiment)
    if list_alive(plant):
        plant.wait(lambda: not plant.read(lambda s: s.execute(left).all()), 60)


def list_alive(installation: Installation) -> list[subprocess.Popen[bytes]]:
    return [worker for worker in installation.workers if worker.poll() is None]


def thaw(installation: Installation) -> None:
    """Let every worker and every trainer go on that was stopped."""
    for worker in list_alive(installation):
        for process in (worker.pid, *list_trainers(worker)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


@pytest.fixture
def workers(installation: Installation) -> Workers:
    """``workers(n)``: n live ones with the installation's own settings, whatever there was before."""

    def have(count: int) -> list[subprocess.Popen[bytes]]:
        alive = list_alive(installation)
        for worker in alive[count:]:
            worker.terminate()
        for worker in alive[count:]:
            worker.wait(20)
        while len(list_alive(installation)) < count:
            installation.start_worker()
        return list_alive(installation)

    return have


@pytest.fixture
def worker(workers: Workers) -> subprocess.Popen[bytes]:
    return workers(1)[0]


@pytest.fixture
def api(installation: Installation, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a real API process."""
    process = Api(installation.settings, tmp_path / "api.log")
    try:
        with process.wait().connect() as client:
            yield client
    finally:
        process.close()
        print((tmp_path / "api.log").read_text())


@pytest.fixture
def disk() -> Iterator[JournaledDisk]:
    try:
        with make_journaled_disk(700) as disk:
            yield disk
    except ServerMissingError as error:
        if os.geteuid() == 0 and Path("/dev/loop-control").exists():
            miss(error)
        # Nobody but root may mount anything, in CI neither.
        pytest.skip(f"TIER MISSING: {error}")


@pytest.fixture
def house(stack: Stack, disk: JournaledDisk, tmp_path: Path) -> Iterator[House]:
    with contextlib.ExitStack() as running:
        house = House(stack, disk, tmp_path, running)
        try:
            yield house
        finally:
            house.close()
            print((tmp_path / "log").read_text()[-6000:])


@pytest.fixture
def trial(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Trial]:
    """Of the test's promise on this stack; its figures are kept however it ends."""
    marker = request.node.get_closest_marker("promise")
    assert marker is not None
    trial = Trial(marker.args[0], stack.name, marker.args[1])
    yield trial
    trial.end(request.node.stash.get(OUTCOME, "not run"))
