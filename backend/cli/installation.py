"""Commands for the installation on this machine: processes, database, backups."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.entry_point import ending_at_once
from backend.cli.options import AsJson, Host, LogsAsJson, Port, choose_settings
from backend.cli.output import console, print_json
from core.settings import get_settings


def up(
    host: Host = None,
    port: Port = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print events and log lines as JSON.")] = False,
) -> None:
    """Start everything on this machine: database, API, page and a worker. Ctrl-C ends it."""
    with ending_at_once():
        from backend.cli.process_manager import launch

    raise typer.Exit(launch(choose_settings(host, port, as_json=as_json), as_json=as_json))


def serve(
    host: Host = None,
    port: Port = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log warnings only.")] = False,
    as_json: LogsAsJson = False,
) -> None:
    """Serve the API and the page."""
    with ending_at_once():
        from backend.server import serve as run

    run(choose_settings(host, port, as_json=as_json), quiet=quiet)


def worker(as_json: LogsAsJson = False) -> None:
    """Train what is queued."""
    choose_settings(as_json=as_json)
    # Blocked until the worker handles them (worker.app, worker.supervisor.gpu_processes).
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    # Replaces this process, so that signals reach the worker; backend never imports worker.
    os.execv(sys.executable, [sys.executable, "-m", "worker.supervisor.gpu_processes"])  # noqa: S606  # no shell is wanted


def migrate(as_json: AsJson = False) -> None:
    """Bring the database's schema to the newest revision."""
    with ending_at_once():
        import core.db.models  # noqa: F401  # The migrations load it.
        from core.db.engine import make_engine
        from core.db.engine import migrate as run
        from core.db.revision import find_newest_revision

    engine = make_engine(get_settings())
    run(engine)
    engine.dispose()
    done = {"database": engine.dialect.name, "revision": find_newest_revision()}
    if as_json:
        print_json(done)
    else:
        console.print("The {database} database is at revision {revision}.".format(**done))


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write; - is standard output.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the database and the checkpoints into one file. Ridgeline may run meanwhile."""
    with ending_at_once():
        from backend.cli.backup import write_backup

    write_backup(get_settings(), file, force=force, as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="An archive of `ridgeline backup`; - reads standard input.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace the database's present content.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fill the database and the checkpoint folder from a backup."""
    with ending_at_once():
        from backend.cli.backup import read_backup

    read_backup(get_settings(), file, replace=replace, as_json=as_json)
