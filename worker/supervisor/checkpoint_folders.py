"""The folders of checkpoints, a folder per job: listing and deleting. Trainers write and read the files."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Collection
from pathlib import Path

_NAME = re.compile(r"\.?\d{8}-([0-9a-f]{8})(\.weights)?\.safetensors(\.\d+)?")


def read_mark(name: str) -> str | None:
    """The first digits of the lease's token in the name of a checkpoint or of weights, whole or partial; else None."""
    found = _NAME.fullmatch(name)
    return found[1] if found else None


class CheckpointFolder:
    """``root``: shared by all workers; each job has a folder in it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, job_id: int) -> Path:
        """The job's folder, which need not exist."""
        return self._root / f"job-{job_id}"

    def list_jobs(self) -> list[int]:
        """The jobs that have a folder."""
        with contextlib.suppress(OSError):
            found = (name.removeprefix("job-") for name in os.listdir(self._root) if name.startswith("job-"))  # noqa: PTH208 - names are enough
            return sorted(int(name) for name in found if name.isascii() and name.isdecimal() and name[0] != "0")
        return []

    def clear_staging(self, seconds: float) -> None:
        """Delete the leftovers of a restore that was interrupted so long ago."""
        with contextlib.suppress(OSError):
            for path in self._root.glob(".restore-*"):
                with contextlib.suppress(OSError):
                    if path.stat().st_mtime < time.time() - seconds:
                        path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)

    def delete(self, job_id: int, names: Collection[str]) -> None:
        """Delete these of its files. The next clean-up tries again where that fails."""
        for name in names:
            with contextlib.suppress(OSError):
                (self.find(job_id) / name).unlink(missing_ok=True)

    def list_files(self, job_id: int) -> list[str]:
        """The names of its files, partial ones too."""
        with contextlib.suppress(OSError):
            return [path.name for path in self.find(job_id).iterdir()]
        return []

    def is_old(self, job_id: int, name: str, seconds: float) -> bool:
        """Whether this file was last written at least so long ago."""
        with contextlib.suppress(OSError):
            return (self.find(job_id) / name).stat().st_mtime < time.time() - seconds
        return False

    def remove(self, job_id: int) -> None:
        """Delete the job's folder."""
        shutil.rmtree(self.find(job_id), ignore_errors=True)

    def remove_empty(self, job_id: int) -> None:
        """Delete the job's folder if it is empty."""
        with contextlib.suppress(OSError):
            self.find(job_id).rmdir()
