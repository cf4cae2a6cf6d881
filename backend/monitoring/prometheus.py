"""Prometheus metrics: of this process, and of the installation from the database."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.db.queries.installation_stats import InstallationStats

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# Counters in each worker's row: a worker's series end with it, so that no sum decreases.
_COUNTED = {
    "epoch_rows": "Epoch rows written, by worker; its rate is the epochs per second.",
    "lease_losses": "Attempts that this worker gave up because their lease was another's.",
    "leases_taken_back": "Leases that had run out, taken back by this worker.",
    "attempt_failures": "Attempts that this worker lost to a crash of the training.",
}


class ProcessMetrics:
    """This process's metrics, made once per app. Safe to change from several threads."""

    def __init__(self) -> None:
        self.own = CollectorRegistry()
        ProcessCollector(registry=self.own)
        self.requests = Histogram(
            "ridgeline_request_seconds",
            "Time to the end of an answer; of a stream to its beginning.",
            ("method", "route", "status"),
            registry=self.own,
            buckets=_SECONDS,
        )
        # Scrapes take turns: while the database hangs, they do not exhaust the requests' threads.
        self.turn = anyio.CapacityLimiter(1)
        self.streams = Gauge("ridgeline_streams", "Streams that are open in this process.", registry=self.own)


class InstallationCollector(Collector):
    """One scrape. ``stats``: None while the database is unavailable; then only this process is described."""

    def __init__(
        self, process: ProcessMetrics, stats: InstallationStats | None, broker_up: bool, disk_full: bool = False
    ) -> None:
        self._process = process
        self._disk_full = disk_full
        self._stats = stats
        self._broker_up = broker_up

    def collect(self) -> Iterator[Metric]:
        yield from self._process.own.collect()
        up = self._stats is not None
        yield GaugeMetricFamily("ridgeline_database_up", "Whether the database answers.", value=up)
        yield GaugeMetricFamily("ridgeline_broker_up", "Whether the broker answers.", value=self._broker_up)
        if self._stats is not None:
            full = "Whether the disk of the database is full."
            yield GaugeMetricFamily("ridgeline_disk_full", full, value=self._disk_full)
            yield from _describe_queue(self._stats)
            yield from _describe_workers(self._stats)


def _describe_queue(stats: InstallationStats) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("ridgeline_jobs", "Jobs by state.", labels=["state"])
    for state, count in stats.jobs.items():
        jobs.add_metric([state.value], count)
    yield jobs
    age = "Seconds that the oldest queued job has waited; 0 where none waits."
    yield GaugeMetricFamily("ridgeline_queue_age_seconds", age, value=stats.queue_age)
    yield GaugeMetricFamily("ridgeline_workers", "Workers that are alive.", value=len(stats.alive))
    trainers = sum(worker.trainers for worker in stats.alive)
    yield GaugeMetricFamily("ridgeline_trainers", "Trainers of the workers that are alive.", value=trainers)


def _describe_workers(stats: InstallationStats) -> Iterator[Metric]:
    for name, text in _COUNTED.items():
        counter = CounterMetricFamily(f"ridgeline_{name}", text, labels=["worker", "host"])
        for worker in stats.workers:
            counter.add_metric([worker.id, worker.host], worker.counters.get(name, 0))
        yield counter
