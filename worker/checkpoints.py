"""The folders of checkpoints as the supervisor sees them: names, and what may go. Trainers write and read them."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Collection
from pathlib import Path


class CheckpointFolder:
    """``root`` is shared by every worker; each job has a folder in it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, job_id: int) -> Path:
        """Where this job's are; it need not be there."""
        return self._root / f"job-{job_id}"

    def list_jobs(self) -> list[int]:
        """The jobs that have a folder."""
        found = (path.name.removeprefix("job-") for path in self._root.glob("job-*"))
        return sorted(int(name) for name in found if name.isdecimal())

    def delete(self, job_id: int, names: Collection[str]) -> None:
        """Delete these of its files. What cannot be deleted now is swept later."""
        for name in names:
            with contextlib.suppress(OSError):
                (self.find(job_id) / name).unlink(missing_ok=True)

    def list_old(self, job_id: int, seconds: float) -> list[str]:
        """Its files that were last written so long ago or longer, partial ones too."""
        late, old = time.time() - seconds, []
        with contextlib.suppress(OSError):
            for path in self.find(job_id).iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < late:
                        old.append(path.name)
        return old

    def remove(self, job_id: int) -> None:
        """Delete all of this job's."""
        shutil.rmtree(self.find(job_id), ignore_errors=True)

    def remove_empty(self, job_id: int) -> None:
        """Its folder, where there is nothing in it."""
        with contextlib.suppress(OSError):
            self.find(job_id).rmdir()
