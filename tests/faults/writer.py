"""Writes checkpoints and is ended in the middle: ``python -m tests.faults.writer FILE FOLDER``, orders on its input.

FILE is a checkpoint; what is written is its content as that of another epoch. An order is ``EPOCH LIMIT``: a child
saves it, and is ended by SIGXFSZ once the file has LIMIT bytes; or with no limit, as it comes. The answer is the number
of the signal that ended it, or 0.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path

import torch

from core.spec import PlannedRun
from worker.training.checkpoint import Checkpoint, Checkpoints, read_checkpoint

MARK = "0000abcd"


def load(path: Path) -> Checkpoint:
    runs = [PlannedRun(*run) for run in json.loads(path.with_suffix(".json").read_text())]
    return read_checkpoint(path, runs, "cpu")


def save(checkpoint: Checkpoint, folder: Path, epoch: int, limit: int) -> int:
    """In a child; how it ended."""
    pid = os.fork()
    if not pid:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # Python ignores it, so that a full disk is an OSError.
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        if limit >= 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        Checkpoints(folder, MARK).save(replace(checkpoint, epoch=epoch))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    torch.set_num_threads(1)
    checkpoint, folder = load(Path(sys.argv[1])), Path(sys.argv[2])
    for line in sys.stdin:
        epoch, limit = map(int, line.split())
        print(save(checkpoint, folder, epoch, limit), flush=True)


if __name__ == "__main__":
    main()
