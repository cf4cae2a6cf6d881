"""Restore of a backup: all or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from core.archive.manifest import Manifest, split_checkpoint
from core.archive.reader import Reader, open_archive
from core.db.post_restore import requeue_running_jobs
from core.db.queries.search import refresh
from core.db.revision import list_revisions, lock_schema, read_revisions, upgrade
from core.db.table_dump import (
    EXCLUDED_TABLES,
    allow_long_transaction,
    count_rows,
    describe_columns,
    drop_tables,
    lock_tables,
    raise_counters,
    read_counters,
    reflect_tables,
    write_rows,
)
from core.durable_files import make_folder, sync_folder
from core.errors import ArchiveError, ConflictError


def restore(engine: Engine, checkpoint_folder: Path, path: Path, *, replace: bool = False) -> Manifest:
    """Fill the database and the checkpoint folder from the archive at ``path``; its manifest.

    Everything is checked first, and the database changes in one transaction. Running jobs are queued again.
    ``replace``: whether to delete existing rows. Raises ArchiveError, and ConflictError where the database is not
    empty.
    """
    with open_archive(path) as archive, _staging(archive, checkpoint_folder) as staged:
        _check_known(archive.manifest.revision, f"This backup is of a newer Ridgeline ({archive.manifest.version})")
        try:
            with engine.begin() as connection:
                allow_long_transaction(connection)
                lock_schema(connection)
                _check_target(connection, replace)
                _fill(connection, archive)
                # Last: a worker deletes files of jobs unknown to the database.
                _publish(staged, checkpoint_folder)
        except (DataError, IntegrityError, ValueError) as error:
            reason = getattr(error, "orig", None) or error
            raise ArchiveError(
                f"The backup cannot be loaded into this database: {str(reason).splitlines()[0]}."
            ) from error
        _forget_others(archive.manifest, checkpoint_folder)
        return archive.manifest


def _check_known(revision: str | None, what: str) -> None:
    if revision not in list_revisions():
        raise ArchiveError(
            f"{what}; upgrade this one first.",
            field="revision",
            expected=f"one of: {', '.join(list_revisions())}",
            received=revision,
        )


def _check_target(connection: Connection, replace: bool) -> None:
    lock_tables(connection)
    for revision in read_revisions(connection):
        _check_known(revision, "The database is of a newer Ridgeline")
    rows = count_rows(connection)
    if rows and not replace:
        raise ConflictError(
            f"The database is not empty: it holds {rows:,} rows. Give --replace to replace them by the backup's.",
            field="replace",
            expected="an empty database, or --replace",
            received=rows,
        )


def _fill(connection: Connection, archive: Reader) -> None:
    """Create the tables of the backup's revision, load its rows, and upgrade them."""
    own = read_counters(connection)
    drop_tables(connection)
    upgrade(connection, archive.manifest.revision)
    _load(connection, archive)
    upgrade(connection)
    # The archive's search text may be of another version of Unicode, or forged.
    refresh(connection)
    # No id is reused that was given here or in the original: pages may be open on it.
    raise_counters(connection, own, archive.manifest.counters)
    with Session(connection, join_transaction_mode="rollback_only") as session:
        requeue_running_jobs(session)
        session.flush()
        session.commit()


def _load(connection: Connection, archive: Reader) -> None:
    entries = archive.manifest.tables
    tables = [table for table in reflect_tables(connection) if table.name not in EXCLUDED_TABLES]
    if {table.name: describe_columns(table) for table in tables} != {n: e.columns for n, e in entries.items()}:
        raise ArchiveError(f"The backup's tables do not match its revision {archive.manifest.revision}.")
    for table in tables:
        entry, rows = entries[table.name], 0
        for part in entry.parts:
            with archive.open(part) as file:
                rows += write_rows(connection, table, entry.columns, file.read())
        if rows != entry.rows:
            raise ArchiveError(f"The backup's manifest gives {table.name} {entry.rows} rows; it has {rows}.")


@contextlib.contextmanager
def _staging(archive: Reader, folder: Path) -> Iterator[Path]:
    """The checkpoints, written to a temporary folder beside their final one."""
    make_folder(folder)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as name:
        for member in archive.manifest.checkpoints:
            job, file = split_checkpoint(member)
            target = Path(name) / job / file
            try:
                _write(archive, member, target)
            except OSError as error:
                raise ArchiveError(f"Checkpoints cannot be written to {folder}: {error.strerror or error}.") from error
        yield Path(name)


def _write(archive: Reader, member: str, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    with archive.open(member) as source, target.open("wb") as writing:
        shutil.copyfileobj(source, writing)
        writing.flush()
        os.fsync(writing.fileno())


def _publish(staged: Path, folder: Path) -> None:
    for job in sorted(staged.iterdir()):
        target = folder / job.name
        target.mkdir(exist_ok=True)
        for file in sorted(job.iterdir()):
            file.replace(target / file.name)
        sync_folder(target)
    sync_folder(folder)


def _forget_others(manifest: Manifest, folder: Path) -> None:
    """Delete checkpoints of what was replaced."""
    kept = {split_checkpoint(name) for name in manifest.checkpoints}
    for path in folder.glob("job-*/*.safetensors"):
        if (path.parent.name, path.name) not in kept:
            path.unlink(missing_ok=True)
