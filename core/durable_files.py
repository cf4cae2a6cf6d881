"""Files and folders synced to the disk, so that they survive a power cut."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

# Errors of pipes, and of file systems that need or know no fsync of folders.
_NOTHING_TO_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOTSUP)


def sync(descriptor: int) -> None:
    """fsync, where the file supports it. Raises OSError."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOTHING_TO_SYNC:
            raise


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, and sync their names. Raises OSError."""
    named = []
    for path in (folder, *folder.parents):
        # The first existing one too: whoever created it may not have synced it yet.
        named.append(path)
        if path.exists():
            break
    folder.mkdir(parents=True, exist_ok=True)
    for made in reversed(named):
        # A folder may be writable, but not readable.
        with contextlib.suppress(PermissionError):
            sync_folder(made.parent)


def sync_tree(folder: Path) -> None:
    """Sync everything in a folder, contents before names. Raises OSError."""
    for path, _, names in os.walk(folder, topdown=False):
        for name in names:
            with (Path(path) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(path))
    make_folder(folder)
