"""What the system knows of a process: time, memory, files, threads, children."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def read_cpu_seconds(pid: int) -> float:
    """That it has computed for so far."""
    cells = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(cells[11]) + int(cells[12])) / TICKS


@dataclass(frozen=True)
class Use:
    """Of one process. ``megabytes``: those that are its own, and its share of those that it shares."""

    megabytes: float
    files: int
    threads: int


def read_use(pid: int) -> Use:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names are enough
    return Use(kilobytes / 1024, files, len(os.listdir(f"/proc/{pid}/task")))  # noqa: PTH208 - as above


def count_zombies(parent: int) -> int:
    """Children that have ended and that nobody has asked after."""
    count = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, owner = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        count += state == "Z" and int(owner) == parent
    return count
