"""Entry point of the `ridgeline` command: Ctrl-C gives no traceback, even while modules load."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Done = TypeVar("Done")


def main() -> None:
    """Run the command. Ctrl-C ends it at once, except within ``interruptible``."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from backend.cli.root_command import main as run

    run()


def interruptible(work: Callable[Given, Done]) -> Callable[Given, Done]:
    """A command that cleans up on Ctrl-C: while it runs, Ctrl-C raises KeyboardInterrupt."""

    @wraps(work)
    def call(*given: Given.args, **named: Given.kwargs) -> Done:
        if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
            return work(*given, **named)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return work(*given, **named)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    return call


@contextmanager
def ending_at_once() -> Iterator[None]:
    """While inside, Ctrl-C ends the process: for imports, which need no clean-up.

    pydantic, which builds validators then, would swallow a KeyboardInterrupt, and the command would go on.
    """
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread may set handlers; an ignored signal stays ignored.
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
