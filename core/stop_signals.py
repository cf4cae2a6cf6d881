"""Signals that ask a process to stop, as an event."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable


def listen_to_signals(signals: Iterable[signal.Signals], then: Callable[[], None] = lambda: None) -> threading.Event:
    """Set on the first of the signals, whichever comes and however often; ``then`` is called after that.

    Call it from the main thread. Signals that were blocked while the program was being loaded are heard now.
    """
    chosen = tuple(signals)
    stopping = threading.Event()
    reading, writing = os.pipe()

    def watch() -> None:
        os.read(reading, 1)
        stopping.set()
        then()

    # A handler runs between any two instructions of the main thread, so it takes no lock: it only writes a byte.
    for number in chosen:
        signal.signal(number, lambda *_: os.write(writing, b"x"))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, chosen)
    threading.Thread(target=watch, name="signals", daemon=True).start()
    return stopping
