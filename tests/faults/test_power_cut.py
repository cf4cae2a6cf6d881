"""The power is cut, all at once, and what was not on the disk is gone: nothing is that was promised."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.engine import make_engine, make_readers
from core.db.models import Experiment, Job, Run
from core.settings import Settings
from core.spec import ExperimentSpec, PlannedRun
from tests.conftest import migrate_database, miss
from tests.faults.api import Api
from tests.faults.disks import JournaledDisk, make_journaled_disk
from tests.faults.figures import Trial
from tests.faults.hands import Hand, Promised, list_broken
from tests.faults.scale import FULL, promise
from tests.faults.stacks import QUICK, Embedded, Stack
from tests.faults.undisturbed import Undisturbeds, list_differences, make_undisturbeds
from tests.installation import SMALL, Installation
from tests.servers import ServerMissingError, make_cluster, start_worker
from worker.training.checkpoint import InvalidCheckpointError, read_checkpoint

T = TypeVar("T")
HANDS, PAUSE = (3, 0.1) if FULL else (2, 0.4)
LONG = SMALL | {"name": "long", "epochs": 1_500 if FULL else 600}


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


class House:
    """An installation on the disk: all of it, but for a broker that is Redis, and then has lost all it had."""

    def __init__(self, stack: Stack, disk: JournaledDisk, folder: Path, running: contextlib.ExitStack) -> None:
        self._disk, self._log = disk, folder / "log"
        self._server: contextlib.ExitStack | None = None
        own: dict[str, object] = {"home": disk.folder / "home", **QUICK, "trainers": 2}
        if not isinstance(stack, Embedded):
            self._cluster = running.enter_context(make_cluster()).copy(disk.folder / "postgres")
            url = f"postgresql+psycopg://ridgeline@127.0.0.1:{self._cluster.port}/postgres"
            own |= {"database_url": url, "broker_url": stack.settings.broker_url.rpartition("/")[0] + "/1"}
        self.is_embedded = isinstance(stack, Embedded)
        self.settings = Settings.model_validate(own)
        self.serve()
        migrate_database(self.settings.database_url, self.settings.home)
        disk.sync()

    def serve(self) -> None:
        """The database's server, where it has one."""
        if not self.is_embedded:
            self._server = contextlib.ExitStack()
            self._server.enter_context(self._cluster.serve())
            redis.Redis.from_url(self.settings.broker_url).flushdb()

    @contextlib.contextmanager
    def run(self) -> Iterator[Api]:
        """API and worker; both are killed at the end."""
        api, worker = Api(self.settings, self._log), start_worker(self.settings, self._log)
        try:
            yield api.wait()
        finally:
            for process in (api.process, worker):
                process.kill()
                process.wait()

    def cut(self) -> None:
        """``seen``: what the database named just before."""
        self.seen = self.read(read_epochs)
        self._disk.cut()

    @property
    def checkpoints(self) -> Path:
        assert self.settings.checkpoint_folder is not None
        return self.settings.checkpoint_folder

    def restore(self) -> None:
        if self._server is not None:
            self._server.close()
        self._disk.unmount()
        self._disk.mount()
        self.serve()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def read(self, work: Callable[[Session], T]) -> T:
        engine = make_engine(self.settings)
        try:
            with make_readers(engine)() as session:
                return work(session)
        finally:
            engine.dispose()


@pytest.fixture
def house(stack: Stack, disk: JournaledDisk, tmp_path: Path) -> Iterator[House]:
    with contextlib.ExitStack() as running:
        house = House(stack, disk, tmp_path, running)
        try:
            yield house
        finally:
            house.close()
            print((tmp_path / "log").read_text()[-6000:])


def read_epochs(session: Session) -> dict[int, int]:
    """By job: the epoch of the newest checkpoint that the database names."""
    rows = session.execute(select(Job.id, Job.checkpoints)).all()
    return {row.id: row.checkpoints[0]["epoch"] for row in rows if row.checkpoints}


