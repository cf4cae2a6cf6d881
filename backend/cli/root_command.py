"""The `ridgeline` command: its commands, and the handling of errors and streams around them."""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib.metadata import version
from typing import Annotated

import typer

from backend.cli import experiments, installation
from backend.cli.entry_point import interruptible
from backend.cli.errors import USAGE, describe_usage, refuse
from backend.cli.output import print_json
from core.command_failures import INTERRUPTED
from core.command_failures import run as run_safely

_NAME = "ridgeline"

app = typer.Typer(
    help="Ridgeline: regularization experiments.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
# In the order of --help.
for _command in (
    installation.up,
    installation.serve,
    installation.worker,
    installation.migrate,
    installation.backup,
    installation.restore,
    experiments.submit,
    experiments.list_experiments,
    experiments.show,
    experiments.answer,
    experiments.compare,
    experiments.script,
    experiments.claims,
    experiments.cancel,
    experiments.retry,
    experiments.resume,
    experiments.extend,
    experiments.delete,
):
    app.command("list" if _command is experiments.list_experiments else None)(interruptible(_command))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{_NAME} {version(_NAME)}")
        raise typer.Exit


@app.callback()
def describe(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ridgeline: regularization experiments."""


def main() -> None:
    """Run the command; a failure prints a sentence and exits with 1, wrong usage with 2."""
    as_json = "--json" in sys.argv
    _occupy_streams()
    sys.exit(run_safely(partial(_run, as_json=as_json), lambda error, _: refuse(error, as_json=as_json)))


def _run(*, as_json: bool) -> int | None:
    if not as_json:
        app(prog_name=_NAME)
        return None
    try:
        # Returned, not raised, without standalone mode.
        status = app(prog_name=_NAME, standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except typer.TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        print_json({"error": describe_usage(message)}, error=True, indent=None)
        return USAGE
    return status or 0


def _occupy_streams() -> None:
    """Open closed standard streams, so that no file gets their numbers; escape what the encoding lacks."""
    # Standard output read-only, so that printing fails as it does when closed.
    for name, mode, flags in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            # The lowest free number, so the stream's own.
            number = os.open(os.devnull, flags)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # Python's own streams
