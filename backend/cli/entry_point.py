"""The first and the last step of the `ridgeline` command: while it loads and leaves, Ctrl-C gives no traceback."""

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
    """Run the command (backend.cli): Ctrl-C ends it at once, but where it is at work (``interruptible``)."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from backend.cli.commands import main as run

    run()


def interruptible(work: Callable[Given, Done]) -> Callable[Given, Done]:
    """A command that puts things in order on Ctrl-C: while it is at work a KeyboardInterrupt is raised."""

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
    """While inside, Ctrl-C ends the process: for what a command loads, with nothing to put in order.

    A KeyboardInterrupt would be lost where it is raised inside of pydantic's validators, which are being built then:
    the command would go on as if nobody had pressed a key.
    """
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread may; and who ignores the signal has a reason to.
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
