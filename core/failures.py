"""What keeps a command from working, in a sentence that says what to do. Tracebacks are for what nobody foresaw."""

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

# Of a shell: 128 and the number of SIGINT, of SIGPIPE.
INTERRUPTED = 130
UNREAD = 141

# Where no file is named, what was written to was a pipe, a terminal or a redirection.
_OF_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF, errno.EIO)
_ELSEWHERE = "set RIDGELINE_HOME to a folder that can be written"
# Parts of what drivers say, and what that means; the first that fits.
_SQLITE: tuple[tuple[str, str], ...] = (
    (
        "file is not a database",
        "{place} is not a SQLite database. Move it away, or set RIDGELINE_HOME to another folder.",
    ),
    ("malformed", "{place} is damaged. Move it away and bring a backup back with: ridgeline restore FILE."),
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


def run(work: Callable[[], int | None], complain: Callable[[Exception, str], None] | None = None) -> int:
    """The exit status of ``work``; where it fails, a sentence on standard error and 1.

    ``complain`` tells it otherwise, and is given the error too. Raises what has no sentence. Whoever reads a pipe and
    goes away, as ``head`` does, is told nothing.
    """
    status: int | None = 1
    try:
        status = _flush(work())
    except SystemExit as error:
        status = error.code if isinstance(error.code, int | None) else 1
        if isinstance(error.code, str):
            _complain(error.code)
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
            complain(error, sentence) if complain else _complain(sentence)
        status = 1
    _let_go_of_pipes()
    return status or 0


def explain(error: BaseException) -> str | None:
    """The sentence; None for what nobody foresaw."""
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
    """The variables that are not as they should be, and a sentence of each; None where several do not fit together."""
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
    """Why a file cannot be opened to write, as the system says it; nothing where it can."""
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError as error:
        return f": {error.strerror}" if error.strerror else ""
    folder = os.path.dirname(path) or "."  # noqa: PTH120  # of text
    return "" if os.access(folder, os.W_OK | os.X_OK) else ": its folder is not to be written"


def _complain(sentence: str) -> None:
    with contextlib.suppress(OSError, AttributeError, ValueError):
        # Closed, it is None, and print would take standard output instead.
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


def _flush(status: int | None) -> int | None:
    """What was printed is written now, where it may still fail with a sentence."""
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.flush()
    return status


def _let_go_of_pipes() -> None:
    """Python writes what is left when it ends, and says in its own words that nobody reads it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (AttributeError, ValueError):
            pass
