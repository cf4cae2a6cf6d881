"""Names and contents brought to the disk: what was said to be there is there after a power cut too."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

# Of pipes, and of file systems that bring a folder to the disk by themselves, or know no way to.
_NOTHING_TO_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOTSUP)


def sync(descriptor: int) -> None:
    """Bring what it stands for to the disk, where there is one behind it. Raises OSError."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOTHING_TO_SYNC:
            raise


def sync_folder(folder: Path) -> None:
    """Bring the names in it to the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make it, and what it lies in, where they are missing, and bring their names to the disk. Raises OSError."""
    named = []
    for path in (folder, *folder.parents):
        # The first that is there too: whoever made it a moment ago may not have come so far.
        named.append(path)
        if path.exists():
            break
    folder.mkdir(parents=True, exist_ok=True)
    for made in reversed(named):
        # One may be entered and written to by those who may not read it.
        with contextlib.suppress(PermissionError):
            sync_folder(made.parent)


def sync_tree(folder: Path) -> None:
    """Bring all that is in it to the disk, contents before names. Raises OSError."""
    for path, _, names in os.walk(folder, topdown=False):
        for name in names:
            with (Path(path) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(path))
    make_folder(folder)
