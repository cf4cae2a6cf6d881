"""Backup of the database and its checkpoints, while Ridgeline runs."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine

from core.archive.manifest import Manifest, TableEntry, name_checkpoint, name_rows
from core.archive.writer import Writer
from core.db.models import now
from core.db.revision import list_revisions, read_revision
from core.db.table_dump import (
    EXCLUDED_TABLES,
    NamedCheckpoint,
    describe_columns,
    list_checkpoints,
    open_snapshot,
    read_counters,
    read_rows,
    reflect_tables,
)
from core.errors import ArchiveError

_BATCH = 1000
_TRIES = 5


class _VanishedError(Exception):
    """A job deleted its checkpoint between the snapshot and the opening of its files."""


def back_up(engine: Engine, checkpoint_folder: Path, file: IO[bytes]) -> Manifest:
    """Write the archive to ``file``; its manifest. Raises ArchiveError.

    Rows are one snapshot, and checkpoints those that it names: files of running jobs are opened first, so that they can
    be read even after their workers delete them.
    """
    for tries_left in reversed(range(_TRIES)):
        with contextlib.suppress(_VanishedError), open_snapshot(engine) as connection, contextlib.ExitStack() as held:
            revision = _check_revision(connection)
            named = list_checkpoints(connection)
            files = _hold(named, checkpoint_folder, held, complete=tries_left > 0)
            writer = Writer(file)
            missing = _write_checkpoints(writer, named, files, checkpoint_folder)
            tables = _write_tables(writer, connection)
            manifest = Manifest(
                version=version("ridgeline"),
                revision=revision,
                dialect=engine.dialect.name,
                created=now(),
                tables=tables,
                counters=read_counters(connection),
                missing=missing,
                members=writer.members,
            )
            writer.finish(manifest)
            return manifest
    raise AssertionError("the last attempt accepts missing files")


def _check_revision(connection: Connection) -> str:
    revision = read_revision(connection)
    if revision is None:
        raise ArchiveError("There is nothing to back up: this database has no tables of Ridgeline.")
    if revision not in list_revisions():
        raise ArchiveError(
            "The database is of a newer Ridgeline; back it up with that version.",
            field="revision",
            expected=f"one of: {', '.join(list_revisions())}",
            received=revision,
        )
    return revision


def _hold(
    named: list[NamedCheckpoint], folder: Path, held: contextlib.ExitStack, *, complete: bool
) -> dict[NamedCheckpoint, IO[bytes]]:
    """Open the files of jobs that have not ended. ``complete``: raise _VanishedError for a missing one."""
    held.enter_context(_many_files())
    files: dict[NamedCheckpoint, IO[bytes]] = {}
    for checkpoint in named:
        if not checkpoint.ended:
            try:
                files[checkpoint] = held.enter_context(_find(folder, checkpoint).open("rb"))
            except FileNotFoundError:
                if complete:
                    raise _VanishedError from None
    return files


@contextlib.contextmanager
def _many_files() -> Iterator[None]:
    """Raise the limit on open files to the maximum."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _find(folder: Path, checkpoint: NamedCheckpoint) -> Path:
    return folder / f"job-{checkpoint.job_id}" / checkpoint.name


def _write_checkpoints(
    writer: Writer, named: list[NamedCheckpoint], files: dict[NamedCheckpoint, IO[bytes]], folder: Path
) -> int:
    """Write the checkpoints; how many were missing."""
    missing = 0
    for checkpoint in named:
        with contextlib.ExitStack() as held:
            try:
                file = files.get(checkpoint) or held.enter_context(_find(folder, checkpoint).open("rb"))
            except FileNotFoundError:
                missing += 1
            else:
                size = os.fstat(file.fileno()).st_size
                writer.add(name_checkpoint(checkpoint.job_id, checkpoint.name), file, size)
    return missing


def _write_tables(writer: Writer, connection: Connection) -> dict[str, TableEntry]:
    entries = {}
    for table in reflect_tables(connection):
        if table.name in EXCLUDED_TABLES:
            continue
        entry = TableEntry(columns=describe_columns(table), rows=0, parts=[])
        for lines, count in read_rows(connection, table, _BATCH):
            name = name_rows(table.name, len(entry.parts))
            writer.add_bytes(name, lines)
            entry.parts.append(name)
            entry.rows += count
        entries[table.name] = entry
    return entries
