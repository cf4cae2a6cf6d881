"""What keeps a command from working is said in one sentence with what to do; never a traceback."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, make_url, text

from core.command_failures import INTERRUPTED, UNREAD
from core.db.revision import find_newest_revision
from core.settings import Settings
from tests.backend.cli.test_commands import pick_port, run
from tests.backend.conftest import serve
from tests.servers import ROOT, make_environment

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
# Each touches the database before all else. ``up`` and ``worker`` would go on if it were as it should be.
COMMANDS = (["migrate"], ["up"], ["worker"], ["backup", "kept.tar"])


def spoil(home: Path, statement: str) -> None:
    with sqlite3.connect(home / "ridgeline.db") as connection:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """With a database that is as it should be."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "ridgeline.db")
    return folder


def fail(*arguments: str, **settings: str) -> str:
    """The one line that a command prints that does not work."""
    status, output = run(*arguments, port=str(pick_port()), **settings)
    assert status == 1, output
    (line,) = output.splitlines()
    assert line.endswith("."), line
    return line


@pytest.mark.parametrize("command", ["migrate", "up"])
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer than this Ridgeline"),
        ("INSERT INTO alembic_version VALUES ('9999')", "several revisions"),
        ("DELETE FROM alembic_version", "names no revision"),
    ],
)
def test_a_schema_that_is_not_known(home: Path, command: str, statement: str, sentence: str) -> None:
    spoil(home, statement)
    assert sentence in fail(command, home=str(home))


