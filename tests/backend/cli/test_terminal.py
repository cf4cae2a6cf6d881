"""What the command line shows on terminals of any width, and in pipes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from rich.cells import cell_len
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Experiment
from tests.backend.conftest import Trainer

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Spec = dict[str, Any]
NAMES = (
    "a sweep of L1 over digits with a name that is rather long, and goes on",
    "日本語の名前は幅が二倍です、とても長い名前ですから",
    "e\u0301 👩‍👩‍👧 family",
    "turned \u202eround",
    "",
)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def make_environment(url: str, **changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    return kept | {"RIDGELINE_URL": url, "TERM": "xterm-256color", "PYTHONUTF8": "1"} | changes


def run_on_terminal(
    width: int, *arguments: str, url: str, then: Callable[[str], object] = len, **changes: str
) -> tuple[int, str]:
    """The exit status and what a terminal of so many columns was sent; ``then`` is given what came so far."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", *arguments],
        env=make_environment(url, **changes), stdin=its, stdout=its, stderr=its, start_new_session=True,
    )  # fmt: skip
    os.close(its)
    sent = bytearray()
    while True:
        # Linux says EIO where nobody holds the other end any more.
        try:
            part = os.read(ours, 65_536)
        except OSError:
            break
        if not part:
            break
        sent += part
        then(sent.decode(errors="replace"))
    os.close(ours)
    said = sent.decode()
    assert "Traceback" not in said, said
    return process.wait(60), said.replace("\r\n", "\n")


def run_in_pipe(*arguments: str, url: str, **changes: str) -> str:
    command = [sys.executable, "-m", "backend.cli", *arguments]
    done = subprocess.run(command, env=make_environment(url, **changes), capture_output=True, timeout=60, check=True)
    return done.stdout.decode()


def post_all(api: httpx.Client, spec: Spec) -> None:
    for name in NAMES:
        assert api.post("/api/experiments", json=spec | {"name": name}).status_code == 201
    api.post("/api/experiments/2/cancel")


@pytest.mark.parametrize("width", [20, 24, 40, 60, 80, 120, 200])
def test_id_and_state_are_listed_at_any_width(url: str, spec: Spec, api: httpx.Client, width: int) -> None:
    post_all(api, spec)
    status, said = run_on_terminal(width, "list", url=url)
    lines = ESCAPES.sub("", said).splitlines()
    assert status == 0
    assert lines[0].split()[:2] == ["ID", "State"]
    rows = [line.split()[:2] for line in lines[1:]]
    assert rows == [["5", "queued"], ["4", "queued"], ["3", "queued"], ["2", "cancelled"], ["1", "queued"]]
    assert max(cell_len(line) for line in lines) <= width
    if width >= 40:
        assert lines[-1].split("  ")[-1] != ""
        assert "a sweep" in lines[-1]


def test_of_a_wide_terminal_all_is_used(url: str, spec: Spec, api: httpx.Client) -> None:
    post_all(api, spec)
    said = ESCAPES.sub("", run_on_terminal(200, "list", url=url)[1])
    assert all(title in said for title in ("Epochs", "Name", "Data", "Network", "Best so far", "Created"))
    assert NAMES[0] in said
    assert NAMES[1] in said


def test_in_a_pipe_nothing_is_cut_whatever_the_width(url: str, spec: Spec, api: httpx.Client) -> None:
    post_all(api, spec)
    narrow, wide = (run_in_pipe("list", url=url, COLUMNS=columns) for columns in ("20", "200"))
    assert narrow == wide
    header, *rows = narrow.splitlines()
    assert re.split(r"\s{2,}", header) == ["ID", "State", "Epochs", "Name", "Data", "Network", "Best so far", "Created"]
    assert len(rows) == len(NAMES)
    for row, name in zip(reversed(rows), NAMES, strict=True):
        assert (name.replace("\u202e", r"\u202e") or "(no name)") in row
    # Every column begins where its title does, after wide characters too.
    starts = {cell_len(row[: row.rindex("digits")]) for row in rows}
    assert starts == {header.index("Data")}
    assert "\x1b" not in narrow


def test_how_many_there_are_more_is_said_beside_the_table(url: str, spec: Spec, api: httpx.Client) -> None:
    post_all(api, spec)
    assert len(run_in_pipe("list", "--limit", "2", url=url).splitlines()) == 3
    assert "2 of 5 shown." in run_on_terminal(80, "list", "--limit", "2", url=url)[1]


