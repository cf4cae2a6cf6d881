"""Recording: `python -m benchmarks.recording`. How fast the worker's recorder writes, and what that costs a trainer.

Values per second go through the real recorder into SQLite and PostgreSQL, 64 runs a job, one transaction an epoch and
in bursts of 16 epochs. The cost is the time of real trainer processes, one per core, whose supervisor records what they
send, over their time when it only receives it: in turn, the first pair thrown away, median of the ratios. Of a sweep
of 57 runs: how many bytes of each kind are recorded, and how long that takes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.peers.team import CORES
from benchmarks.recorded import measure_sweep, read_cpu_seconds
from benchmarks.stores import RUNS, Record, Store, make_request, open_stores
from core.catalogue.epoch_values import LAYER_PARTS, EpochValues
from core.catalogue.metrics import METRIC_NAMES as METRICS
from core.db.queries.jobs import Claim
from worker.trainer.handle import TrainerHandle
from worker.trainer.messages import End, Finished

STEPS, LAYERS = 19, 3
BURST = 16


def measure_rate(store: Store, burst: int, epochs: int) -> tuple[float, float]:
    """Metrics, and metrics with minibatch losses, that are written per second."""
    record = store.make_recorder(store.claim(epochs)).record
    generator = np.random.default_rng(0)
    start = time.perf_counter()
    for first in range(1, epochs + 1, burst):
        record([_draw(generator, epoch) for epoch in range(first, min(first + burst, epochs + 1))])
    seconds = time.perf_counter() - start
    return RUNS * len(METRICS) * epochs / seconds, RUNS * (len(METRICS) + STEPS) * epochs / seconds


def _draw(generator: np.random.Generator, epoch: int) -> EpochValues:
    metrics = {name: generator.random(RUNS) for name in METRICS}
    layers = generator.random((RUNS, LAYERS, len(LAYER_PARTS)), np.float32)
    return EpochValues(epoch, metrics, generator.random((RUNS, STEPS), np.float32), layers=layers)


def follow(trainer: TrainerHandle, claim: Claim, record: Record) -> None:
    """Train the job's runs, and record what comes until the end."""
    with tempfile.TemporaryDirectory(prefix="ridgeline-bench-") as folder:
        trainer.begin(make_request(claim, folder))
        while True:
            messages = trainer.receive(0.05)
            record([message for message in messages if isinstance(message, EpochValues)])
            if messages and isinstance(messages[-1], End):
                break
    if not isinstance(messages[-1], Finished):
        raise RuntimeError(f"the training must end with Finished; received {messages[-1]}")


def measure_cost(store: Store, trainers: list[TrainerHandle], epochs: int, repeats: int) -> tuple[float, float]:
    """Time with recording over time without, and the recorder's own CPU time over the trainers'."""
    ratios, shares = [], []
    with ThreadPoolExecutor(len(trainers)) as pool:
        for _ in range(repeats + 1):
            seconds, own, theirs = [], [], []
            for is_recorded in (False, True):
                claims = [store.claim(epochs) for _ in trainers]
                records = [store.make_recorder(claim).record if is_recorded else _drop for claim in claims]
                start, mine, used = time.perf_counter(), time.process_time(), _read_cpu_seconds(trainers)
                list(pool.map(follow, trainers, claims, records))
                seconds.append(time.perf_counter() - start)
                own.append(time.process_time() - mine)
                theirs.append(_read_cpu_seconds(trainers) - used)
            ratios.append(seconds[1] / seconds[0])
            shares.append((own[1] - own[0]) / theirs[1])
    return statistics.median(ratios[1:]), statistics.median(shares[1:])


def _read_cpu_seconds(trainers: list[TrainerHandle]) -> float:
    return sum(read_cpu_seconds(trainer) for trainer in trainers)


def _drop(values: list[EpochValues]) -> None:
    """Received, and nothing else."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=8, help="of the jobs that are trained")
    chosen = parser.parse_args()
    print("| figure | to reach | measured | |\n|---|---|---|---|")
    with open_stores() as stores:
        for name, store in stores.items():
            for burst, title in ((1, "a transaction an epoch"), (BURST, f"bursts of {BURST} epochs")):
                rates = [measure_rate(store, burst, BURST * chosen.epochs) for _ in range(chosen.repeats + 1)][1:]
                metrics, all_values = (statistics.median(column) for column in zip(*rates, strict=True))
                seen = f"{metrics:,.0f} metrics/s, {all_values:,.0f} with minibatch losses"
                print(f"| into {name}, {title} | ≥ 100,000/s | {seen} | {RUNS} runs a job |", flush=True)
        trainers = [TrainerHandle("cpu") for _ in range(CORES)]
        try:
            for trainer in trainers:
                trainer.wait_warm(120)
            for name, store in stores.items():
                ratio, share = measure_cost(store, trainers, chosen.epochs, chosen.repeats)
                seen = f"{100 * (ratio - 1):.1f} %; it uses {100 * share:.1f} % of their CPU time"
                print(
                    f"| recording into {name} slows {CORES} trainers by | ≤ 3 % | {seen} | {RUNS} runs a job |",
                    flush=True,
                )
                for title, figure in measure_sweep(store, trainers[0], chosen.epochs, chosen.repeats):
                    print(f"| a sweep into {name}: {title} | reported | {figure} | 57 runs, {chosen.epochs} epochs |")
        finally:
            for trainer in trainers:
                trainer.close()


if __name__ == "__main__":
    main()
