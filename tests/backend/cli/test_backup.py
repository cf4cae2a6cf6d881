"""`ridgeline backup` and `ridgeline restore` as a user types them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.db.engine import make_engine, make_sessions
from core.db.models import Experiment, Job
from core.settings import Settings
from tests.servers import make_environment

Sessions = sessionmaker[Session]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """Settings of another installation, on which nothing was done yet."""
    return Settings(home=tmp_path / "elsewhere")


@pytest.fixture
def checkpoint(settings: Settings, sessions: Sessions) -> bytes:
    """The content of a checkpoint of the one job that the database has."""
    name = "00000001-0123abcd.safetensors"
    with sessions.begin() as session:
        session.add(Experiment(id=1, name="kept", spec={}))
        session.flush()
        session.add(Job(id=1, experiment_id=1, epochs=1, checkpoints=[{"name": name, "epoch": 1, "bytes": 3}]))
    assert settings.checkpoint_folder is not None
    path = settings.checkpoint_folder / "job-1" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"abc" * 1000)
    return path.read_bytes()


def run(
    settings: Settings, *arguments: str, reads: IO[bytes] | None = None, writes: IO[bytes] | None = None
) -> tuple[int, str]:
    """The exit status and what was said; never a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        env=make_environment(settings) | {"COLUMNS": "200"},
        stdin=reads or subprocess.DEVNULL,
        stdout=writes or subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    said = (done.stdout or b"").decode() + done.stderr.decode()
    assert "Traceback" not in said, said
    return done.returncode, said


def list_names(settings: Settings) -> list[str]:
    engine = make_engine(settings)
    with make_sessions(engine)() as session:
        names = [experiment.name for experiment in session.query(Experiment)]
    engine.dispose()
    return names


def test_there_and_back(settings: Settings, elsewhere: Settings, checkpoint: bytes, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    status, said = run(settings, "backup", str(file))
    assert (status, said) == (
        0,
        f"Backed up 1 experiments, 0 runs, 0 epoch rows and 1 checkpoints (0.0 MiB) in {file}.\n",
    )
    assert file.stat().st_mode & 0o777 == 0o600
    status, said = run(elsewhere, "restore", str(file))
    assert status == 0
    assert said.startswith("Restored 1 experiments, 0 runs, 0 epoch rows and 1 checkpoints")
    assert list_names(elsewhere) == ["kept"]
    assert elsewhere.checkpoint_folder is not None
    (restored,) = elsewhere.checkpoint_folder.rglob("*.safetensors")
    assert restored.read_bytes() == checkpoint
    status, said = run(elsewhere, "restore", str(file))
    assert status == 1
    assert said.startswith("The database is not empty: it holds 2 rows. Give --replace")
    assert run(elsewhere, "restore", "--replace", str(file))[0] == 0


@pytest.mark.usefixtures("checkpoint")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_through_pipes(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    with (tmp_path / "piped").open("wb") as piped:
        assert run(settings, "backup", "-", writes=piped)[0] == 0
    read, write = os.pipe()
    with subprocess.Popen(["cat", tmp_path / "piped"], stdout=write) as cat:
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            assert run(elsewhere, "restore", "-", reads=pipe)[0] == 0
        assert cat.wait(5) == 0
    assert list_names(elsewhere) == ["kept"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_goes_wrong_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    missing, empty = tmp_path / "none" / "backup.tar", tmp_path / "empty.tar"
    empty.touch()
    assert run(settings, "backup", str(missing)) == (1, f"{missing} cannot be written: No such file or directory.\n")
    assert run(settings, "restore", str(missing)) == (1, f"{missing} cannot be read: No such file or directory.\n")
    assert run(settings, "restore", str(tmp_path)) == (1, f"{tmp_path} cannot be read: Is a directory.\n")
    status, said = run(settings, "restore", str(empty))
    assert (status, said.partition(":")[0]) == (1, "This is not a complete backup")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_is_written_over_only_by_force(settings: Settings, tmp_path: Path) -> None:
    file, link = tmp_path / "backup.tar", tmp_path / "link.tar"
    file.write_bytes(b"the last one")
    link.symlink_to(file)
    for name in (file, link):
        status, said = run(settings, "backup", str(name))
        assert status == 1
        assert said == f"{file} exists already. Choose another name, or give --force to overwrite it.\n"
    assert file.read_bytes() == b"the last one"
    # The file that a link leads to, not the link.
    assert run(settings, "backup", "--force", str(link))[0] == 0
    assert link.is_symlink()
    assert file.stat().st_size > 1000
    assert file.stat().st_mode & 0o777 == 0o600
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for name in (tmp_path, pipe):
        status, said = run(settings, "backup", "--force", str(name))
        assert (status, said) == (1, f"{name} is not a regular file.\n")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.endswith(".tar")) == ["backup.tar", "link.tar"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_goes_to_no_terminal(settings: Settings) -> None:
    ours, its = pty.openpty()
    with os.fdopen(its, "wb") as writes:
        status, said = run(settings, "backup", "-", writes=writes)
    os.close(ours)
    assert status == 1
    assert said.startswith("A backup is binary")
