"""Child processes: told to end together, and killed where they do not."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from core.managed_process import ManagedProcess, end_all, name_end

OBEDIENT = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(int(sys.argv[1])))
print("ready", flush=True)
time.sleep(60)
"""
DEAF = OBEDIENT.replace("lambda *_: sys.exit(int(sys.argv[1]))", "signal.SIG_IGN")


def start(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str, status: int = 0) -> ManagedProcess:
    (folder / f"{name}.py").write_text(source.replace('print("ready", flush=True)', f'open("{name}.ready", "w")'))
    monkeypatch.chdir(folder)
    process = ManagedProcess(name, (name, str(status)))
    process.start()
    deadline = time.monotonic() + 30
    while not (folder / f"{name}.ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize(("status", "all_as_asked"), [(0, True), (3, False)])
def test_processes_that_end_when_asked_are_not_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, all_as_asked: bool
) -> None:
    processes = [start(tmp_path, monkeypatch, f"child{i}", OBEDIENT, status * i) for i in (0, 1)]
    warned: list[ManagedProcess] = []
    assert end_all(processes, 30, warned.append) == all_as_asked
    assert warned == []
    assert [process.find_end() for process in processes] == [0, status]


def test_a_process_that_ignores_the_request_is_killed_after_the_grace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    obedient, deaf = (start(tmp_path, monkeypatch, *each) for each in (("obedient", OBEDIENT), ("deaf", DEAF)))
    warned: list[ManagedProcess] = []
    assert not end_all([deaf, ManagedProcess("never started", ()), obedient], 0.5, warned.append)
    assert warned == [deaf]
    assert (obedient.find_end(), deaf.find_end()) == (0, -signal.SIGKILL)


def test_every_end_has_a_name() -> None:
    assert name_end(3) == "status 3"
    assert name_end(-signal.SIGKILL) == "signal SIGKILL"
    assert name_end(-40) == "signal SIG40"
