"""Deletes checkpoints of deleted jobs and of jobs that ended long ago, and files that no job can resume from."""

from __future__ import annotations

import logging
import threading
import time

from core.db.queries import checkpoints
from core.db.queries.checkpoints import Claims
from core.settings import Settings
from worker.supervisor.checkpoint_folders import CheckpointFolder, read_mark
from worker.supervisor.database import AWAY, Database, describe

logger = logging.getLogger(__name__)

# A deleted job's checkpoints are gone within a minute; a round lists one folder.
LOOK_SECONDS = 10.0
CLEAN_UP_SECONDS = 60.0
# Age at which a file that no trainer wrote is deleted from a job's folder.
STRANGE_SECONDS = 3600.0
STAGING_SECONDS = 86_400.0


class CheckpointCleanup:
    """``start`` it: a thread of its own, so that nobody waits for a slow disk.

    Any number of workers may do so at once, on one folder and one database. The database is queried after the files
    were listed, and again in a write transaction before anything is deleted: a restore puts files into place before it
    commits.
    """

    def __init__(self, database: Database, settings: Settings, folder: CheckpointFolder) -> None:
        self._database, self._folder = database, folder
        self._keep_seconds = settings.checkpoint_keep_hours * 3600
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoint-cleanup", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join(1)

    def clean_up(self) -> None:
        """Delete a job's checkpoints ``checkpoint_keep_hours`` after it ended, or at once where it was deleted."""
        self.remove_deleted()
        expired = self._database.write(lambda s: checkpoints.expire(s, self._keep_seconds))
        claims = self._database.read(lambda s: checkpoints.list_claims(s, expired))
        for job_id in expired:
            # Weights are kept as long as the experiment.
            own = claims[job_id].names if job_id in claims else frozenset()
            self._folder.delete(job_id, set(self._folder.list_files(job_id)) - own)
            self._folder.remove_empty(job_id)
        if expired:
            logger.info("expired checkpoints are removed: jobs %s", expired)
        self._delete_orphans()
        self._folder.clear_staging(STAGING_SECONDS)

    def remove_deleted(self) -> None:
        """Delete the folders of deleted jobs."""
        found = self._folder.list_jobs()
        gone = set(found) - self._database.read(lambda s: checkpoints.list_known(s, found))
        if not gone:
            return
        gone -= self._database.write(lambda s: checkpoints.list_known(s, gone))
        for job_id in gone:
            self._folder.remove(job_id)
        logger.info("checkpoints of deleted jobs are removed: %d", len(gone))

    def _delete_orphans(self) -> None:
        files = {job_id: self._folder.list_files(job_id) for job_id in self._folder.list_jobs()}
        claims = self._database.read(lambda s: checkpoints.list_claims(s, files))
        orphans = {job_id: self._choose(job_id, files[job_id], claims[job_id]) for job_id in claims}
        orphans = {job_id: names for job_id, names in orphans.items() if names}
        claims = self._database.write(lambda s: checkpoints.list_claims(s, orphans)) if orphans else {}
        for job_id, own in claims.items():
            self._folder.delete(job_id, self._choose(job_id, orphans[job_id], own))
        for job_id, own in claims.items():
            # The holder of the lease may have made it to write into it.
            if own.token is None:
                self._folder.remove_empty(job_id)

    def _choose(self, job_id: int, names: list[str], claims: Claims) -> list[str]:
        """Files from which no attempt can resume: only the holder of the lease still writes or names files."""
        chosen = []
        for name in set(names) - claims.names:
            mark = read_mark(name)
            if mark is None:
                chosen += [name] if self._folder.is_old(job_id, name, STRANGE_SECONDS) else []
            elif claims.token is None or not claims.token.startswith(mark):
                chosen.append(name)
        return chosen

    def _run(self) -> None:
        clean_up_from = 0.0
        while not self._closed.is_set():
            try:
                if time.monotonic() >= clean_up_from:
                    clean_up_from = time.monotonic() + CLEAN_UP_SECONDS
                    self.clean_up()
                else:
                    self.remove_deleted()
            except AWAY as error:
                logger.warning("No checkpoints cleaned up, the database is away: %s", describe(error))
            except Exception:
                logger.exception("The clean-up of checkpoints failed and is tried again")
            self._closed.wait(LOOK_SECONDS)
