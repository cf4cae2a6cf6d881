"""Expected failures of commands, as a sentence that says what to do; only unexpected ones give tracebacks."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable

from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from core.errors import RidgelineError
from core.settings import get_settings

# Exit statuses as of a shell: 128 plus the number of SIGINT, of SIGPIPE.
INTERRUPTED = 130
UNREAD = 141

# Errors without a file name that concern standard output.
_OF_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF, errno.EIO)
_ELSEWHERE = "set RIDGELINE_HOME to a folder that can be written"
# Parts of the drivers' messages, and sentences for them; the first match counts.
_SQLITE: tuple[tuple[str, str], ...] = (
    (
        "file is not a database",
        "{place} is not a SQLite database. Move it away, or set RIDGELINE_HOME to another folder.",
    ),
    ("malformed", "{place} is damaged. Move it away and restore a backup with: ridgeline restore FILE."),
    ("unable to open", f"{{place}} cannot be opened{{why}}. Mend that, or {_ELSEWHERE}."),
    ("readonly", f"{{place}} cannot be written{{why}}. Mend that, or {_ELSEWHERE}."),
    ("is locked", "Another program keeps {place} locked. End it, or try again."),
    ("is full", "The disk of {place} is full. Free some space, and try again."),
    ("disk I/O error", "The disk of {place} does not read or write. Mend that, and try again."),
)
_CHECK = "Check RIDGELINE_DATABASE_URL and RIDGELINE_DATABASE_PASSWORD."
_POSTGRESQL: tuple[tuple[str, str], ...] = (
    ("password authentication failed", f"PostgreSQL at {{place}} refuses this user or password. {_CHECK}"),
    ("no password supplied", f"PostgreSQL at {{place}} asks for a password. {_CHECK}"),
    ("pg_hba.conf", f"PostgreSQL at {{place}} lets nobody in from here ({{said}}). {_CHECK}"),
    ("role", f"PostgreSQL at {{place}} does not let this user in ({{said}}). {_CHECK}"),
    ("does not exist", "PostgreSQL at {place} does not have this database ({said}). Create it, or name another one."),
    ("permission denied", "PostgreSQL at {place} does not let this user do that ({said})."),
    (
        "connection",
        "No PostgreSQL answers at {place} ({said}). Start it, or set RIDGELINE_DATABASE_URL to where it is.",
    ),
    ("resolve", "The host of {place} is not known ({said}). Check RIDGELINE_DATABASE_URL."),
)


def run(work: Callable[[], int | None], report: Callable[[Exception, str], None] | None = None) -> int:
    """Run ``work``; its exit status, or 1 after an expected failure, with a sentence on standard error.

    ``report`` replaces that output. Unexpected errors are raised. A closed pipe, as of ``head``, is silent.
    """
    status: int | None = 1
    try:
        status = _flush(work())
    except SystemExit as error:
        status = error.code if isinstance(error.code, int | None) else 1
        if isinstance(error.code, str):
            _print_error(error.code)
        with contextlib.suppress(OSError):
            status = _flush(status)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        status = UNREAD
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        with contextlib.suppress(OSError):
            report(error, sentence) if report else _print_error(sentence)
        status = 1
    _abandon_closed_pipes()
    return status or 0


def explain(error: BaseException) -> str | None:
    """The sentence for an expected failure; None for an unexpected error."""
    match error:
        case RidgelineError():
            return error.message
        case ValidationError():
            return "\n".join(sentence for _, sentence in list_settings(error))
        case SQLAlchemyError():
            return _explain_database(error)
        case OSError() if error.strerror or str(error):
            place = error.filename or ("The output cannot be written" if error.errno in _OF_OUTPUT else "")
            return f"{place}: {error.strerror or error}." if place else f"{error.strerror or error}."
    return None


def list_settings(error: ValidationError) -> list[tuple[str | None, str]]:
    """Invalid settings: variable and sentence; the variable is None where several are inconsistent."""
    problems = []
    for each in error.errors(include_url=False, include_input=False):
        name = "_".join(map(str, each["loc"])).upper()
        setting, text = f"RIDGELINE_{name}" if name else None, each["msg"].removeprefix("Value error, ")
        problems.append((setting, f"{setting}: {text}" if setting else text))
    return problems


def _explain_database(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    said = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    url = make_url(get_settings().database_url)
    if url.get_backend_name() == "sqlite":
        place, meanings = url.database or "the database", _SQLITE
    else:
        place, meanings = f"{url.host or 'this machine'}:{url.port or 5432}/{url.database or ''}", _POSTGRESQL
    for part, sentence in meanings:
        if part in said:
            return sentence.format(place=place, said=said, why=_find_reason(place))
    return f"The database does not answer: {said}"


def _find_reason(path: str) -> str:
    """The system's reason why a file cannot be written; empty if it can."""
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError as error:
        return f": {error.strerror}" if error.strerror else ""
    folder = os.path.dirname(path) or "."  # noqa: PTH120  # of text
    return "" if os.access(folder, os.W_OK | os.X_OK) else ": its folder is not writable"


def _print_error(sentence: str) -> None:
    with contextlib.suppress(OSError, AttributeError, ValueError):
        # When closed, it is None, and print would use standard output.
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


def _flush(status: int | None) -> int | None:
    """Flush standard output while a failure can still become a sentence."""
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.flush()
    return status


def _abandon_closed_pipes() -> None:
    """Redirect closed streams to nothing: Python's flush at exit would print an error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (AttributeError, ValueError):
            pass