def list_unusable(session: Session, folder: Path) -> list[str]:
    """Checkpoints that the database names and that no job could go on from."""
    unusable = []
    for job_id, checkpoints in session.execute(select(Job.id, Job.checkpoints)).all():
        rows = session.execute(select(Run).where(Run.job_id == job_id).order_by(Run.id)).scalars()
        runs = [PlannedRun(run.regularizer, run.strength, run.seed) for run in rows]
        for checkpoint in checkpoints:
            try:
                read_checkpoint(folder / f"job-{job_id}" / checkpoint["name"], runs, "cpu")
            except (OSError, InvalidCheckpointError) as error:
                unusable.append(f"job {job_id}: {checkpoint['name']}: {error}")
    return unusable


def list_states(session: Session) -> dict[int, tuple[str, str]]:
    """By experiment: its name and state."""
    return {row.id: (row.name, row.state) for row in session.execute(select(Experiment)).scalars()}


@promise("the power is cut", small=1, full=8, minutes=20, seconds=280)
def test_what_was_promised_survives_a_power_cut(house: House, trial: Trial, tmp_path: Path) -> None:
    """``number``: cuts, while people work and a sweep trains; then everything comes to its end, bit for bit."""
    promised: dict[int, Promised] = {}
    answers, longs, registered = Counter[str](), set[int](), 0
    with make_undisturbeds(tmp_path / "undisturbed") as undisturbed:
        undisturbed.begin("long", ExperimentSpec.model_validate(LONG))
        for _ in range(trial.number):
            hands = live(house, trial, longs)
            for hand in hands:
                hand.join(30)
                assert not hand.is_alive()
                assert hand.error == ""
                promised |= hand.promised
                answers += hand.answers
            seen = house.seen
            house.restore()
            assert house.read(partial(list_broken, promised=promised)) == []
            assert house.read(lambda s: list_unusable(s, house.checkpoints)) == []
            kept = house.read(read_epochs)
            assert {job: epoch for job, epoch in seen.items() if kept.get(job, -1) < epoch} == {}
            registered += len(seen)
        differences = finish(house, longs, undisturbed, tmp_path)
    trial.see(cuts=trial.number, checkpoints_named_at_the_cuts=registered, **answers)
    assert differences == []
    assert promised
    assert registered


def live(house: House, trial: Trial, longs: set[int]) -> list[Hand]:
    """Work in the house until the power is cut; those who did."""
    with house.run() as api, api.connect() as http:
        hands = [Hand(api.url, number, random.Random(trial.random.random()), pause=PAUSE) for number in range(HANDS)]
        states = house.read(list_states)
        if all(states[key][1] == "completed" for key in longs):
            longs.add(http.post("/api/experiments", json=LONG).json()["id"])
        for hand in hands:
            hand.start()
        newest = max(longs)
        began, deadline = read_progress(http, newest), time.monotonic() + 60
        while read_progress(http, newest) <= began and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(trial.random.uniform(0.3, 3))
        house.cut()
    return hands


def read_progress(http: httpx.Client, experiment: int) -> int:
    done: int = http.get(f"/api/experiments/{experiment}").json()["progress"]["epochs_done"]
    return done


def finish(house: House, longs: set[int], undisturbed: Undisturbeds, folder: Path) -> list[str]:
    """All that is left comes to its end; what is not as if nothing had happened."""
    ended = {"completed", "cancelled"}
    with house.run():
        deadline = time.monotonic() + (300 if FULL else 120)
        while {state for _, state in house.read(list_states).values()} - ended and time.monotonic() < deadline:
            time.sleep(0.2)
        states = house.read(list_states)
        assert {key: state for key, state in states.items() if state[1] not in ended} == {}
        installation = Installation(house.settings, folder / "none")
        try:
            expected = undisturbed.get("long")
            return [each for key in longs for each in list_differences(installation, key, expected)]
        finally:
            installation.close()
