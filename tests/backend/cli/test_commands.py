"""The `ridgeline` command as a user runs it: a process, against a real server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from core.catalogue.epoch_values import StopValues
from core.db.engine import ROOT
from tests.backend.conftest import Trainer

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Spec = dict[str, Any]


def start(*arguments: str, url: str = "", **settings: str) -> subprocess.Popen[str]:
    names = {f"RIDGELINE_{name.upper()}": value for name, value in settings.items()}
    # A terminal wide enough that no line is cut.
    environment = os.environ | names | {"COLUMNS": "200"} | ({"RIDGELINE_URL": url} if url else {})
    return subprocess.Popen(
        [sys.executable, "-m", "backend.cli", *arguments],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(*arguments: str, url: str = "", given: str = "", **settings: str) -> tuple[int, str]:
    """The exit status and all that was printed; never a traceback."""
    process = start(*arguments, url=url, **settings)
    output, _ = process.communicate(given, timeout=60)
    assert "Traceback" not in output, output
    return process.returncode, output


def pick_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def file(tmp_path: Path, spec: Spec) -> Path:
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path


@sqlite_only
def test_submit_list_show_cancel(url: str, file: Path, api: httpx.Client) -> None:
    status, output = run("submit", str(file), url=url)
    assert status == 0
    assert "Experiment 1: 6 runs in 1 jobs." in output
    assert f"{url}/experiments/1" in output
    status, output = run("list", "--text", "sweep", url=url)
    assert status == 0
    assert "a sweep" in output
    assert "0/4" in output
    assert json.loads(run("list", "--json", "--state", "failed", url=url)[1])["total"] == 0
    status, output = run("show", "1", url=url)
    assert status == 0
    assert "digits, linear, 6 runs" in output
    assert run("cancel", "1", url=url) == (0, "Experiment 1 is cancelled.\n")
    assert api.get("/api/experiments/1").json()["state"] == "cancelled"
    assert run("cancel", "1", url=url) == (1, "Experiment 1 has ended already: it is cancelled.\n")


@sqlite_only
@pytest.mark.parametrize(
    "name",
    ["[bold red]x[/] [link=file:///x]y[/link]", "[/] [/bold]", "a :skull: b", "[red]end\\", "<b>&amp; $x$ %s {0}"],
)
def test_names_are_printed_to_the_letter(url: str, spec: Spec, api: httpx.Client, name: str) -> None:
    api.post("/api/experiments", json=spec | {"name": name})
    status, output = run("list", url=url)
    assert status == 0
    assert f" {name}  " in output
    status, output = run("show", "1", url=url)
    assert status == 0
    assert output.startswith(f"{name}  #1  queued\n")


@sqlite_only
def test_json_from_standard_input_and_a_key(url: str, spec: Spec) -> None:
    for _ in range(2):
        status, output = run("submit", "-", "--key", "k", url=url, given=json.dumps(spec))
        assert status == 0
        assert "Experiment 1:" in output


@sqlite_only
def test_watch_follows_to_the_end(url: str, file: Path, trainer: Trainer, api: httpx.Client) -> None:
    process = start("submit", str(file), "--watch", url=url)
    deadline = time.monotonic() + 20
    while not api.get("/api/experiments").json()["total"] and time.monotonic() < deadline:
        time.sleep(0.1)
    trainer.train([1])
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "4/4" in output
    assert "Highest on validation: L1, λ = 10⁻²" in output
    # Once ended, it is shown at once.
    assert run("show", "1", "--watch", url=url)[0] == 0


@sqlite_only
def test_watch_of_what_diverged_says_so_and_exits_with_1(
    url: str, spec: Spec, trainer: Trainer, api: httpx.Client
) -> None:
    job = api.post("/api/experiments", json=spec).json()["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, diverged=tuple(range(6)))
    trainer.complete(job)
    code, output = run("show", "1", "--watch", url=url)[:2]
    assert code == 1
    assert "diverged" in output.splitlines()[-8]
    assert "All 6 runs diverged." in output
    assert "Highest" not in output


@sqlite_only
def test_what_halving_stopped_is_shown(url: str, spec: Spec, trainer: Trainer, api: httpx.Client) -> None:
    made = api.post("/api/experiments", json=spec | {"halving": {"at": [2]}}).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2, stopped=(StopValues(4, "halving"), StopValues(5, "halving")))
    output = run("show", "1", url=url)[1]
    assert "Successive halving stopped 1 of 2 strengths of L1 at epoch 1." in output
    assert output.count("at epoch 1") == 2


@sqlite_only
def test_watch_of_one_that_fails_says_why_and_exits_with_1(
    url: str, spec: Spec, trainer: Trainer, api: httpx.Client
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    trainer.claim(made["jobs"][0]["id"])
    trainer.fail(made["jobs"][0]["id"], "mnist is not there.")
    status, output = run("show", "1", "--watch", url=url)
    assert status == 1
    assert "mnist is not there." in output


@sqlite_only
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{'a': ", "neither YAML nor JSON (line 1"),
        ("- 1", "must hold a spec"),
        ("epochs: 0", "Data: a value is required, but missing."),
        ("name: !!python/object:os.system x", "neither YAML nor JSON"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(url: str, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "bad.yaml").write_text(content)
    status, output = run("submit", str(tmp_path / "bad.yaml"), url=url)
    assert status == 1
    assert words in output


@sqlite_only
def test_refusals_name_the_field(url: str, tmp_path: Path, spec: Spec) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(spec | {"epochs": 0}))
    status, output = run("submit", str(tmp_path / "bad.json"), url=url)
    assert (status, output) == (1, "Epochs: expected a number, at least 1; received 0.\n")
    (tmp_path / "nan.json").write_text(json.dumps(spec).replace("0.01", "NaN"))
    status, output = run("submit", str(tmp_path / "nan.json"), url=url)
    assert status == 1
    assert output.startswith("L1, strength 2: expected a finite number")


@sqlite_only
def test_what_is_not_there_is_said_in_a_sentence(url: str, tmp_path: Path) -> None:
    assert run("show", "7", url=url) == (1, "There is no experiment 7.\n")
    assert "No such file" in run("submit", str(tmp_path / "none.yaml"), url=url)[1]
    status, output = run("list", url=f"http://127.0.0.1:{pick_port()}")
    assert status == 1
    assert "Start Ridgeline with `ridgeline up`" in output
    status, output = run("list", port="seven")
    assert status == 1
    assert output.startswith("RIDGELINE_PORT:")


def test_migrate_is_done_twice_without_harm(tmp_path: Path) -> None:
    newest = max(path.name for path in (ROOT / "alembic" / "versions").glob("*.py"))[:4]
    for _ in range(2):
        assert run("migrate", home=str(tmp_path)) == (0, f"The sqlite database is at revision {newest}.\n")


@contextmanager
def running(*arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = pick_port()
    process = start(*arguments, port=str(port), **settings)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def wait_for(url: str, test: Any, seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = test(httpx.Client(base_url=url, trust_env=False))
        except httpx.HTTPError:
            found = None
        if found:
            return found
        time.sleep(0.2)
    pytest.fail(f"waited {seconds} s")


@pytest.mark.alone
def test_serve_ends_at_once_with_open_streams(tmp_path: Path, spec: Spec) -> None:
    run("migrate", home=str(tmp_path))
    with running("serve", "--quiet", home=str(tmp_path)) as (process, url):
        wait_for(url, lambda client: client.get("/api/health").is_success)
        httpx.post(f"{url}/api/experiments", json=spec, trust_env=False)
        with httpx.Client(base_url=url, trust_env=False).stream("GET", "/api/experiments/1/events") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: state"
            start_of_end = time.monotonic()
            process.send_signal(signal.SIGTERM)
            for _ in lines:
                pass
            output, _ = process.communicate(timeout=10)
        assert time.monotonic() - start_of_end < 3
        # What uvicorn says when it has waited in vain for answers to end, and cuts them off.
        assert "exceeded" not in output
        assert "Traceback" not in output


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in ("up", "serve"):
            status, output = run(command, home=str(tmp_path), port=port)
            assert status == 1
            assert output == (
                f"Port {port} on 127.0.0.1 is taken. Free it, or choose another with --port or RIDGELINE_PORT.\n"
            )


def list_group(home: Path) -> list[int]:
    """Processes that were given this home, by Linux's account of them."""
    mark = f"RIDGELINE_HOME={home}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes() and b"State:\tZ" not in (folder / "status").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_until_gone(home: Path, seconds: float = 25) -> list[int]:
    deadline = time.monotonic() + seconds
    while list_group(home) and time.monotonic() < deadline:
        time.sleep(0.2)
    return list_group(home)


