"""The supervisor's handle of a trainer: its process, its pipe, and the end of its output."""

from __future__ import annotations

import contextlib
import queue
import signal
import socket
import threading
import time
from multiprocessing.connection import Connection

from core.managed_process import name_signal
from worker.trainer.messages import (
    Crashed,
    DeviceInfo,
    Failed,
    Finished,
    Interrupted,
    Message,
    Stop,
    SupervisorAlive,
    TrainerAlive,
    TrainRequest,
)
from worker.trainer.output import TrainerOutput
from worker.trainer.process import start_process

# Messages that may wait to be recorded; beyond that the trainer waits, instead of filling the memory.
BACKLOG = 32
# Signs of life in the time after which a trainer waits for one.
SIGNS = 4


class TrainerStartError(RuntimeError):
    """A trainer process ended before it was warm; the message quotes its output."""


class TrainerHandle:
    """One process, from its start to its end. ``device_info``: known once it is warm."""

    def __init__(self, device: str) -> None:
        self.device_info: DeviceInfo | None = None
        self._number = 0
        self._ended = True
        self._spent = False
        self._closed = threading.Event()
        self._warm = threading.Event()
        self._sign_seconds = 1.0
        self._inbox: queue.Queue[Message] = queue.Queue(BACKLOG)
        self._sending = threading.Lock()
        self._heard = time.monotonic()
        self._cause: str | None = None
        own, other = socket.socketpair()
        self._pipe = Connection(own.detach())
        self.process = start_process(device, other)
        self.output = TrainerOutput(self.process)
        threading.Thread(target=self._follow_pipe, name="trainer-pipe", daemon=True).start()
        threading.Thread(target=self._send_signs, name="trainer-signs", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether it can take a request."""
        return self.process.poll() is None and not self._spent

    def wait_warm(self, seconds: float) -> bool:
        """Whether it is warm within ``seconds``. Raises TrainerStartError where it ended instead."""
        self._warm.wait(seconds)
        if self._warm.is_set() and self.device_info is None:
            raise TrainerStartError(f"A trainer did not start. {self._explain()}")
        return self._warm.is_set()

    @property
    def silence(self) -> float:
        """Seconds since its last message; time in which nobody listened is not counted."""
        return time.monotonic() - self._heard

    def begin(self, request: TrainRequest) -> None:
        """Send it a request; ``receive`` follows it. A process that ended already is noticed there."""
        self._number, self._ended = request.number, False
        self._sign_seconds = request.patience / SIGNS
        self.output.begin()
        self._heard = time.monotonic()
        self._send(request)

    def receive(self, seconds: float) -> list[Message]:
        """The messages since the last call, up to the end of the request; waits ``seconds`` for the first."""
        messages: list[Message] = []
        with contextlib.suppress(queue.Empty):
            messages.append(self._inbox.get(timeout=seconds))
            while not isinstance(messages[-1], Finished | Interrupted | Failed | Crashed):
                messages.append(self._inbox.get_nowait())
            self._ended = True
            end = messages[-1]
            # It leaves then, but may take a moment to.
            self._spent = isinstance(end, Crashed) or (isinstance(end, Failed) and end.spent)
        return messages

    def ask_to_stop(self, at_once: bool = True) -> None:
        """It stops before its next step, or else after its epoch and with a checkpoint, and sends Interrupted."""
        self._send(Stop(self._number, at_once))

    def settle(self, seconds: float) -> None:
        """End the present request: stop it, drop the messages still to come, kill the process if it does not stop."""
        deadline = time.monotonic() + seconds
        if not self._ended:
            self.ask_to_stop()
        while not self._ended and time.monotonic() < deadline:
            self.receive(0.05)
        if not self._ended:
            self.kill()

    def kill(self, cause: str | None = None) -> None:
        """End the process now. Messages that it sent before can still be received, then Crashed with this ``cause``."""
        self._spent = True
        self._cause = self._cause or cause
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    def close(self) -> None:
        """End the process and wait for it."""
        self._closed.set()
        self.kill()
        self.process.wait()

    def _follow_pipe(self) -> None:
        try:
            while True:
                message = self._pipe.recv()
                self._heard = time.monotonic()
                if isinstance(message, TrainerAlive):
                    continue
                if isinstance(message, DeviceInfo):
                    self.device_info = message
                    self._warm.set()
                else:
                    self._put(message)
        except (EOFError, OSError):
            pass
        finally:
            self.process.wait()
            self.output.wait()
            self._warm.set()
            self._put(Crashed(self._explain()))
            self._pipe.close()

    def _put(self, message: Message) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._inbox.put(message, timeout=0.2)
                return
            # The trainer cannot be heard while its earlier messages wait to be recorded.
            self._heard = time.monotonic()

    def _send(self, message: TrainRequest | Stop | SupervisorAlive) -> None:
        with self._sending, contextlib.suppress(OSError):
            self._pipe.send(message)

    def _send_signs(self) -> None:
        while not self._closed.wait(self._sign_seconds) and self.process.poll() is None:
            if not self._ended:
                self._send(SupervisorAlive())

    def _explain(self) -> str:
        code = self.process.wait()
        if self._cause:
            return self._cause + self.output.quote()
        cause = f"ended with exit status {code}" if code >= 0 else f"was killed by {name_signal(-code)}"
        if code == -signal.SIGKILL:
            cause += " (often the system, when memory runs out)"
        return f"The trainer process {cause}." + self.output.quote()
