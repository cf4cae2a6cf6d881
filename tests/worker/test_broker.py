"""Workers reconnect to a broker that goes away at any moment."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.settings import Settings
from tests.conftest import open_broker, open_database
from tests.installation import SMALL, Installation

MESSAGE = b"ridgeline.train"
QUICK: dict[str, Any] = {
    "trainers": 1, "lease_seconds": 3, "heartbeat_seconds": 0.5, "reconcile_seconds": 0.5, "ring_after_seconds": 1,
}  # fmt: skip


class Wire(threading.Thread):
    """Between workers and a broker. Once ``arm``ed, it is cut after a message and so many more requests from anybody,
    and nobody gets through until it is ``mend``ed."""

    def __init__(self, broker_url: str) -> None:
        super().__init__(daemon=True)
        self.broker_url = broker_url
        self._broker = ("127.0.0.1", urlsplit(broker_url).port or 6379)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._requests: int | None = None
        self._given = threading.Event()
        self.cut = threading.Event()

    def arm(self, requests: int) -> None:
        self._given.clear()
        self._requests = requests

    def mend(self) -> None:
        self._requests = None
        self.cut.clear()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.cut.is_set():
                    client.close()
                    continue
                broker = socket.create_connection(self._broker)
                self._ends += [client, broker]
                for way in ((client, broker, True), (broker, client, False)):
                    threading.Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, asks: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                if asks and self._requests is not None and self._given.is_set():
                    if self._requests == 0:
                        self._cut()
                        return
                    self._requests -= 1
                # Before it is passed on, for the answer to it comes at once.
                if not asks and MESSAGE in piece and self._requests is not None:
                    self._given.set()
                sink.sendall(piece)
        self._shut(source, sink)

    def _cut(self) -> None:
        self.cut.set()
        self._shut(*self._ends)
        self._ends.clear()

    def _shut(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self._cut()


@pytest.fixture
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    wire = Wire(open_broker(request, "redis"))
    wire.start()
    yield wire
    wire.close()


@pytest.fixture
def installation(request: pytest.FixtureRequest, tmp_path: Path, wire: Wire) -> Iterator[Installation]:
    (database_url,) = open_database(request, "sqlite", tmp_path)
    broker_url = f"redis://127.0.0.1:{wire.port}/0"
    settings = Settings(home=tmp_path / "home", database_url=database_url, broker_url=broker_url, **QUICK)
    # A worker may announce a job anew and be cut off before the test has announced it.
    installation = Installation(settings, tmp_path, broker_url=wire.broker_url)
    yield installation
    installation.close()


def test_a_worker_takes_jobs_again_wherever_the_broker_left_it(installation: Installation, wire: Wire) -> None:
    installation.start_worker()
    for requests in range(3):
        wire.arm(requests)
        interrupted = installation.submit(SMALL)
        installation.wait(wire.cut.is_set)
        wire.mend()
        for experiment in (interrupted, installation.submit(SMALL)):
            installation.wait_for_state(experiment, "completed", 20)
