"""The live stream on a real server: at once, only what is new, resumed without gaps, and ended properly."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.cli.client import Event, parse_events
from tests.backend.conftest import Trainer
from tests.servers import LIMITS

Spec = dict[str, Any]


class Reader:
    """Reads a stream in a thread, so that a test can ask what has come."""

    def __init__(self, url: str, path: str, cursor: str = "") -> None:
        self.events: Queue[Event] = Queue()
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=httpx.Timeout(10, read=20), limits=LIMITS)
        self._path, self._cursor = path, cursor
        self.closed = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        headers = {"Last-Event-ID": self._cursor} if self._cursor else {}
        try:
            with self._http.stream("GET", self._path, headers=headers) as self._response:
                for event in parse_events(self._response):
                    self.events.put(event)
        except httpx.HTTPError:
            pass
        finally:
            self.closed.set()

    def take(self, *names: str, seconds: float = 10) -> Event:
        """The next event of such a name; others are passed over."""
        deadline = time.monotonic() + seconds
        while True:
            event = self.events.get(timeout=max(0.01, deadline - time.monotonic()))
            if event.name in names:
                return event

    def close(self) -> None:
        """As a closed tab does; another thread's read would keep a socket open that is only closed."""
        if not self.closed.is_set():
            stream = self._response.extensions["network_stream"]
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            self.closed.wait(5)
        self._http.close()


@contextmanager
def reading(url: str, experiment: int, cursor: str = "", query: str = "") -> Iterator[Reader]:
    reader = Reader(url, f"/api/experiments/{experiment}/events{query}", cursor)
    try:
        yield reader
    finally:
        reader.close()


@pytest.fixture
def made(api: httpx.Client, spec: Spec) -> dict[str, Any]:
    """A queued experiment of one job."""
    view: dict[str, Any] = api.post("/api/experiments", json=spec).json()
    assert len(view["jobs"]) == 1
    return view


