"""`ridgeline up`: API and worker as child processes of one that watches over both."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.cli.client import ApiError, Client, find_url
from backend.cli.output import announce
from backend.server import listen
from core.db.engine import make_engine, migrate
from core.demonstration import load_demonstration
from core.managed_process import ManagedProcess, end_all, name_end
from core.settings import Settings
from core.stop_signals import listen_to_signals

_LOOK_SECONDS = 0.2
_RESTARTS = 3
# A worker gives its jobs back first, which takes it up to 13 seconds.
_GRACE_SECONDS = 20.0
_START_SECONDS = 180.0


@dataclass(frozen=True)
class Announcer:
    """What happens, said in sentences or as lines of JSON."""

    as_json: bool

    def __call__(self, text: str, event: str, **values: Any) -> None:
        announce(text, {"event": event, **values} if self.as_json else None)


def launch(settings: Settings, *, as_json: bool = False) -> int:
    """Migrate, start both, and watch until told to stop or the API ends; the exit status. ``as_json``: tell in JSON.

    Raises PortError while the port is taken, OpenAddressError where others would reach it without a token.
    """
    tell = Announcer(as_json)
    listen(settings).close()
    engine = make_engine(settings)
    migrate(engine)
    engine.dispose()
    api = ManagedProcess("API", ("backend.cli", "serve", "--quiet"))
    worker = ManagedProcess(
        "worker", ("worker.supervisor.gpu_processes",), withheld=("RIDGELINE_TOKEN", "RIDGELINE_READ_TOKEN")
    )
    stop = listen_to_signals((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    for process in (api, worker):
        process.start()
    threading.Thread(target=_welcome, args=(settings, stop, tell), daemon=True).start()
    try:
        return _watch(api, worker, stop, tell)
    finally:
        end_all([worker, api], _GRACE_SECONDS, lambda process: _warn(process, tell))


def _watch(api: ManagedProcess, worker: ManagedProcess, stop: threading.Event, tell: Announcer) -> int:
    while not stop.wait(_LOOK_SECONDS):
        status = api.find_end()
        if status is not None:
            cause = name_end(status)
            text = f"The API ended by itself ({cause}); Ridgeline stops."
            tell(text, "ended", process=api.name, cause=cause, starts_again=False)
            return 1
        status = worker.find_end()
        if status is not None:
            _replace(worker, status, tell)
    return 0


def _replace(worker: ManagedProcess, status: int, tell: Announcer) -> None:
    cause = name_end(status)
    ended = f"The worker ended by itself ({cause})"
    worker.kill()
    worker.process = None
    if worker.starts > _RESTARTS:
        text = f"{ended}, for the {worker.starts}th time. The page stays, but nothing trains: see why above."
        tell(text, "ended", process=worker.name, cause=cause, starts_again=False)
        return
    tell(f"{ended}; starting it again.", "ended", process=worker.name, cause=cause, starts_again=True)
    worker.start()


def _warn(process: ManagedProcess, tell: Announcer) -> None:
    tell(f"The {process.name} does not end; it is killed.", "killed", process=process.name)


def _welcome(settings: Settings, stop: threading.Event, tell: Announcer) -> None:
    """Say where it is once it answers, and queue the demonstration once somebody can train it."""
    client = Client(find_url(settings), settings.token)
    if not _wait(lambda: client.get("/api/health"), stop):
        return
    tell(f"Ridgeline is at [bold]{client.url}[/]. Ctrl-C ends it.", "ready", url=client.url)
    if not settings.demonstration or client.get("/api/experiments", limit=1)["total"]:
        return
    if not _wait(lambda: any(worker["alive"] for worker in client.get("/api/system")["workers"]), stop):
        return
    spec = load_demonstration().model_dump(mode="json")
    made = client.post("/api/experiments", spec, {"Idempotency-Key": "demonstration"})
    url = f"{client.url}/experiments/{made['id']}"
    tell(f"The demonstration trains: {url}", "demonstration", experiment=made["id"], url=url)


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
