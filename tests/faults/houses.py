"""A whole installation, API and all, on a disk of its own that can fail."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import redis
from sqlalchemy.orm import Session

from core.db.engine import make_readers
from core.settings import Settings
from tests.conftest import migrate_database
from tests.faults.api import Api
from tests.faults.disks import JournaledDisk
from tests.faults.stacks import QUICK, Embedded, Stack
from tests.installation import make_patient_engine
from tests.servers import make_cluster, start_worker

T = TypeVar("T")


class House:
    """An installation on the disk: all of it, but for a broker that is Redis, and then has lost all it had."""

    def __init__(self, stack: Stack, disk: JournaledDisk, folder: Path, running: contextlib.ExitStack) -> None:
        self.disk, self._log = disk, folder / "log"
        self._server: contextlib.ExitStack | None = None
        own: dict[str, object] = {"home": disk.folder / "home", **QUICK, "trainers": 2}
        if not isinstance(stack, Embedded):
            self._cluster = running.enter_context(make_cluster()).copy(disk.folder / "postgres")
            url = f"postgresql+psycopg://ridgeline@127.0.0.1:{self._cluster.port}/postgres"
            own |= {"database_url": url, "broker_url": stack.settings.broker_url.rpartition("/")[0] + "/1"}
        self.is_embedded = isinstance(stack, Embedded)
        self.settings = Settings.model_validate(own)
        self.serve()
        migrate_database(self.settings.database_url, self.settings.home)
        disk.sync()

    def serve(self) -> None:
        """The database's server, where it has one."""
        if not self.is_embedded:
            self._server = contextlib.ExitStack()
            self._server.enter_context(self._cluster.serve())
            redis.Redis.from_url(self.settings.broker_url).flushdb()

    @contextlib.contextmanager
    def run(self) -> Iterator[Api]:
        """API and worker; both are killed at the end."""
        api, worker = Api(self.settings, self._log), start_worker(self.settings, self._log)
        try:
            yield api.wait()
        finally:
            for process in (api.process, worker):
                process.kill()
                process.wait()

    def cut(self) -> None:
        self.disk.cut()

    @property
    def checkpoints(self) -> Path:
        assert self.settings.checkpoint_folder is not None
        return self.settings.checkpoint_folder

    def restore(self) -> None:
        if self._server is not None:
            self._server.close()
        self.disk.unmount()
        self.disk.mount()
        self.serve()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def read(self, work: Callable[[Session], T]) -> T:
        engine = make_patient_engine(self.settings)
        try:
            with make_readers(engine)() as session:
                return work(session)
        finally:
            engine.dispose()
