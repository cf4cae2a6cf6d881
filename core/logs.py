"""Logging of API and worker: a line per event, as text or JSON, with request or job ids, without secrets.

Log with the standard library; ``bind`` adds ids to the lines of this context (a request's task, a job's thread).
 https://www.structlog.org/en/stable/standard-library.html
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

# Fields that a call may add by ``extra``.
FIELDS = ("method", "route", "status", "milliseconds", "client", "jobs")
_process: dict[str, str] = {}
_OURS = ("ridgeline", "core", "backend", "worker")


def set_up_logs(settings: Settings, level: str | None = None) -> None:
    """Send all logs, warnings and uncaught errors of this process to standard error, in one format.

    ``level``: overrides the setting.
    """
    handler = _Handler(sys.stderr)
    handler.setFormatter(make_formatter(settings, colours=sys.stderr.isatty()))
    chosen = logging.getLevelNamesMapping()[(level or settings.log_level).upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # At debug level libraries log headers and whole messages.
    root.setLevel(max(chosen, logging.INFO))
    for name in _OURS:
        logging.getLogger(name).setLevel(chosen)
    logging.getLogger("celery").setLevel(max(chosen, logging.WARNING))
    # It warns that the filesystem transport has no host.
    logging.getLogger("kombu").setLevel(logging.ERROR)
    logging.captureWarnings(True)
    sys.excepthook = _log_end
    threading.excepthook = _log_end_of_thread


def identify(**ids: str) -> None:
    """Add these ids to every line of this process."""
    _process.update(ids)


def make_formatter(settings: Settings, *, colours: bool = False) -> logging.Formatter:
    """The formatter for ``settings.log_format``."""
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
    """Keep each event on one line; only a traceback has several, indented."""
    for key, value in line.items():
        if key == "exception":
            line[key] = "\n".join(f"    {escape_controls(part)}" for part in str(value).splitlines())
        elif not isinstance(value, int | float | None):
            line[key] = escape_controls(str(value))
    return line


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """The default would print the message and its arguments unredacted."""
        said = f"A line of {record.name} could not be written: {sys.exc_info()[1]!r}"
        instead = logging.LogRecord(log.name, logging.ERROR, record.pathname, record.lineno, said, None, None)
        # Standard error may be closed.
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
