"""Put before a worker's other modules as its ``sitecustomize``: trainers end as the real ones of bad days do.

Only in a trainer, and only in trainings of so many epochs as ``POISONS`` lists; the process itself is what breaks.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

# By the number of epochs of the experiment.
POISONS = {40_001: "segfault", 40_002: "hang", 40_003: "killed"}
# It has got that far each time.
EPOCH = 3


def act(poison: str) -> None:
    print(f"about to {poison}", flush=True)
    if poison == "segfault":
        ctypes.string_at(0)
    os.kill(os.getpid(), signal.SIGSTOP if poison == "hang" else signal.SIGKILL)


def make_poisonous(train: Any) -> Any:
    def poisoned(spec: Any, *runs: Any, **options: Any) -> Iterator[Any]:
        for event in train(spec, *runs, **options):
            if spec.epochs in POISONS and getattr(event, "epoch", 0) > EPOCH:
                act(POISONS[spec.epochs])
            yield event

    return poisoned


def wait_for_trainer() -> None:
    while not hasattr(module := sys.modules.get("worker.trainer.loop"), "serve"):
        time.sleep(0.001)
    module.train = make_poisonous(module.train)  # type: ignore[union-attr]  # None has no serve


if "worker.trainer.main" in sys.orig_argv:
    threading.Thread(target=wait_for_trainer, daemon=True).start()
