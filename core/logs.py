"""Logs of API and worker: one line for each thing, as JSON or for people, with its request's or job's ids, no secrets.

Whoever logs uses the standard library; ``bind`` gives the lines of this context (a request's task, a job's thread)
their ids. https://www.structlog.org/en/stable/standard-library.html
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import types
from typing import Any, TextIO

from structlog import contextvars, dev, processors, stdlib
from structlog.types import EventDict, Processor, WrappedLogger

from core.settings import Settings
from core.text.control_characters import escape_controls
from core.text.redaction import Redactor, find_secrets

log = logging.getLogger("ridgeline")

bind = contextvars.bind_contextvars
bound = contextvars.bound_contextvars

# What a call may add by ``extra``; what libraries add stays out.
FIELDS = ("method", "route", "status", "milliseconds", "client", "jobs")
_process: dict[str, str] = {}
_OURS = ("ridgeline", "core", "backend", "worker")


def set_up_logs(settings: Settings, level: str | None = None) -> None:
    """Let every logger of this process, its warnings and what ends it, write to standard error in one format.

    ``level``: instead of the setting.
    """
    handler = _Handler(sys.stderr)
    handler.setFormatter(make_formatter(settings, colours=sys.stderr.isatty()))
    chosen = logging.getLevelNamesMapping()[(level or settings.log_level).upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries tell too much when they debug: headers, and messages whole.
    root.setLevel(max(chosen, logging.INFO))
    for name in _OURS:
        logging.getLogger(name).setLevel(chosen)
    logging.getLogger("celery").setLevel(max(chosen, logging.WARNING))
    # It warns that files have no host; whether a broker is reachable is Celery's to say.
    logging.getLogger("kombu").setLevel(logging.ERROR)
    logging.captureWarnings(True)
    sys.excepthook = _log_end
    threading.excepthook = _log_end_of_thread


def identify(**ids: str) -> None:
    """Give every line of this process these ids."""
    _process.update(ids)


def make_formatter(settings: Settings, *, colours: bool = False) -> logging.Formatter:
    """What makes a record a line, as ``settings.log_format`` says."""
    before: list[Processor] = [
        contextvars.merge_contextvars,
        _add_process,
        stdlib.ExtraAdder(FIELDS),
        stdlib.add_log_level,
        stdlib.add_logger_name,
        processors.TimeStamper("iso", utc=True),
        processors.format_exc_info,
        Redactor(find_secrets(settings)),
    ]
    last: list[Processor] = [processors.JSONRenderer()]
    if settings.log_format == "text":
        layout: dict[str, Any] = {"pad_event_to": 0, "pad_level": False, "exception_formatter": dev.plain_traceback}
        last = [_escape, dev.ConsoleRenderer(colors=colours, **layout)]
    return stdlib.ProcessorFormatter(
        processors=[stdlib.ProcessorFormatter.remove_processors_meta, *last], foreign_pre_chain=before
    )


def _add_process(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    return {**line, **_process}


def _escape(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    """No text begins a line of its own: only a traceback has several, and these are indented."""
    for key, value in line.items():
        if key == "exception":
            line[key] = "\n".join(f"    {escape_controls(part)}" for part in str(value).splitlines())
        elif not isinstance(value, int | float | None):
            line[key] = escape_controls(str(value))
    return line


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """The library's own would print the message and its arguments as they are."""
        said = f"A line of {record.name} could not be written: {sys.exc_info()[1]!r}"
        instead = logging.LogRecord(log.name, logging.ERROR, record.pathname, record.lineno, said, None, None)
        # Where nobody reads any more, nobody needs to be told.
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(self.format(instead) + self.terminator)


def _log_end(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("This process ends by an error", exc_info=(kind, error, trace))


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if issubclass(ended.exc_type, SystemExit):
        return
    error: Any = ended.exc_value
    name = ended.thread.name if ended.thread else "?"
    log.critical("The thread %s ends by an error", name, exc_info=(ended.exc_type, error, ended.exc_traceback))
