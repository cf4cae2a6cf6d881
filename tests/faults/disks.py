"""Disks that fail: full for a while, a real one where this user may mount it, or a limit that writing meets as well;
and one whose power is cut, which needs a real one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.servers import ServerMissingError, find_open_folder

_BLOCK = b"\0" * 4096
# Of linux/ext4.h: from now on nothing reaches the disk, and what the journal holds in memory is not written either.
_SHUTDOWN = 0x8004587D
_NO_LOG_FLUSH = 2


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


class JournaledDisk:
    """An ext4 in a file, mounted at ``folder``: ``cut`` its power, end all who write to it, and ``mount`` it again."""

    def __init__(self, image: Path, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._image = image
        self._filler = folder / "filler"
        with image.open("wb") as file:
            file.truncate(megabytes * 2**20)
        _run("mkfs.ext4", "-q", "-m", "0", str(image))
        self.mount()

    def mount(self) -> None:
        _run("mount", "-o", "loop", str(self._image), str(self.folder))

    def fill(self) -> None:
        """Leave no room."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            left = os.statvfs(self.folder)
            os.posix_fallocate(filler.fileno(), 0, max(1, (left.f_bavail - 64) * left.f_frsize))
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while filler.write(_BLOCK):
                os.fsync(filler.fileno())

    def make_room(self) -> None:
        self._filler.unlink()

    def cut(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def sync(self) -> None:
        """Bring all to the disk that the test itself has laid out on it."""
        _run("sync", "--file-system", str(self.folder))

    def unmount(self, seconds: float = 30) -> None:
        """Those that were killed may take a moment to be gone."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return _run("umount", str(self.folder))
            except ServerMissingError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


@contextlib.contextmanager
def make_journaled_disk(megabytes: int) -> Iterator[JournaledDisk]:
    """Raises ServerMissingError where this user may not mount one, or the kernel has none to give."""
    if os.geteuid() or not Path("/dev/loop-control").exists() or not shutil.which("mkfs.ext4"):
        raise ServerMissingError("A disk whose power can be cut needs root, loop devices and mkfs.ext4.")
    with tempfile.TemporaryDirectory(prefix="ridgeline-disk-", dir=find_open_folder()) as name:
        place = Path(name) / "disk"
        place.mkdir()
        Path(name).chmod(0o755)
        disk = JournaledDisk(Path(name) / "image", place, megabytes)
        try:
            yield disk
        finally:
            if os.path.ismount(place):
                disk.unmount()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerMissingError(f"{' '.join(command)}: {done.stderr.strip()}")
