"""What every command promises: JSON, exit statuses, one sentence, and nothing made where it only reads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
import typer

from backend.cli.root_command import app
from backend.schemas.errors import ErrorResponse
from backend.schemas.experiments import ExperimentView, Page
from tests.backend.cli.test_commands import pick_port, wait_for
from tests.backend.conftest import Trainer

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Spec = dict[str, Any]
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group


def run(
    *arguments: str | bytes,
    url: str = "",
    given: bytes = b"",
    folder: Path | None = None,
    writes: IO[bytes] | None = None,
    **changes: str,
) -> tuple[int, str, str]:
    """The exit status, and what standard output and standard error got; never a traceback."""
    without = ("RIDGELINE_HOME", "COLUMNS", "PYTHONIOENCODING")
    kept = {name: value for name, value in os.environ.items() if name not in without}
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        env=kept | ({"RIDGELINE_URL": url} if url else {}) | changes,
        input=given,
        stdout=writes or subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        timeout=60,
    )
    said, noted = (stream.decode(errors="replace") for stream in (done.stdout or b"", done.stderr))
    assert "Traceback" not in noted, noted
    return done.returncode, said, noted


def read_error(noted: str) -> tuple[str, str]:
    """Code and message of the one line on standard error."""
    (line,) = noted.splitlines()
    ErrorResponse.model_validate_json(line, extra="forbid")
    error = json.loads(line)["error"]
    return error["code"], error["message"]


def test_version_and_completion_are_there() -> None:
    assert run("--version") == (0, "ridgeline 0.1.0\n", "")
    # Typer looks for the shell among this process' ancestors, where under CI there may be none that it knows.
    said = run("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")[1]
    assert "_RIDGELINE_COMPLETE=complete_bash" in said
    completed = run(_RIDGELINE_COMPLETE="complete_bash", COMP_WORDS="ridgeline de", COMP_CWORD="1")
    assert completed[1].split() == ["delete"]


@sqlite_only
def test_json_of_each_command_is_what_is_documented(
    url: str, spec: Spec, trainer: Trainer, api: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(spec))

    def call(*arguments: str) -> Any:
        status, said, noted = run(*arguments, "--json", url=url)
        assert (status, noted) == (0, ""), noted
        return json.loads(said)

    for number in (1, 2):
        made = call("submit", str(tmp_path / "spec.json"))
        assert ExperimentView.model_validate(made).id == number
    assert Page.model_validate(call("list")).total == 2
    assert call("show", "1") == api.get("/api/experiments/1").json()
    assert call("cancel", "1")["state"] == "cancelled"
    assert call("resume", "1")["state"] == "queued"
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.fail(job, "it broke")
    assert call("retry", "2")["state"] == "queued"
    trainer.train([job])
    assert call("extend", "2", "--strengths", "l1=0.1")["runs"] == 8
    assert call("delete", "--yes", "1", "2") == {"deleted": [1, 2]}


@sqlite_only
def test_watched_json_is_lines_that_end_with_the_experiment(
    url: str, spec: Spec, trainer: Trainer, api: httpx.Client
) -> None:
    api.post("/api/experiments", json=spec)
    trainer.train([1])
    status, said, _ = run("show", "1", "--watch", "--json", url=url)
    lines = [json.loads(line) for line in said.splitlines()]
    assert status == 0
    assert [line["event"] for line in lines] == ["state", "end"]
    assert lines[0]["state"] == "completed"
    assert lines[0]["progress"]["epochs_done"] == 4
    ExperimentView.model_validate(lines[1]["experiment"])


def test_json_of_what_works_on_an_installation(tmp_path: Path) -> None:
    home: dict[str, Any] = {"RIDGELINE_HOME": str(tmp_path / "home")}
    status, said, _ = run("migrate", "--json", **home)
    assert status == 0
    assert json.loads(said).keys() == {"database", "revision"}
    file = tmp_path / "a.tar"
    counts = {"experiments": 0, "runs": 0, "epochs": 0, "checkpoints": 0}
    made = json.loads(run("backup", str(file), "--json", **home)[1])
    assert made == counts | {"file": str(file), "missing": 0, "bytes": made["bytes"]}
    with (tmp_path / "b.tar").open("wb") as piped:
        assert json.loads(run("backup", "-", "--json", writes=piped, **home)[2])["file"] == "-"
    restored = json.loads(run("restore", str(file), "--json", RIDGELINE_HOME=str(tmp_path / "other"))[1])
    assert restored == counts | {"file": str(file), "created": restored["created"], "bytes": made["bytes"]}


@sqlite_only
def test_errors_are_json_where_json_is_asked_for(url: str, spec: Spec, api: httpx.Client, tmp_path: Path) -> None:
    api.post("/api/experiments", json=spec)
    away = f"http://127.0.0.1:{pick_port()}"
    bad = json.dumps(spec | {"epochs": 0, "seeds": 0}).encode()
    refused = {
        ("show", "7"): (1, "not_found", "There is no experiment 7."),
        ("list", "--url", away): (1, "api", f"Nothing answers at {away}."),
        ("resume", "1"): (1, "conflict", ""),
        ("submit", str(tmp_path / "none")): (1, "api", "cannot be read"),
        ("list", "--limit", "0"): (2, "usage", "--limit"),
        ("show", "one"): (2, "usage", "experiment_id"),
        ("list", "--nope"): (2, "usage", "--nope"),
        ("nope",): (2, "usage", "nope"),
        ("delete", "1"): (2, "usage", "--yes"),
        ("backup", str(tmp_path / "none" / "x.tar")): (1, "invalid_archive", "There is no Ridgeline in"),
    }
    for arguments, (expected, code, words) in refused.items():
        status, said, noted = run(*arguments, "--json", url=url, folder=tmp_path)
        assert (status, said) == (expected, ""), arguments
        assert read_error(noted)[0] == code, arguments
        assert words in read_error(noted)[1], arguments
    status, _, noted = run("submit", "-", "--json", url=url, given=bad)
    details = json.loads(noted)["error"]["details"]
    assert [detail["field"] for detail in details] == ["epochs", "seeds"]
    assert json.loads(noted)["error"]["request_id"]
    assert read_error(run("list", "--json", RIDGELINE_PORT="seven")[2])[0] == "invalid_settings"


@sqlite_only
def test_what_has_ended_is_not_cancelled(url: str, spec: Spec, trainer: Trainer, api: httpx.Client) -> None:
    for _ in range(3):
        api.post("/api/experiments", json=spec)
    trainer.train([1])
    trainer.claim(2)
    trainer.fail(2, "it broke")
    assert run("cancel", "3", url=url)[0] == 0
    for number, state in ((1, "completed"), (2, "failed"), (3, "cancelled")):
        status, said, noted = run("cancel", str(number), url=url)
        assert (status, said) == (1, "")
        assert noted == f"Experiment {number} has ended already: it is {state}.\n"
        status, said, noted = run("cancel", str(number), "--json", url=url)
        assert (status, said, read_error(noted)[0]) == (1, "", "conflict")
        assert api.get(f"/api/experiments/{number}").json()["state"] == state


@sqlite_only
def test_a_running_one_is_cancelled_as_often_as_asked(
    url: str, spec: Spec, trainer: Trainer, api: httpx.Client
) -> None:
    api.post("/api/experiments", json=spec)
    trainer.claim(1)
    for _ in range(2):
        assert run("cancel", "1", url=url) == (0, "Experiment 1 is being cancelled.\n", "")


@sqlite_only
def test_delete_asks_and_does_what_it_was_told(url: str, spec: Spec, api: httpx.Client) -> None:
    for name in ("one", "two \u202e"):
        api.post("/api/experiments", json=spec | {"name": name})
    for answer, expected in (
        (b"", "nobody answered"),
        (b"n\n", "Nothing was deleted."),
        (b"\n", "Nothing was deleted."),
    ):
        status, said, noted = run("delete", "1", "2", url=url, given=answer)
        assert (status, said) == (1, "")
        assert noted.startswith("Experiment 1: one, queued, 6 runs\nExperiment 2: two \\u202e, queued, 6 runs\n")
        assert expected in noted
    assert api.get("/api/experiments").json()["total"] == 2
    status, said, _ = run("delete", "2", "1", "2", url=url, given=b"y\n")
    assert (status, said) == (0, "Experiment 2 is deleted.\nExperiment 1 is deleted.\n")
    assert api.get("/api/experiments").json()["total"] == 0


@sqlite_only
def test_delete_refuses_what_runs_and_what_is_not_there_and_deletes_the_rest(
    url: str, spec: Spec, trainer: Trainer, api: httpx.Client
) -> None:
    for _ in range(2):
        api.post("/api/experiments", json=spec)
    trainer.claim(1)
    status, said, noted = run("delete", "-y", "1", "7", "2", url=url)
    assert (status, said) == (1, "Experiment 2 is deleted.\n")
    assert noted == ("This experiment is running; cancel it first, then delete it.\nThere is no experiment 7.\n")
    status, said, noted = run("delete", "--yes", "--json", "1", url=url)
    assert (status, json.loads(said)) == (1, {"deleted": []})
    assert read_error(noted)[0] == "conflict"
    assert run("delete", "7", url=url)[::2] == (1, "There is no experiment 7.\n")


MAKERS = ("up", "serve", "worker", "migrate")
ARGUMENTS = {"backup": ["b.tar"], "restore": ["b.tar"], "submit": ["spec.yaml"], "delete": ["--yes", "1"]}


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - set(MAKERS)))
def test_no_command_that_reads_makes_an_installation(command: str, tmp_path: Path) -> None:
    """In an empty folder, with nothing running: nonzero, a sentence, and the folder stays as it was."""
    needs = any(parameter.param_type_name == "argument" for parameter in COMMANDS[command].params)
    arguments = ARGUMENTS.get(command, ["1"] if needs else [])
    if command == "submit":
        (tmp_path / "spec.yaml").write_text("name: x")
    if command == "restore":
        (tmp_path / "b.tar").write_bytes(b"no archive")
    before = sorted(tmp_path.rglob("*"))
    status, _, noted = run(command, *arguments, folder=tmp_path, RIDGELINE_PORT=str(pick_port()))
    assert status == 1
    assert noted.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_restore_from_a_pipe_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    status, _, noted = run("restore", "-", folder=tmp_path, given=b"no archive")
    assert (status, noted.partition(":")[0]) == (1, "This is not a complete backup")
    assert list(tmp_path.iterdir()) == []


@sqlite_only
def test_output_that_cannot_be_written_is_a_sentence(url: str, spec: Spec, api: httpx.Client) -> None:
    api.post("/api/experiments", json=spec)
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("the system has no /dev/full")
    for arguments in (["list"], ["list", "--json"], ["show", "1"], ["--help"], ["--version"], ["show", "1", "--json"]):
        with full.open("wb") as writes:
            status, _, noted = run(*arguments, url=url, writes=writes)
        assert status == 1, arguments
        assert "No space left on device" in noted, arguments
        assert noted.count("\n") == 1, arguments


@sqlite_only
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(url: str, spec: Spec, api: httpx.Client, closed: str) -> None:
    api.post("/api/experiments", json=spec)
    for command, expected in (("list", ">&-" in closed.split()), ("submit -", True), ("show 7 --json", True)):
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "{sys.executable}" -m backend.cli {command} {closed}'],
            env=os.environ | {"RIDGELINE_URL": url}, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == int(expected), (command, done)
        assert b"Traceback" not in done.stderr
        if command == "list" and closed == ">&-":
            assert done.stderr == b"The output cannot be written: Bad file descriptor.\n"


@sqlite_only
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_letters_that_an_encoding_lacks_are_escaped(url: str, spec: Spec, api: httpx.Client, encoding: str) -> None:
    api.post("/api/experiments", json=spec | {"name": "日本語 ☃"})
    status, said, _ = run("list", url=url, PYTHONIOENCODING=encoding)
    assert status == 0
    assert r"\u65e5\u672c\u8a9e \u2603" in said
    status, said, _ = run("show", "1", "--json", url=url, PYTHONIOENCODING=encoding)
    assert json.loads(said)["name"] == "日本語 ☃"
    assert run("--help", PYTHONIOENCODING=encoding)[0] == 0
    assert run("show", "7", url=url, PYTHONIOENCODING=encoding)[2] == "There is no experiment 7.\n"


@sqlite_only
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("list", "--tag", b"\xff"), "cannot be sent"),
        (("list", "--text", b"\xff\n"), "cannot be sent"),
        (("submit", "-", "--key", "ä"), "cannot be sent"),
        (("submit", "-", "--key", "a\nb"), "failed"),
        (("submit", b"\xff\x1b[2J.yaml"), r"\udcff\x1b[2J.yaml cannot be read"),
        (("extend", "1", "--strengths", "l1=\x1b[2J"), r"received l1=\x1b[2J."),
        (("list", "--url", "here"), "expects an address such as http://127.0.0.1:8000; received here"),
        (("list", "--url", "http://["), "expects an address"),
        (("list", "--url", "http://"), "expects an address"),
        (("list", "--url", "ftp://here"), "expects an address"),
        (("list", "--url", ""), ""),
    ],
)
def test_whatever_is_typed_is_answered_in_a_sentence(url: str, arguments: tuple[str | bytes, ...], words: str) -> None:
    status, _, noted = run(*arguments, url=url, given=b"name: x", RIDGELINE_PORT=str(pick_port()))
    assert status == 1
    assert words in noted
    assert "\x1b" not in noted


def test_up_tells_in_lines_of_json(tmp_path: Path) -> None:
    port = str(pick_port())
    settings = {"RIDGELINE_HOME": str(tmp_path), "RIDGELINE_PORT": port, "RIDGELINE_DEMONSTRATION": "false"}
    with subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "up", "--json"],
        env=os.environ | settings | {"RIDGELINE_TRAINERS": "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert first == {"event": "ready", "url": f"http://127.0.0.1:{port}"}
        process.send_signal(signal.SIGINT)
        _, noted = process.communicate(timeout=60)
    assert process.returncode == 0
    assert all(json.loads(line)["level"] for line in noted.splitlines())


def test_up_goes_on_when_nobody_listens(tmp_path: Path) -> None:
    port = str(pick_port())
    settings = {"RIDGELINE_HOME": str(tmp_path), "RIDGELINE_PORT": port, "RIDGELINE_DEMONSTRATION": "false"}
    with subprocess.Popen(
        ["/bin/sh", "-c", f'exec "{sys.executable}" -m backend.cli up >&-'],
        env=os.environ | settings | {"RIDGELINE_TRAINERS": "1"}, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        wait_for(address, lambda client: any(w["alive"] for w in client.get("/api/system").json()["workers"]))
        process.send_signal(signal.SIGINT)
        _, noted = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"Traceback" not in noted


def test_serve_logs_in_json(tmp_path: Path) -> None:
    port = str(pick_port())
    settings = {"RIDGELINE_HOME": str(tmp_path), "RIDGELINE_PORT": port}
    with subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "serve", "--json"], env=os.environ | settings, stderr=subprocess.PIPE
    ) as process:
        wait_for(f"http://127.0.0.1:{port}", lambda client: client.get("/api/health").is_success)
        httpx.get(f"http://127.0.0.1:{port}/api/catalogue", trust_env=False)
        process.send_signal(signal.SIGINT)
        _, noted = process.communicate(timeout=60)
    lines = [json.loads(line) for line in noted.splitlines()]
    assert any("/api/catalogue" in str(line) for line in lines)