@pytest.mark.parametrize("command", [command for command in COMMANDS if command[0] != "backup"], ids=" ".join)
def test_a_home_that_cannot_be_one(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    assert fail(*command, home=str(file)) == (
        f"The folder {file} cannot be created: a file has its name. Set RIDGELINE_HOME to a writable folder."
    )
    assert f"The folder {file / 'below'} cannot be created: Not a directory." in fail(
        *command, home=str(file / "below")
    )
    # Where nobody may write, root neither.
    assert "The folder /proc/ridgeline/home cannot be created: " in fail(*command, home="/proc/ridgeline/home")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_file_that_is_none(tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "ridgeline.db"
    path.write_text("not a database\n" * 1000)
    assert fail(*command, home=str(tmp_path)) == (
        f"{path} is not a SQLite database. Move it away, or set RIDGELINE_HOME to another folder."
    )
    path.unlink()
    path.mkdir()
    assert f"{path} cannot be opened: Is a directory." in fail("migrate", home=str(tmp_path))


def test_a_database_that_is_damaged(home: Path) -> None:
    path = home / "ridgeline.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    assert "ridgeline restore FILE" in fail("migrate", home=str(home))


def lose_rights() -> None:
    """For ``preexec_fn``: root is to be kept out by a file's mode as everybody is (CAP_DAC_OVERRIDE, _READ_SEARCH)."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


@pytest.mark.parametrize("command", ["migrate", "backup -"])
@pytest.mark.parametrize(("file", "folder"), [(0o400, 0o500), (0o600, 0o500), (0o000, 0o700)])
def test_a_home_that_is_read_only(home: Path, command: str, file: int, folder: int) -> None:
    (home / "ridgeline.db").chmod(file)
    home.chmod(folder)
    status, said = ask(f"ridgeline {command} > /dev/null", home, preexec_fn=lose_rights)
    home.chmod(0o700)
    assert status == 1
    assert re.fullmatch(rf"{home / 'ridgeline.db'} cannot be (opened|written): .*\. Mend that, or .*\.\n", said), said


@postgresql_only
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"port": 1}, "No PostgreSQL answers at 127.0.0.1:1/"),
        ({"host": "nobody.invalid"}, "The host of nobody.invalid:"),
        (
            {"database": "nothing"},
            'does not have this database (connection failed: connection to server at "127.0.0.1"',
        ),
        ({"username": "nobody"}, "does not let this user in"),
    ],
)
def test_a_server_that_does_not_let_in(settings: Settings, change: dict[str, Any], sentence: str) -> None:
    url = make_url(settings.database_url).set(password="SECRET").set(**change)
    line = fail("migrate", database_url=url.render_as_string(hide_password=False))
    assert sentence in line
    assert "SECRET" not in line


@pytest.mark.parametrize("command", ["migrate", "up", "worker"])
def test_urls_that_lead_nowhere(home: Path, command: str) -> None:
    for name, url in (("database_url", "mysql://x:SECRET@h/y"), ("broker_url", "amqp://x:SECRET@h")):
        status, output = run(command, home=str(home), **{name: url})
        assert status == 1
        assert f"RIDGELINE_{name.upper()}: expected a URL" in output
        assert "SECRET" not in output


def test_backups_that_are_not_there_or_broken(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar"
    broken.write_bytes(b"x" * 5000)
    assert "cannot be read: No such file or directory." in fail("restore", str(tmp_path / "none"), home=str(home))
    assert "cannot be read: Is a directory." in fail("restore", str(tmp_path), home=str(home))
    assert "This is not a complete backup" in fail("restore", str(broken), home=str(home))
    assert "cannot be written: No such file or directory." in fail("backup", "/nowhere/kept.tar", home=str(home))


def ask(command: str, home: Path, url: str = "", **options: Any) -> tuple[int, str]:
    """What a line of the shell leads to: the status of ``ridgeline``, and what is on standard error."""
    environment = os.environ | {"RIDGELINE_HOME": str(home), "RIDGELINE_URL": url}
    line = command.replace("ridgeline", f"{sys.executable} -m backend.cli")
    done = subprocess.run(
        ["bash", "-c", f'{line}; exit "${{PIPESTATUS[0]}}"'],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False, **options,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_a_backup_whose_reader_has_gone(home: Path) -> None:
    # More than a pipe holds.
    spoil(home, "INSERT INTO experiments (name, notes, spec, created, state) "
          "VALUES ('', printf('%.1000000c', 'x'), '{}', '2026-01-01 00:00:00', 'completed')")  # fmt: skip
    assert ask("ridgeline backup - | head -c 10", home) == (1, "The reader of the backup closed the pipe.\n")
    status, said = ask("ridgeline backup - >&-", home)
    assert (status, said) == (1, "The output cannot be written: Bad file descriptor.\n")
    status, said = ask("ridgeline backup - > /dev/full", home)
    assert (status, said) == (1, "The output cannot be written: No space left on device.\n")


@sqlite_only
@pytest.mark.parametrize("command", ["--help", "migrate", "list", "list --json", "show 1"])
def test_output_that_nobody_reads(url: str, api: httpx.Client, spec: dict[str, Any], home: Path, command: str) -> None:
    assert api.post("/api/experiments", json=spec).status_code == 201
    for place, statuses, expected in (
        # Whether the reader has gone when it is written to is a race.
        ("| true", {0, 1, UNREAD}, {""}),
        (">&-", {1}, {"The output cannot be written: Bad file descriptor."}),
        ("2>&-", {0}, {""}),
        ("> /dev/full", {1}, {"The output cannot be written: No space left on device."}),
    ):
        status, said = ask(f"ridgeline {command} {place}", home, url)
        if said and "--json" in command:
            said = json.loads(said)["error"]["message"]
        assert (status in statuses, said.rstrip("\n") in expected) == (True, True), (place, status, said)


@pytest.mark.parametrize("arguments", [["list"], ["migrate"], ["serve"], ["worker"]], ids=" ".join)
def test_an_interrupt_at_any_moment_of_the_start(home: Path, arguments: list[str]) -> None:
    """From when the command itself has begun: Python's own start it cannot help."""
    settings = Settings(home=home, port=pick_port(), trainers=1)
    script = (
        "import sys; from backend.cli.entry_point import main\n"
        "sys.addaudithook(\n"
        "    lambda event, given: event == 'import' and given[0] == 'backend.cli.root_command' and print(flush=True)\n"
        ")\n"
        "main()"
    )
    for delay in (0.0, 0.05, 0.2, 0.4, 0.8, 1.6):
        process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            cwd=ROOT, env=make_environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert "Traceback" not in said, (delay, said)
        assert process.returncode in (0, 1, INTERRUPTED, -signal.SIGINT), (delay, said)


# pydantic swallows a KeyboardInterrupt that is raised while it builds a validator.
COUNT_VALIDATORS = """
import atexit, signal, sys
import pydantic.plugin._schema_validator as schema
build, built, lossy = schema.SchemaValidator, 0, 0
def count(*given, **named):
    global built, lossy
    built += 1
    lossy += signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return build(*given, **named)
schema.SchemaValidator = count
atexit.register(lambda: print("built", built, "where Ctrl-C may be lost", lossy, file=sys.stderr))
from backend.cli.entry_point import main
main()
"""


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_no_interrupt_is_lost_while_a_command_loads(home: Path, command: str) -> None:
    settings = Settings(home=home, port=pick_port(), trainers=1)
    process = subprocess.Popen(
        [sys.executable, "-c", COUNT_VALIDATORS, command],
        cwd=ROOT, env=make_environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    if command == "serve":
        while "startup complete" not in (line := process.stderr.readline()):
            assert line
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    built, lossy = map(int, re.findall(r"built (\d+) where Ctrl-C may be lost (\d+)", said)[0])
    assert built > 0
    assert lossy == 0


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_ready_advises_to_upgrade_what_is_older_than_its_database(settings: Settings, engine: Engine) -> None:
    with serve(settings) as api:
        assert api.get("/api/ready").status_code == 200
        for revision, advice in (("9999", "upgrade Ridgeline"), ("0001", "ridgeline migrate")):
            with engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
            answer = api.get("/api/ready")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
            assert advice in answer.json()["error"]["message"]
            assert answer.json()["error"]["details"][0]["received"] == revision
    assert find_newest_revision() not in ("9999", "0001")
