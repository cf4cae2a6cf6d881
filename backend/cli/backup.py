"""`ridgeline backup` and `ridgeline restore`: files and pipes around core.archive."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from backend.cli.console import notes, print_json
from core.archive.backup import back_up
from core.archive.manifest import Manifest
from core.archive.restore import restore
from core.archive.writer import open_target
from core.db.engine import make_engine
from core.durable_files import sync
from core.errors import ArchiveError
from core.settings import Settings


def write_backup(settings: Settings, file: Path, *, force: bool = False, as_json: bool = False) -> None:
    """Into ``file``, or to standard output where that is ``-``. Raises ArchiveError.

    ``force``: whether a file that is there may be written over.
    """
    assert settings.checkpoint_folder is not None
    require_database(settings)
    piped = str(file) == "-"
    if piped and sys.stdout.isatty():
        raise ArchiveError("A backup is no text for a terminal: name a file, or send standard output to one.")
    engine = make_engine(settings)
    try:
        with contextlib.nullcontext(sys.stdout.buffer) if piped else open_target(file, force=force) as target:
            manifest = back_up(engine, settings.checkpoint_folder, target)
            target.flush()
            if str(file) == "-":
                # It may be a file as well as a pipe.
                sync(target.fileno())
    except BrokenPipeError as error:
        raise ArchiveError("Whoever was to read the backup has gone away.") from error
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
            f"Checkpoints that the database names and {settings.checkpoint_folder} does not have: {manifest.missing}. "
            "Their jobs would go on from an earlier one, or from their start.",
            markup=False,
        )


def require_database(settings: Settings) -> None:
    """Raises ArchiveError where the database is a file that is not there: looking for one must not make it."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise ArchiveError(
            f"There is no Ridgeline in {settings.home}: no database at {url.database}. Run this command in the folder "
            "that Ridgeline was started in, or set RIDGELINE_HOME to where it keeps its data.",
            field="home",
            expected="the home of an installation",
            received=str(settings.home),
        )


def read_backup(settings: Settings, file: Path, *, replace: bool, as_json: bool = False) -> None:
    """From ``file``, or from standard input where that is ``-``. Raises ArchiveError and ConflictError."""
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
    """What it holds, in numbers."""
    rows = {name: manifest.tables[name].rows for name in ("experiments", "runs", "epochs")}
    return {**rows, "checkpoints": len(manifest.checkpoints), "bytes": manifest.bytes}


def describe(manifest: Manifest) -> str:
    return (
        "{experiments:,} experiments, {runs:,} runs, {epochs:,} epoch rows and {checkpoints:,} checkpoints "
        "({size:,.1f} MiB)"
    ).format(**count(manifest), size=manifest.bytes / 2**20)


@contextlib.contextmanager
def _as_file(file: Path, folder: Path) -> Iterator[Path]:
    """It is read twice, so what comes through a pipe is put down first, where its checkpoints will be."""
    if str(file) != "-":
        yield file
        return
    with tempfile.NamedTemporaryFile(prefix=".restore-", dir=folder) as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled)
        spooled.flush()
        yield Path(spooled.name)


@contextlib.contextmanager
def _made(folder: Path) -> Iterator[None]:
    """A folder that is there; where what follows fails, it leaves no empty ones behind."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in missing:
            # Somebody may have put something there.
            with contextlib.suppress(OSError):
                path.rmdir()
        raise
