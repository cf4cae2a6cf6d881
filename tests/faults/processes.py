"""What the system knows of a process: time, memory, files, threads, children."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

TICKS = os.sysconf("SC_CLK_TCK")


def read_cpu_seconds(pid: int) -> float:
    """That it has computed for so far."""
    cells = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(cells[11]) + int(cells[12])) / TICKS


@dataclass(frozen=True)
class Use:
    """Of one process. ``megabytes``: those that are its own, and its share of those that it shares.

    ``connections``: files and sockets of a database, which a pool opens when threads first need one at the same time,
    and keeps. ``files``: all others that are open.
    """

    megabytes: float
    files: int
    connections: int
    threads: int


def read_use(pid: int, database_url: str) -> Use:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    opened = list_open(pid)
    connections = len(find_connections(pid, opened, database_url))
    return Use(kilobytes / 1024, len(opened) - connections, connections, len(os.listdir(f"/proc/{pid}/task")))  # noqa: PTH208 - names are enough


def list_open(pid: int) -> list[str]:
    """What each of its descriptors stands for: a path, or a kind and a number as in ``socket:[4711]``."""
    opened = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            opened.append(str(entry.readlink()))
    return opened


def find_connections(pid: int, opened: list[str], database_url: str) -> list[str]:
    """Those of ``opened`` that lead to the database: SQLite's files, or sockets to PostgreSQL's port."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return [name for name in opened if name.startswith(str(url.database))]
    rows = [row.split() for row in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(f":{url.port or 0:04X}")}
    return [name for name in opened if name in sockets]


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
