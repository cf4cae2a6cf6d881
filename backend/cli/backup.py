"""`ridgeline backup` and `ridgeline restore`, to and from files and pipes."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from backend.cli.output import notes, print_json
from core.archive.backup import back_up
from core.archive.manifest import Manifest
from core.archive.restore import restore
from core.archive.writer import open_target
from core.db.engine import make_engine
from core.durable_files import sync
from core.errors import ArchiveError
from core.settings import Settings


def write_backup(settings: Settings, file: Path, *, force: bool = False, as_json: bool = False) -> None:
    """Write a backup to ``file``, or to standard output for ``-``. Raises ArchiveError.

    ``force``: whether an existing file may be overwritten.
    """
    assert settings.checkpoint_folder is not None
    require_database(settings)
    piped = str(file) == "-"
    if piped and sys.stdout.isatty():
        raise ArchiveError("A backup is binary: name a file, or redirect standard output.")
    engine = make_engine(settings)
    try:
        with contextlib.nullcontext(sys.stdout.buffer) if piped else open_target(file, force=force) as target:
            manifest = back_up(engine, settings.checkpoint_folder, target)
            target.flush()
            if str(file) == "-":
                # Standard output may be a file as well as a pipe.
                sync(target.fileno())
    except BrokenPipeError as error:
        raise ArchiveError("The reader of the backup closed the pipe.") from error
    finally:
        engine.dispose()
    if as_json:
        # Standard output may be the archive itself.
        print_json(count(manifest) | {"file": str(file), "missing": manifest.missing}, error=piped)
        return
    where = "" if piped else f" in {file}"
    notes.print(f"Backed up {describe(manifest)}{where}.", markup=False)
    if manifest.missing:
        notes.print(
            f"Checkpoints missing from {settings.checkpoint_folder}: {manifest.missing}. "
            "After a restore their jobs would continue from an earlier one, or start over.",
            markup=False,
        )


def require_database(settings: Settings) -> None:
    """Raise ArchiveError where the database file does not exist: connecting would create it."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise ArchiveError(
            f"There is no Ridgeline in {settings.home}: no database at {url.database}. Run this command in the folder "
            "that Ridgeline was started in, or set RIDGELINE_HOME to its data folder.",
            field="home",
            expected="the home of an installation",
            received=str(settings.home),
        )


def read_backup(settings: Settings, file: Path, *, replace: bool, as_json: bool = False) -> None:
    """Restore from ``file``, or from standard input for ``-``. Raises ArchiveError and ConflictError."""
    assert settings.checkpoint_folder is not None
    engine = make_engine(settings)
    try:
        with _made(settings.checkpoint_folder), _as_file(file, settings.checkpoint_folder) as path:
            manifest = restore(engine, settings.checkpoint_folder, path, replace=replace)
    finally:
        engine.dispose()
    if as_json:
        print_json(count(manifest) | {"file": str(file), "created": f"{manifest.created:%Y-%m-%dT%H:%M:%SZ}"})
        return
    notes.print(f"Restored {describe(manifest)}, as of {manifest.created:%Y-%m-%d %H:%M} UTC.", markup=False)


def count(manifest: Manifest) -> dict[str, Any]:
    """Counts of its content."""
    rows = {name: manifest.tables[name].rows for name in ("experiments", "runs", "epochs")}
    return {**rows, "checkpoints": len(manifest.checkpoints), "bytes": manifest.bytes}


def describe(manifest: Manifest) -> str:
    return (
        "{experiments:,} experiments, {runs:,} runs, {epochs:,} epoch rows and {checkpoints:,} checkpoints "
        "({size:,.1f} MiB)"
    ).format(**count(manifest), size=manifest.bytes / 2**20)


@contextlib.contextmanager
def _as_file(file: Path, folder: Path) -> Iterator[Path]:
    """A file to read twice: standard input is first copied into ``folder``, where the checkpoints will be."""
    if str(file) != "-":
        yield file
        return
    with tempfile.NamedTemporaryFile(prefix=".restore-", dir=folder) as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled)
        spooled.flush()
        yield Path(spooled.name)


@contextlib.contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder; if the body fails, remove the empty folders that were made."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in missing:
            # It may not be empty any more.
            with contextlib.suppress(OSError):
                path.rmdir()
        raise
