"""One worker process per device, with real ones: each is kept alive, and none outlives its supervisor."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Worker
from core.db.queries import workers
from core.managed_process import ManagedProcess
from core.settings import Settings
from tests.installation import is_running, read_parent
from tests.servers import ROOT, die_with_parent, make_environment
from worker.supervisor.gpu_processes import GpuProcess, list_devices

Sessions = sessionmaker[Session]
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("device", "gpus", "expected"),
    [
        ("auto", 0, []),
        ("auto", 1, []),
        ("auto", 3, ["cuda:0", "cuda:1", "cuda:2"]),
        ("cpu", 3, []),
        ("cuda:1", 3, []),
    ],
)
def test_each_of_several_gpus_has_a_worker(device: str, gpus: int, expected: list[str], tmp_path: Path) -> None:
    assert list_devices(Settings(home=tmp_path, device=device), gpus) == expected


@contextlib.contextmanager
def run_supervisor(settings: Settings, log: Path, *devices: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "worker.supervisor.gpu_processes", *devices]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            command, cwd=ROOT, env=make_environment(settings), stdout=output, stderr=output, preexec_fn=die_with_parent
        )
    try:
        yield supervisor
    finally:
        if supervisor.poll() is None:
            supervisor.terminate()
        supervisor.wait(20)
        print(log.read_text())


def list_workers(sessions: Sessions) -> dict[int, Worker]:
    with sessions() as session:
        return {worker.pid: worker for worker in workers.list_workers(session)}


def wait(done: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"waited {seconds} s"
        time.sleep(0.05)


@sqlite_only
def test_a_worker_that_dies_is_replaced_and_all_leave_together(
    settings: Settings, sessions: Sessions, tmp_path: Path
) -> None:
    log = tmp_path / "supervisor.log"
    with run_supervisor(settings, log, "cpu", "cpu") as supervisor:
        wait(lambda: len(list_workers(sessions)) == 2, 60)
        first = set(list_workers(sessions))
        assert [read_parent(pid) for pid in first] == [supervisor.pid] * 2
        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        wait(lambda: len(set(list_workers(sessions)) - first) == 1, 60)
        (new,) = set(list_workers(sessions)) - first
        alive = [pid for pid in (*first, new) if pid != killed]
        assert all(map(is_running, alive))
        assert "ended by itself" in log.read_text()
        assert "signal SIGKILL" in log.read_text()
        # However often it is told.
        for told in (signal.SIGINT, signal.SIGTERM, signal.SIGTERM):
            supervisor.send_signal(told)
        assert supervisor.wait(15) == 0
        assert not any(map(is_running, alive))
        # Those that left as asked took their names off the list; the killed one could not.
        assert set(list_workers(sessions)) == {killed}


@sqlite_only
def test_workers_leave_when_their_supervisor_is_killed(settings: Settings, sessions: Sessions, tmp_path: Path) -> None:
    with run_supervisor(settings, tmp_path / "supervisor.log", "cpu", "cpu") as supervisor:
        wait(lambda: len(list_workers(sessions)) == 2, 60)
        pids = set(list_workers(sessions))
        supervisor.kill()
        wait(lambda: not any(map(is_running, pids)), 12)
    assert list_workers(sessions) == {}


def test_a_worker_that_keeps_dying_is_restarted_after_longer_and_longer_waits() -> None:
    worker = GpuProcess(ManagedProcess("one that cannot start", ("no.such.module",)))
    worker.start()
    waits: list[float] = []
    deadline = time.monotonic() + 30
    while len(waits) < 3 and time.monotonic() < deadline:
        worker.look()
        if worker.wait not in waits and worker.wait:
            waits.append(worker.wait)
        time.sleep(0.02)
    assert waits == [1, 2, 4]
    assert worker.process.starts == 3
