"""Every benchmark of `make bench` runs, at its smallest size, and prints what it measured: none is left to rot."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# By name: the arguments that make it small, and what it must have printed.
SMALLEST = {
    "training": ("--epochs 1 --repeats 1 --one-thread --only 64 peak64 cnn one hundred", r"\(a\) .*\d×", 7),
    "recording": ("--epochs 1 --repeats 1", r"slows \d+ trainers by .* -?\d+\.\d %", 24),
    "page_load": ("--repeats 1 --sizes 10x2", r"10 runs of 2 epochs \| \d+ ms \| \d+ ms", 1),
    "epoch_to_screen": ("--epochs 2 --pause 0.2", r"median \d+ ms", 0),
    "viewers": (
        "--viewers 1 3 --epochs 3 --pause 0.2",
        r"3 viewers of 57 runs, [1-9]\d* of \d+ changes heard",
        0,
    ),
    "coverage": ("--draws 20 --largest 100 --sweeps 4", r"4 sweeps: called better in \d+\.\d %", 12),
    "first_point": ("--repeats 1", r"median of 1: \d+ ms", 0),
}


def test_every_benchmark_of_make_bench_has_a_smallest_size() -> None:
    found = re.search(r"^BENCHMARKS := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    assert set(found[1].split()) == set(SMALLEST)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SMALLEST)
def test_benchmark_runs_at_its_smallest_size(name: str) -> None:
    arguments, expected, rows = SMALLEST[name]
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(expected, done.stdout), done.stdout
    # Of a table: all but its head and its rule.
    assert max(len(re.findall(r"^\| ", done.stdout, re.MULTILINE)) - 1, 0) == rows, done.stdout
