"""Signals that ask a process to stop."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.servers import ROOT

LISTENER = """
import signal, time
from core.stop_signals import listen_to_signals
signals = (signal.SIGTERM, signal.SIGINT)
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("blocked", flush=True)
time.sleep(0.5)
heard = []
stopping = listen_to_signals(signals, lambda: heard.append(True))
assert stopping.wait(20)
time.sleep(0.5)
print("stopped", len(heard), flush=True)
"""


def test_signals_that_came_while_a_program_was_loaded_are_heard_once() -> None:
    program = subprocess.Popen([sys.executable, "-c", LISTENER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    assert program.stdout.readline() == "blocked\n"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTERM):
        program.send_signal(number)
    assert program.stdout.read() == "stopped 1\n"
    assert program.wait(20) == 0
