"""`ridgeline up`: API and worker as child processes of one that watches over both."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from backend.client import ApiError, Client, find_url
from backend.console import console
from backend.server import listen
from core.child import Child, name_end
from core.db.engine import make_engine, migrate
from core.demonstration import load_demonstration
from core.settings import Settings

_LOOK_SECONDS = 0.2
_RESTARTS = 3
# A worker gives its jobs back first, which takes it up to 13 seconds.
_GRACE_SECONDS = 20.0
_START_SECONDS = 180.0


def launch(settings: Settings) -> int:
    """Migrate, start both, and watch until told to stop or the API ends; the exit status.

    Raises PortError while the port is taken, OpenAddressError where others would reach it without a token.
    """
    listen(settings).close()
    engine = make_engine(settings)
    migrate(engine)
    engine.dispose()
    api = Child("API", ("backend.cli", "serve", "--quiet"))
    worker = Child("worker", ("worker.fleet",), withheld=("RIDGELINE_TOKEN", "RIDGELINE_READ_TOKEN"))
    with _stopping() as stop:
        for child in (api, worker):
            child.start()
        threading.Thread(target=_welcome, args=(settings, stop), daemon=True).start()
        try:
            return _watch(api, worker, stop)
        finally:
            _end([worker, api])


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(api: Child, worker: Child, stop: threading.Event) -> int:
    while not stop.wait(_LOOK_SECONDS):
        status = api.find_end()
        if status is not None:
            console.print(f"The API ended by itself ({name_end(status)}); Ridgeline stops.")
            return 1
        status = worker.find_end()
        if status is not None:
            _replace(worker, status)
    return 0


def _replace(worker: Child, status: int) -> None:
    ended = f"The worker ended by itself ({name_end(status)})"
    worker.kill()
    worker.process = None
    if worker.starts > _RESTARTS:
        console.print(f"{ended}, for the {worker.starts}th time. The page stays, but nothing trains: see why above.")
        return
    console.print(f"{ended}; starting it again.")
    worker.start()


def _end(children: Sequence[Child]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            console.print(f"The {child.name} does not end; it is killed.")
        child.kill()


def _welcome(settings: Settings, stop: threading.Event) -> None:
    """Say where it is once it answers, and queue the demonstration once somebody can train it."""
    client = Client(find_url(settings), settings.token)
    if not _wait(lambda: client.get("/api/health"), stop):
        return
    console.print(f"Ridgeline is at [bold]{client.url}[/]. Ctrl-C ends it.")
    if not settings.demonstration or client.get("/api/experiments", limit=1)["total"]:
        return
    if not _wait(lambda: any(worker["alive"] for worker in client.get("/api/system")["workers"]), stop):
        return
    spec = load_demonstration().model_dump(mode="json")
    made = client.post("/api/experiments", spec, {"Idempotency-Key": "demonstration"})
    console.print(f"The demonstration trains: {client.url}/experiments/{made['id']}")


def _wait(is_there: Callable[[], object], stop: threading.Event) -> bool:
    """Whether it came in time."""
    deadline = time.monotonic() + _START_SECONDS
    while not stop.is_set() and time.monotonic() < deadline:
        try:
            if is_there():
                return True
        except ApiError:
            pass
        stop.wait(_LOOK_SECONDS)
    return False
