"""The trainer process: ``python -m worker.trainer.main FD DEVICE PARENT``; FD is its end of the pipe.

It is tied to its supervisor here, before the long import of torch.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from multiprocessing.connection import Connection

PR_SET_PDEATHSIG = 1


def main() -> None:
    descriptor, device, parent = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    tie_to_parent(parent)
    from worker.trainer.loop import serve

    serve(Connection(descriptor), device)


def tie_to_parent(parent: int) -> None:
    """Die with the supervisor, and ignore the signals that it handles."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


if __name__ == "__main__":
    main()