def find_worker(client: httpx.Client) -> dict[str, Any] | None:
    return next((worker for worker in client.get("/api/system").json()["workers"] if worker["alive"]), None)


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_up_starts_all_trains_the_demonstration_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running("up", home=str(tmp_path), trainers="1") as (process, url):
        first = wait_for(url, find_worker)
        wait_for(url, lambda client: client.get("/api/experiments/1").json().get("state") == "running")
        assert len(list_group(tmp_path)) >= 4
        # A worker that dies is replaced.
        killed = next(pid for pid in list_group(tmp_path) if is_worker(pid))
        os.kill(killed, signal.SIGKILL)
        wait_for(url, lambda client: any(w["id"] != first["id"] and w["alive"] for w in list_workers(client)))
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in output
        assert f"Ridgeline is at {url}" in output
        assert f"The demonstration trains: {url}/experiments/1" in output
        assert "The worker ended by itself (signal SIGKILL); starting it again." in output
    assert wait_until_gone(tmp_path) == []


def is_worker(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:3] == [b"-m", b"worker.app"]


def list_workers(client: httpx.Client) -> list[dict[str, Any]]:
    workers: list[dict[str, Any]] = client.get("/api/system").json()["workers"]
    return workers


@pytest.mark.skipif(sys.platform != "linux", reason="what ends children of a killed parent is Linux's")
def test_up_killed_outright_takes_its_children_along(tmp_path: Path) -> None:
    with running("up", home=str(tmp_path), trainers="1", demonstration="false") as (process, url):
        wait_for(url, find_worker)
        process.kill()
        process.wait()
        assert wait_until_gone(tmp_path) == []
