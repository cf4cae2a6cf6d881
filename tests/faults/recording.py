"""Records epochs as a worker does, without the training: ``python -m tests.faults.recording SECONDS``.

Job after job through the worker's own recorder, 8 runs each; prints as JSON what it has recorded. Errors go to its log.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time

import numpy as np

from core.catalogue.epoch_values import EpochValues, HistogramValues, OutcomeValues
from core.catalogue.metrics import METRIC_NAMES as METRICS
from core.db.engine import make_engine
from core.db.queries import experiments, jobs
from core.settings import get_settings
from core.spec import ExperimentSpec
from worker.supervisor.database import Database
from worker.supervisor.lease import Lease
from worker.supervisor.recorder import Recorder
from worker.trainer.messages import Finished

EPOCHS = 60
PAUSE_SECONDS = 0.03
SPEC = ExperimentSpec.model_validate(
    {
        "name": "load",
        "dataset": {"name": "digits"},
        "network": {"name": "linear"},
        "optimizer": {"name": "sgd"},
        "regularizers": [{"name": "l2", "strengths": [0.001, 0.01, 0.1]}],
        "seeds": 2,
        "epochs": EPOCHS,
    }
)


def make_epoch(epoch: int, runs: int) -> EpochValues:
    values = np.random.default_rng(epoch).random(runs)
    bars = (HistogramValues(run, "output", -1.0, 1.0, np.arange(64, dtype=np.uint32)) for run in range(runs))
    losses = np.random.default_rng(epoch).random((runs, 40)).astype(np.float32)
    return EpochValues(epoch, dict.fromkeys(METRICS, values), losses, (), tuple(bars) if epoch % 20 == 1 else (), ())


def record_job(database: Database, stopping: threading.Event) -> float:
    """The slowest transaction in seconds."""
    _, job_ids = database.write(lambda s: experiments.create(s, SPEC, slots=1))
    claim = database.write(lambda s: jobs.claim(s, job_ids[0], "load", 60))
    assert claim is not None
    recorder = Recorder(database, Lease(claim, stopping), stopping, lambda: None)
    slowest = 0.0
    for epoch in range(1, EPOCHS + 1):
        start = time.monotonic()
        recorder.record([make_epoch(epoch, len(claim.run_ids))])
        if epoch % 50 == 0:
            database.write(lambda s: jobs.heartbeat(s, claim.job_id, claim.token, 60))
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(PAUSE_SECONDS)
    tests = np.ones(len(claim.run_ids))
    outcomes = OutcomeValues(np.ones((len(tests), 360), np.float32), np.ones((len(tests), 360), bool))
    recorder.complete(Finished(tests, tests, outcomes))
    return slowest


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    engine = make_engine(get_settings())
    database, stopping = Database(engine), threading.Event()
    until, count, slowest = time.monotonic() + float(sys.argv[1]), 0, 0.0
    while not count or time.monotonic() < until:
        slowest = max(slowest, record_job(database, stopping))
        count += 1
    engine.dispose()
    print(json.dumps({"jobs": count, "slowest": slowest}))


if __name__ == "__main__":
    main()