def test_no_name_moves_the_cursor_or_begins_a_line(
    url: str, spec: Spec, api: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    api.post("/api/experiments", json=spec)
    hostile = "x\x1b[2J\x1b]0;title\x07\r\n99  completed\u2028y\u202ez\x9b31m"
    with sessions.begin() as session:
        # The API takes no such name; an older one's database may hold it.
        session.get_one(Experiment, 1).name = hostile
    for said in (run_in_pipe("list", url=url), run_on_terminal(200, "list", url=url)[1]):
        assert r"x\x1b[2J\x1b]0;title\x07\r\n99  completed\u2028y\u202ez\x9b31m" in said
        assert not re.search(r"\x1b(?!\[[0-9;]*m)|[\x07\r\x9b\u2028\u202e]", said)


def test_strength_and_score_are_shown_at_any_width(url: str, spec: Spec, api: httpx.Client, trainer: Trainer) -> None:
    api.post("/api/experiments", json=spec)
    trainer.train([1])
    whole = run_in_pipe("show", "1", url=url)
    titles = ["Regularizer", "Strength", "Validation", "Seeds", "Stopped", "Diverged", "Failed"]
    assert titles in [line.split() for line in whole.splitlines()]
    for width in (40, 60, 80):
        lines = ESCAPES.sub("", run_on_terminal(width, "show", "1", url=url)[1]).splitlines()
        table = lines[next(index for index, line in enumerate(lines) if line.startswith("Regularizer")) :]
        assert len(table) == 5
        assert max(map(cell_len, table)) <= width
        assert re.match(r"L1\s+10⁻³\s+[\d.]+ % ± [\d.]+", table[2])
        assert table[4] == "±: standard deviation over the seeds"


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_the_bar_shows_state_progress_and_numbers_at_any_width(
    url: str, spec: Spec, api: httpx.Client, trainer: Trainer, width: int
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2)
    left = [lambda: trainer.record(job, 3, 4), lambda: trainer.complete(job)]

    def go_on(sent: str) -> None:
        if left and f"{6 - 2 * len(left)}/4" in sent:
            left.pop(0)()

    status, said = run_on_terminal(width, "show", "1", "--watch", url=url, then=go_on)
    assert status == 0
    frames = [ESCAPES.sub("", frame) for frame in re.split(r"\r|\n", said.partition("a sweep")[0])]
    running = [frame for frame in frames if "running" in frame]
    assert running
    assert all(re.match(r"running  [━╸╺ ]{4,}  [24]/4", frame) and "━" in frame for frame in running), running
    assert max(map(cell_len, frames)) <= width
    assert "completed" in said


def test_in_a_pipe_watching_prints_a_line_for_each_state(
    url: str, spec: Spec, api: httpx.Client, trainer: Trainer
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]

    def begin() -> None:
        trainer.claim(job)
        trainer.record(job, 1, 4)

    steps: dict[str, Callable[[], object]] = {"queued": begin, "running": lambda: trainer.complete(job)}
    command = [sys.executable, "-m", "backend.cli", "show", "1", "--watch"]
    with subprocess.Popen(
        command, env=make_environment(url, COLUMNS="20"), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            steps.pop(line.split()[0], lambda: None)()
    assert process.returncode == 0
    lines = said.partition("a sweep")[0].splitlines()
    assert "\x1b" not in said
    assert [line.split()[0] for line in lines] == ["queued", "running", "completed"]
    assert lines[0] == "queued  0/4 epochs"
    assert lines[-1].startswith("completed  4/4 epochs  L1, λ = ")
    assert len(lines) < 8


@pytest.mark.parametrize(("change", "kept"), [({"TERM": "dumb"}, r"(?!)"), ({"NO_COLOR": "1"}, r"\x1b\[[012]m")])
def test_who_wants_no_colour_gets_none(
    url: str, spec: Spec, api: httpx.Client, trainer: Trainer, change: dict[str, Any], kept: str
) -> None:
    api.post("/api/experiments", json=spec)
    trainer.train([1])
    for arguments in (("list",), ("show", "1")):
        said = run_on_terminal(80, *arguments, url=url, **change)[1]
        assert "completed" in said
        assert "\x1b" not in re.sub(kept, "", said)
    # Nothing is drawn over where the terminal cannot do that.
    if "TERM" in change:
        assert "\x1b" not in run_on_terminal(80, "show", "1", "--watch", url=url, **change)[1]
