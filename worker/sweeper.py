"""Cleans up checkpoints: those of jobs that ended long ago, and files that no job goes on from."""

from __future__ import annotations

import logging

from core.db import checkpoints
from core.settings import Settings
from worker.checkpoints import CheckpointFolder
from worker.database import Database

logger = logging.getLogger(__name__)

# A file that no job has registered may have been written just now, by a trainer whose supervisor is about to.
ORPHAN_SECONDS = 3600.0


class Sweeper:
    """``sweep`` now and then. Whatever number of workers do so, on one folder and one database, no harm is done."""

    def __init__(self, database: Database, settings: Settings, folder: CheckpointFolder) -> None:
        self._database, self._folder = database, folder
        self._keep_seconds = settings.checkpoint_keep_hours * 3600

    def sweep(self) -> None:
        """A job's checkpoints go ``checkpoint_keep_hours`` after it ended, and an hour after it was deleted."""
        expired = self._database.write(lambda s: checkpoints.expire(s, self._keep_seconds))
        for job_id in expired:
            self._folder.remove(job_id)
        if expired:
            logger.info("checkpoints are removed, their time is over: jobs %s", expired)
        self._delete_orphans()

    def _delete_orphans(self) -> None:
        # The files first: one that is registered after this was not old.
        old = {job_id: self._folder.list_old(job_id, ORPHAN_SECONDS) for job_id in self._folder.list_jobs()}
        known = self._database.read(lambda s: checkpoints.list_names(s, old))
        for job_id, names in old.items():
            self._folder.delete(job_id, [name for name in names if name not in known.get(job_id, [])])
            self._folder.remove_empty(job_id)
