"""Processes that wait for work, warm: their start is in no figure."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.peers.workload import Outcome, Work

CORES = len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Side:
    """``name``: a module of this package with ``train``; on ``processes`` of ``threads`` each."""

    name: str
    processes: int = 1
    threads: int = 1


@dataclass(frozen=True)
class Timing:
    """``seconds`` by the clock, from the order to the last answer; ``cpu_seconds`` of all processes together."""

    seconds: float
    cpu_seconds: float
    outcomes: list[Outcome]


class Team:
    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def time(self, side: Side, shares: Sequence[Work]) -> Timing:
        """Each process trains its share."""
        pipes = self._pipes[: side.processes]
        start = time.perf_counter()
        for pipe, work in zip(pipes, shares, strict=True):
            pipe.send((side.name, side.threads, work))
        answers = [pipe.recv() for pipe in pipes]
        seconds = time.perf_counter() - start
        for answer in answers:
            if isinstance(answer, str):
                raise RuntimeError(f"{side.name} failed:\n{answer}")
        return Timing(seconds, sum(cpu for cpu, _ in answers), [one for _, outcomes in answers for one in outcomes])


@contextmanager
def gather(processes: int) -> Iterator[Team]:
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(processes)]
    members = [context.Process(target=_work, args=(other,), daemon=True) for _, other in pairs]
    for member in members:
        member.start()
    try:
        yield Team([own for own, _ in pairs])
    finally:
        for member in members:
            member.terminate()


def _work(pipe: Connection) -> None:
    import torch

    while True:
        name, threads, work = pipe.recv()
        torch.set_num_threads(threads)
        start = time.process_time()
        answer: Any
        try:
            outcomes = importlib.import_module(f"benchmarks.peers.{name}").train(work)
            answer = time.process_time() - start, outcomes
        except Exception:
            answer = traceback.format_exc()
        pipe.send(answer)
