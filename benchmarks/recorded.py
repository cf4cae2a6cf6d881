"""What the recording of a whole sweep comes to: bytes of each kind, and the time that each takes."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from benchmarks.stores import Store, make_request
from core.catalogue.epoch_values import EpochValues
from core.catalogue.metrics import METRIC_NAMES
from core.db.models import EpochRow, Histogram, Outcomes
from core.db.queries.jobs import Claim
from worker.trainer.handle import TrainerHandle
from worker.trainer.messages import End, Finished

_NUMBER = 8


@dataclass
class Followed:
    """Seconds of one training: to record its epochs, and its end; from its last epoch to its end, in the trainer."""

    epochs: float
    end: float
    ending: float
    weights: int


def measure_sweep(store: Store, trainer: TrainerHandle, epochs: int, repeats: int) -> Iterator[tuple[str, str]]:
    """Titles and figures of the 57-run sweep, trained by a real trainer and recorded by the worker's recorder."""
    kept, plain = [], []
    for _ in range(repeats):
        claim = store.claim_sweep(epochs)
        used = read_cpu_seconds(trainer)
        kept.append((_follow(store, trainer, claim, keeps_weights=True), read_cpu_seconds(trainer) - used))
        plain.append(_follow(store, trainer, store.claim_sweep(epochs), keeps_weights=False))
    runs, cpu = len(claim.run_ids), statistics.median(seconds for _, seconds in kept)
    with store.open_session() as session:
        for title, rows, size in _list_kinds(session, claim):
            yield title, f"{size:,} bytes in {rows:,} rows; {size / runs:,.0f} a run"
    yield "weights, as files", f"{kept[0][0].weights:,} bytes; {kept[0][0].weights / runs:,.0f} a run"
    for title, seconds in (
        ("recording its epochs", statistics.median(own.epochs for own, _ in kept)),
        ("recording its end, with outcomes", statistics.median(own.end for own, _ in kept)),
        (
            "writing its weights, in the trainer",
            statistics.median(own.ending - other.ending for (own, _), other in zip(kept, plain, strict=True)),
        ),
    ):
        yield title, f"{1000 * seconds:.0f} ms: {100 * seconds / cpu:.1f} % of the trainer's CPU time"


def read_cpu_seconds(trainer: TrainerHandle) -> float:
    """User and system time of its process, as Linux tells it."""
    stat = Path(f"/proc/{trainer.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / 100


def _follow(store: Store, trainer: TrainerHandle, claim: Claim, *, keeps_weights: bool) -> Followed:
    recorder = store.make_recorder(claim)
    seconds, last = 0.0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ridgeline-bench-") as folder:
        trainer.begin(make_request(claim, folder, keeps_weights=keeps_weights))
        while True:
            messages = trainer.receive(0.005)
            arrived = time.perf_counter()
            values = [message for message in messages if isinstance(message, EpochValues)]
            if values:
                last = arrived
                recorder.record(values)
                seconds += time.perf_counter() - arrived
            if messages and isinstance(messages[-1], End):
                break
        if not isinstance(messages[-1], Finished):
            raise RuntimeError(f"the training must end with Finished; received {messages[-1]}")
        start = time.perf_counter()
        recorder.complete(messages[-1])
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.weights.safetensors"))
        return Followed(seconds, time.perf_counter() - start, arrived - last, size)


def _list_kinds(session: Session, claim: Claim) -> Iterator[tuple[str, int, int]]:
    """Title, rows and bytes; the columns' own, without the database's headers and keys."""
    of_epochs = EpochRow.run_id.in_(claim.run_ids)

    def read(of: ColumnElement[bool], size: ColumnElement[int]) -> tuple[int, int]:
        rows, total = session.execute(select(func.count(), func.coalesce(func.sum(size), 0)).where(of)).one()
        return rows, total

    numbers = [func.count(getattr(EpochRow, name)) for name in METRIC_NAMES]
    rows, *counts = session.execute(select(func.count(), *numbers).where(of_epochs)).one()
    yield "metrics of epochs, epoch 0 too", rows, _NUMBER * sum(counts)
    yield "minibatch losses", *read(of_epochs & EpochRow.batch_losses.is_not(None), func.length(EpochRow.batch_losses))
    yield "layers: norm, zeros, dead units", *read(of_epochs, func.length(EpochRow.layers))
    of_bars = Histogram.run_id.in_(claim.run_ids)
    yield "histograms", *read(of_bars, func.length(Histogram.counts) + 2 * _NUMBER)
    of_ends = Outcomes.run_id.in_(claim.run_ids)
    yield "test outcomes", *read(of_ends, func.length(Outcomes.losses) + func.coalesce(func.length(Outcomes.hits), 0))
