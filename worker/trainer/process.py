"""The supervisor's start of a trainer process: spawned, never forked, since CUDA does not survive a fork."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

# The kernel ends a trainer when the *thread* that started it ends, so one that lives as long as this process does it.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starter")


def start_process(device: str, pipe: socket.socket) -> subprocess.Popen[bytes]:
    """``pipe``: the trainer's end, closed here."""
    return _starter.submit(_start, device, pipe).result()


def _start(device: str, pipe: socket.socket) -> subprocess.Popen[bytes]:
    # More threads than one per trainer make small steps slower, and every core has its trainer.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    arguments = [str(pipe.fileno()), device, str(os.getpid())]
    with pipe:
        return subprocess.Popen(  # noqa: S603 - this very interpreter and a module of this project
            [sys.executable, "-X", "faulthandler", "-m", "worker.trainer.main", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[pipe.fileno()],
            # Ctrl-C at a terminal is for the supervisor, which then stops its trainers.
            process_group=0,
            env=os.environ | threads,
        )
