"""A trainer as the supervisor sees it: a process, a pipe, and the end of what it printed."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from worker.trainer.messages import (
    Beat,
    Crashed,
    Failed,
    Finished,
    Hello,
    Interrupted,
    Message,
    Pulse,
    Stop,
    TrainRequest,
)

logger = logging.getLogger(__name__)

# The kernel ends a trainer when the *thread* that started it ends, so one that lives as long as this process does it.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
# As many as a stack of a training has, with those of the other threads that a crash prints before it.
TAIL_LINES = 60
# Epochs that may wait to be recorded; beyond that the trainer waits too, instead of filling the memory.
BACKLOG = 32
# In the time after which a trainer waits for one.
PULSES = 4


class TrainerStartError(RuntimeError):
    """A trainer process ended before it was warm; the message holds what it printed."""


class TrainerHandle:
    """One process, from its start to its end. It is spawned, never forked: CUDA does not survive a fork."""

    def __init__(self, device: str) -> None:
        self.hello: Hello | None = None
        self._number = 0
        self._ended = True
        self._spent = False
        self._closed = threading.Event()
        self._warm = threading.Event()
        self._pulse_seconds = 1.0
        self._printed: deque[str] = deque(maxlen=TAIL_LINES)
        self._inbox: queue.Queue[Message] = queue.Queue(BACKLOG)
        self._sending = threading.Lock()
        self._heard = time.monotonic()
        self._cause: str | None = None
        self._context = contextvars.copy_context()
        own, other = socket.socketpair()
        self._pipe = Connection(own.detach())
        self.process = _starter.submit(_start, device, other).result()
        self._printer = threading.Thread(target=self._follow_output, name="trainer-output", daemon=True)
        self._printer.start()
        threading.Thread(target=self._follow_pipe, name="trainer-pipe", daemon=True).start()
        threading.Thread(target=self._keep_pulse, name="trainer-pulse", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether it can take an order."""
        return self.process.poll() is None and not self._spent

    def wait_warm(self, seconds: float) -> bool:
        """Whether it is warm within ``seconds``. Raises TrainerStartError where it ended instead."""
        self._warm.wait(seconds)
        if self._warm.is_set() and self.hello is None:
            raise TrainerStartError(f"A trainer did not start. {self._explain()}")
        return self._warm.is_set()

    @property
    def silence(self) -> float:
        """Seconds since it last said anything; time in which nobody listened is not counted."""
        return time.monotonic() - self._heard

    def begin(self, order: TrainRequest) -> None:
        """Give it an order; ``receive`` follows it. A trainer that is gone already is noticed there."""
        self._number, self._ended = order.number, False
        self._pulse_seconds = order.patience / PULSES
        self._printed.clear()
        # What it prints is logged by another thread, with the ids of the job all the same.
        self._context = contextvars.copy_context()
        self._heard = time.monotonic()
        self._send(order)

    def receive(self, seconds: float) -> list[Message]:
        """What came since, up to the end of the order; waits ``seconds`` for the first."""
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
        """It stops before its next step, or else after its epoch and with a checkpoint, and says Interrupted."""
        self._send(Stop(self._number, at_once))

    def settle(self, seconds: float) -> None:
        """Leave nothing of the present order behind: stop it, drop what still comes, kill it where it goes on."""
        deadline = time.monotonic() + seconds
        if not self._ended:
            self.ask_to_stop()
        while not self._ended and time.monotonic() < deadline:
            self.receive(0.05)
        if not self._ended:
            self.kill()

    def kill(self, cause: str | None = None) -> None:
        """End the process now. What it sent before can still be received, and then Crashed, for this ``cause``."""
        self._spent = True
        self._cause = self._cause or cause
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    def quote(self) -> str:
        """The end of what it printed during the present order, as a sentence; nothing where it printed nothing."""
        self._printer.join(1)
        tail = "\n".join(self._printed)
        return f" It printed last:\n{tail}" if tail else ""

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
                if isinstance(message, Beat):
                    continue
                if isinstance(message, Hello):
                    self.hello = message
                    self._warm.set()
                else:
                    self._put(message)
        except (EOFError, OSError):
            pass
        finally:
            self.process.wait()
            self._printer.join(1)
            self._warm.set()
            self._put(Crashed(self._explain()))
            self._pipe.close()

    def _put(self, message: Message) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._inbox.put(message, timeout=0.2)
                return
            # It cannot be heard while what it said before waits to be recorded.
            self._heard = time.monotonic()

    def _send(self, message: TrainRequest | Stop | Pulse) -> None:
        with self._sending, contextlib.suppress(OSError):
            self._pipe.send(message)

    def _keep_pulse(self) -> None:
        while not self._closed.wait(self._pulse_seconds) and self.process.poll() is None:
            if not self._ended:
                self._send(Pulse())

    def _follow_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._printed.append(text)
            self._context.run(logger.warning, "trainer %d: %s", self.process.pid, text)

    def _explain(self) -> str:
        code = self.process.wait()
        if self._cause:
            return self._cause + self.quote()
        cause = f"ended with exit status {code}" if code >= 0 else f"was killed by {_name_signal(-code)}"
        if code == -signal.SIGKILL:
            cause += " (often the system, when memory runs out)"
        return f"The trainer process {cause}." + self.quote()


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _start(device: str, other: socket.socket) -> subprocess.Popen[bytes]:
    # More threads than one per trainer make small steps slower, and every core has its trainer.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with other:
        return subprocess.Popen(  # noqa: S603 - this very interpreter and a module of this project
            [
                sys.executable,
                "-X",
                "faulthandler",
                "-m",
                "worker.trainer.main",
                str(other.fileno()),
                device,
                str(os.getpid()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[other.fileno()],
            # Ctrl-C at a terminal is for the supervisor, which then stops its trainers.
            process_group=0,
            env=os.environ | threads,
        )
