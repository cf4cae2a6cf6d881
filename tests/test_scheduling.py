"""Files that take long are shared out first; a test that runs alone has no other beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.scheduling import rank
from tests.servers import ROOT

CONFTEST = """
from tests.scheduling import take_turn
import pytest
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    with take_turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)
"""
MODULE = """
import time, pathlib, pytest
def spend(name):
    start = time.monotonic()
    time.sleep(0.2)
    with pathlib.Path({log!r}).open("a") as log:
        log.write(f"{{name}} {{start}} {{time.monotonic()}}\\n")
@pytest.mark.alone
def test_alone(): spend({name!r} + ":alone")
def test_one(): spend({name!r} + ":one")
def test_two(): spend({name!r} + ":two")
"""


def test_who_is_alone_is_alone_even_where_tests_are_chosen(tmp_path: Path) -> None:
    folder, log = tmp_path / "tests", tmp_path / "log"
    folder.mkdir()
    for name in ("test_a", "test_b", "test_c"):
        (folder / f"{name}.py").write_text(MODULE.format(log=str(log), name=name))
    (folder / "scheduling.py").write_text((ROOT / "tests/scheduling.py").read_text())
    (folder / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = alone: alone\npythonpath = .\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "3", "--dist", "loadfile", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split() for line in log.read_text().splitlines()]
    assert len(lines) == 9
    spent = {name: (float(start), float(end)) for name, start, end in lines}
    for name in (name for name in spent if name.endswith("alone")):
        start, end = spent[name]
        assert all(other == name or until <= start or end <= since for other, (since, until) in spent.items())
    others = [times for name, times in spent.items() if not name.endswith("alone")]
    assert any(one != two and one[0] < two[1] and two[0] < one[1] for one in others for two in others)


class Item:
    def __init__(self, path: str) -> None:
        self.path = ROOT / "tests" / path


def test_slow_files_come_first_and_browsers_between_others() -> None:
    paths = ("core/test_a.py", "faults/test_b.py", "e2e/test_c.py", "worker/training/test_d.py", "e2e/test_a.py")
    wanted = ["e2e/test_a.py", "faults/test_b.py", "e2e/test_c.py", "core/test_a.py", "worker/training/test_d.py"]
    assert sorted(paths, key=lambda path: rank(Item(path))) == wanted  # type: ignore[arg-type]
