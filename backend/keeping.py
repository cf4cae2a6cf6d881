"""`ridgeline backup` and `ridgeline restore`: files and pipes around core.archive."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rich.console import Console

from core.archive.backup import back_up
from core.archive.manifest import Manifest
from core.archive.restore import restore
from core.archive.writer import open_target
from core.db.engine import make_engine
from core.errors import ArchiveError
from core.settings import Settings

# Beside the archive itself, which may go to standard output.
notes = Console(stderr=True, highlight=False, soft_wrap=True)


def write_backup(settings: Settings, file: Path) -> None:
    """Into ``file``, or to standard output where that is ``-``. Raises ArchiveError."""
    assert settings.checkpoint_folder is not None
    engine = make_engine(settings)
    try:
        with contextlib.nullcontext(_find_output()) if str(file) == "-" else open_target(file) as target:
            manifest = back_up(engine, settings.checkpoint_folder, target)
            target.flush()
    except BrokenPipeError as error:
        raise ArchiveError("Whoever was to read the backup has gone away.") from error
    finally:
        engine.dispose()
    where = "" if str(file) == "-" else f" in {file}"
    notes.print(f"Backed up {describe(manifest)}{where}.", markup=False)
    if manifest.missing:
        notes.print(
            f"Checkpoints that the database names and {settings.checkpoint_folder} does not have: {manifest.missing}. "
            "Their jobs would go on from an earlier one, or from their start.",
            markup=False,
        )


def read_backup(settings: Settings, file: Path, *, replace: bool) -> None:
    """From ``file``, or from standard input where that is ``-``. Raises ArchiveError and ConflictError."""
    assert settings.checkpoint_folder is not None
    engine = make_engine(settings)
    try:
        with _as_file(file, settings.checkpoint_folder) as path:
            manifest = restore(engine, settings.checkpoint_folder, path, replace=replace)
    finally:
        engine.dispose()
    notes.print(f"Restored {describe(manifest)}, as of {manifest.created:%Y-%m-%d %H:%M} UTC.", markup=False)


def _find_output() -> IO[bytes]:
    if sys.stdout is None:
        raise ArchiveError("Standard output is closed; there is nowhere to write the backup to.")
    return sys.stdout.buffer


def describe(manifest: Manifest) -> str:
    counts = {name: manifest.tables[name].rows for name in ("experiments", "runs", "epochs")}
    parts = [f"{count:,} {name if name != 'epochs' else 'epoch rows'}" for name, count in counts.items()]
    size = manifest.bytes / 2**20
    return f"{', '.join(parts)} and {len(manifest.checkpoints):,} checkpoints ({size:,.1f} MiB)"


@contextlib.contextmanager
def _as_file(file: Path, folder: Path) -> Iterator[Path]:
    """It is read twice, so what comes through a pipe is put down first, where its checkpoints will be."""
    if str(file) != "-":
        yield file
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix=".restore-", dir=folder) as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled)
        spooled.flush()
        yield Path(spooled.name)