@pytest.mark.alone
def test_state_comes_at_once_and_epochs_as_they_are_committed(url: str, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    with reading(url, made["id"]) as reader:
        first = reader.take("state")
        assert first.data["state"] == "queued"
        assert len(first.data["runs"]) == 6
        trainer.claim(job)
        running = reader.take("state")
        assert running.data["state"] == "running"
        assert {run["state"] for run in running.data["runs"]} == {"running"}
        trainer.record(job, 1)
        start = time.monotonic()
        epoch = reader.take("epoch")
        assert time.monotonic() - start < 1
        assert (epoch.data["job"], epoch.data["epoch"]) == (job, 1)
        assert epoch.data["metrics"]["train_loss"] == pytest.approx([1, 1.01, 1.02, 1.03, 1.04, 1.05])
        assert epoch.data["batch_losses"] is None
        assert epoch.cursor == f"{job}:1:0"
        progress = reader.take("state")
        assert progress.data["progress"]["epochs_done"] == 1
        assert progress.data["runs"] == []


def test_the_end_comes_last_with_every_epoch_before_it(url: str, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    with reading(url, made["id"]) as reader:
        reader.take("state")
        trainer.train([job])
        assert reader.closed.wait(10)
        events = list(reader.events.queue)
    assert [event.data["epoch"] for event in events if event.name == "epoch"] == [1, 2, 3, 4]
    assert [event.name for event in events[-2:]] == ["state", "end"]
    assert events[-2].data["state"] == events[-1].data["state"] == "completed"
    assert events[-2].data["best"]["cell"]["regularizer"] == "l1"
    assert all(run["test"] for run in events[-2].data["runs"])


def test_disconnect_and_resume_leaves_no_gap_and_repeats_nothing(
    url: str, made: dict[str, Any], trainer: Trainer
) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    seen: list[int] = []
    cursor = ""
    for number in (1, 2, 3):
        trainer.record(job, number)
        with reading(url, made["id"], cursor) as reader:
            event = reader.take("epoch")
            seen.append(event.data["epoch"])
            cursor = event.cursor
    trainer.record(job, 4)
    trainer.complete(job)
    with reading(url, made["id"], cursor) as reader:
        assert reader.closed.wait(10)
        seen += [event.data["epoch"] for event in reader.events.queue if event.name == "epoch"]
    assert seen == [1, 2, 3, 4]


def test_the_state_before_the_first_step_comes_with_epoch_1_and_once(
    url: str, made: dict[str, Any], trainer: Trainer
) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2, start=True)
    with reading(url, made["id"]) as reader:
        events = [reader.take("epoch") for _ in range(2)]
    assert [event.data["epoch"] for event in events] == [1, 2]
    first, second = (event.data["start"] for event in events)
    assert first["train_loss"] == pytest.approx([0, 0.01, 0.02, 0.03, 0.04, 0.05])
    assert first["seconds"] == [None] * 6
    assert second is None
    with reading(url, made["id"], events[0].cursor) as reader:
        again = reader.take("epoch").data
    assert (again["epoch"], again["start"]) == (2, None)


def test_last_event_id_wins_over_after(url: str, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    trainer.train([job])
    with reading(url, made["id"], f"{job}:3:0", f"?after={job}:1:0") as reader:
        assert reader.closed.wait(10)
        assert [e.data["epoch"] for e in reader.events.queue if e.name == "epoch"] == [4]


def test_a_job_that_starts_again_says_so(url: str, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2)
    with reading(url, made["id"]) as reader:
        assert [reader.take("epoch").data["epoch"] for _ in range(2)] == [1, 2]
        trainer.release(job)
        trainer.claim(job)
        reset = reader.take("reset")
        assert reset.data == {"job": job, "rewinds": 1, "epoch": 0, "runs": trainer.claims[job].run_ids}
        trainer.record(job, 1)
        event = reader.take("epoch")
        assert (event.data["epoch"], event.cursor) == (1, f"{job}:1:1")
    # Nor is a reader fooled that was away while the new attempt passed it.
    trainer.record(job, 2, 3)
    with reading(url, made["id"], f"{job}:2:0") as reader:
        assert reader.take("reset").data["rewinds"] == 1
        assert [reader.take("epoch").data["epoch"] for _ in range(3)] == [1, 2, 3]


def test_a_job_that_goes_on_from_a_checkpoint_takes_back_only_what_came_after(
    url: str, made: dict[str, Any], trainer: Trainer
) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2, 3)
    trainer.release(job)
    trainer.claim(job, 2)
    trainer.record(job, 3)
    trainer.release(job)
    trainer.claim(job, 3)
    trainer.record(job, 4)
    # Of a reader who had all three, one epoch is void; who had two, or came after, keeps what it has.
    for cursor, kept, expected in ((f"{job}:3:0", 2, [3, 4]), (f"{job}:2:0", None, [3, 4]), (f"{job}:3:1", None, [4])):
        with reading(url, made["id"], cursor) as reader:
            if kept is not None:
                assert reader.take("reset").data["epoch"] == kept
            seen = [reader.take("epoch", "reset") for _ in expected]
            assert [event.data["epoch"] for event in seen] == expected
            assert {event.name for event in seen} == {"epoch"}


def test_a_run_that_diverged_drops_out_and_the_rest_goes_on(url: str, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, diverged=(2,))
    trainer.record(job, 2)
    ids = trainer.claims[job].run_ids
    with reading(url, made["id"]) as reader:
        states = {run["id"]: run["state"] for run in reader.take("state").data["runs"]}
        assert states[ids[2]] == "diverged"
        reader.take("epoch")
        assert reader.take("epoch").data["runs"] == [run for run in ids if run != ids[2]]


def test_minibatch_losses_come_when_asked_for(url: str, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1)
    with reading(url, made["id"], query="?batch=true") as reader:
        losses = reader.take("epoch").data["batch_losses"]
    assert [len(own) for own in losses] == [3] * 6
    assert losses[5] == pytest.approx([1.05] * 3)


def test_a_deleted_experiment_ends_its_streams(url: str, made: dict[str, Any], api: httpx.Client) -> None:
    with reading(url, made["id"]) as reader:
        reader.take("state")
        assert api.delete(f"/api/experiments/{made['id']}").status_code == 204
        assert reader.take("end").data == {"state": None}
        assert reader.closed.wait(5)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_history_longer_than_one_read_comes_whole(api: httpx.Client, url: str, spec: Spec, trainer: Trainer) -> None:
    made = api.post("/api/experiments", json=spec | {"epochs": 4_000}).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, *range(1, 4_001))
    trainer.complete(job)
    with reading(url, made["id"]) as reader:
        assert reader.closed.wait(60)
        events = [event for event in reader.events.queue if event.name == "epoch"]
    assert [event.data["epoch"] for event in events] == list(range(1, 4_001))


def test_many_readers_hold_no_connection_while_nothing_happens(
    url: str, made: dict[str, Any], trainer: Trainer
) -> None:
    job = made["jobs"][0]["id"]
    readers = [Reader(url, f"/api/experiments/{made['id']}/events") for _ in range(50)]
    try:
        for reader in readers:
            reader.take("state")
        # More readers than the pool has connections: had each one kept its own, this would time out.
        trainer.claim(job)
        trainer.record(job, 1)
        for reader in readers:
            assert reader.take("epoch").data["epoch"] == 1
    finally:
        for reader in readers:
            reader.close()


def test_a_reader_that_leaves_is_forgotten(app: FastAPI, url: str, made: dict[str, Any]) -> None:
    watch = app.state.shared.change_poller
    with reading(url, made["id"]) as reader:
        reader.take("state")
        assert watch.count_followers() == 1
    deadline = time.monotonic() + 5
    while watch.count_followers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert watch.count_followers() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_that_leaves_in_the_middle_is_no_error(
    url: str, made: dict[str, Any], trainer: Trainer, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, *range(1, 1_000))
    for _ in range(5):
        with reading(url, made["id"]) as reader:
            reader.take("epoch")
    deadline = time.monotonic() + 5
    while app.state.shared.change_poller.count_followers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
