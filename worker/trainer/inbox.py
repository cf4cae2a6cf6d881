"""The trainer's end of the pipe: requests of the supervisor, and signs of life in both directions."""

from __future__ import annotations

import os
import queue
import threading
import time
from multiprocessing.connection import Connection

from worker.trainer.messages import Stop, TrainerAlive, TrainRequest

ALIVE_SECONDS = 1.0
PAUSE_SECONDS = 0.05


class Inbox:
    """Requests of the supervisor. A thread of its own reads them, so that a stop is seen, and a lost supervisor too.

    ``stopped`` and ``leaving``: the last request that is to stop at once, or after its epoch.
    """

    def __init__(self, pipe: Connection) -> None:
        self.requests: queue.Queue[TrainRequest] = queue.Queue()
        self.stopped = 0
        self.leaving = 0
        self._heard = time.monotonic()
        self._pipe = pipe
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            self._heard = time.monotonic()
            if isinstance(message, Stop):
                self.leaving = message.number
                self.stopped = message.number if message.at_once else self.stopped
            elif isinstance(message, TrainRequest):
                self.requests.put(message)

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing was heard for so long."""
        return time.monotonic() - self._heard > seconds


class Pacer:
    """Asked before each step: tells the supervisor that the trainer is alive, and waits while the supervisor is silent.

    A supervisor that is frozen can lose the job without knowing; another trainer would then train it too.
    """

    def __init__(self, request: TrainRequest, pipe: Connection, inbox: Inbox) -> None:
        self._request, self._pipe, self._inbox = request, pipe, inbox
        self._told = time.monotonic()

    def should_stop(self) -> bool:
        self._tell()
        while self._inbox.is_silent(self._request.patience) and not self._is_stopped():
            time.sleep(PAUSE_SECONDS)
        return self._is_stopped()

    def should_leave(self) -> bool:
        return self._inbox.leaving >= self._request.number

    def _is_stopped(self) -> bool:
        return self._inbox.stopped >= self._request.number

    def _tell(self) -> None:
        if time.monotonic() - self._told > ALIVE_SECONDS:
            self._pipe.send(TrainerAlive())
            self._told = time.monotonic()
