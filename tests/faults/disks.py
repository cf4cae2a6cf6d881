"""Disks that are full for a while: a real one where this user may mount it, or a limit that writing meets as well."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_BLOCK = b"\0" * 4096


class SmallDisk:
    """1 MB of memory, mounted."""

    name = "a tmpfs of 1 MB"
    says = os.strerror(errno.ENOSPC)

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Called over and over: a checkpoint that replaces another leaves a little room."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while filler.write(_BLOCK):
                pass

    def make_room(self) -> None:
        self._filler.unlink()


class LimitedFiles:
    """No file of these processes may become larger than 1 kB."""

    name = "a limit of file sizes"
    says = os.strerror(errno.EFBIG)

    def __init__(self, list_writers: Callable[[], Iterable[int]]) -> None:
        self._list_writers = list_writers

    def fill(self) -> None:
        self._limit(1000)

    def make_room(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in self._list_writers():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextlib.contextmanager
def make_disk(folder: Path, list_writers: Callable[[], Iterable[int]]) -> Iterator[SmallDisk | LimitedFiles]:
    """``folder`` must exist; ``list_writers``: the processes that write into it."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "ridgeline-tests", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield LimitedFiles(list_writers)
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
