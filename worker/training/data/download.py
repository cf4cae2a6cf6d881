"""Downloads a data set once, without ever hanging."""

from __future__ import annotations

import fcntl
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from core.durable_files import make_folder

PROBE_SECONDS = 5.0
STALL_SECONDS = 30.0


class UnreachableError(Exception):
    """None of the servers answered."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Two trainers that need the same files fetch them once: the second waits for the first."""
    make_folder(folder)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch(urls: Sequence[str], task: Callable[[], object], check: Callable[[], None]) -> None:
    """Run ``task``, which downloads from one of ``urls``, calling ``check`` meanwhile; its exceptions are raised here.

    Raises UnreachableError within PROBE_SECONDS for each address when there is no network; a download that stalls
    for STALL_SECONDS ends with OSError. When ``check`` raises, the download goes on in the background.
    """
    if not _run(lambda: any(_answers(url) for url in urls), check, PROBE_SECONDS * len(urls)):
        raise UnreachableError(f"no answer from {' or '.join(urls)} within {PROBE_SECONDS:g} s")
    with _stall_limit():
        _run(task, check)


def _answers(url: str) -> bool:
    try:
        # The addresses are torchvision's own constants.
        with urlopen(Request(url, method="HEAD"), timeout=PROBE_SECONDS):  # noqa: S310
            return True
    except HTTPError:
        return True
    except (OSError, ValueError):
        return False


@contextmanager
def _stall_limit() -> Iterator[None]:
    """torchvision sets no time limit of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _run(task: Callable[[], object], check: Callable[[], None], limit: float | None = None) -> object:
    """The task's result, or None where ``limit`` seconds passed: name lookups obey no timeout, so a thread waits."""
    outcome: list[object] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(task())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    waited = 0.0
    while thread.is_alive() and (limit is None or waited < limit):
        check()
        thread.join(0.1)
        waited += 0.1
    if failure:
        raise failure[0]
    return outcome[0] if outcome else None
