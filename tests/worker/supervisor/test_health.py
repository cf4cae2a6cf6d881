"""The health check without a worker; its success is tested beside a real one, in test_queue."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import Settings
from tests.servers import ROOT, find_port, make_environment


def ask(settings: Settings) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "worker.supervisor.health"]
    environment = make_environment(settings)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_worker_is_not_healthy(settings: Settings) -> None:
    done = ask(settings)
    assert done.returncode == 1
    assert "expected a heartbeat of a worker on" in done.stderr


def test_no_database_is_not_healthy(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://nobody@127.0.0.1:{find_port()}/none"
    done = ask(Settings(home=tmp_path, database_url=url))
    assert done.returncode == 1
    assert "the database does not answer" in done.stderr
    assert "Traceback" not in done.stderr
