"""The filesystem broker: messages appear whole, in order, and each goes to one consumer."""

from __future__ import annotations

import resource
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty

import pytest
from kombu.connection import Connection

from core.queue import make_broker_options
from core.settings import Settings


def connect(home: Path) -> Connection:
    options = make_broker_options(Settings(home=home, broker_url="filesystem://"))
    return Connection(
        options["broker_url"],
        transport=options["broker_transport"],
        transport_options=options["broker_transport_options"],
    )


def take_all(home: Path, until: Callable[[], bool]) -> list[dict[str, int]]:
    taken: list[dict[str, int]] = []
    with connect(home) as connection, connection.SimpleQueue("work") as queue:
        while True:
            done = until()
            try:
                message = queue.get(block=False)
            except Empty:
                if done:
                    return taken
                continue
            message.ack()
            taken.append(message.payload)


def put(home: Path, payloads: range) -> None:
    with connect(home) as connection, connection.SimpleQueue("work") as queue:
        for payload in payloads:
            queue.put({"job": payload})


def test_messages_come_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    put(tmp_path, range(20))
    assert take_all(tmp_path, lambda: True) == [{"job": number} for number in range(20)]
    assert take_all(tmp_path, lambda: True) == []


def test_busy_consumers_never_meet_half_a_message(tmp_path: Path) -> None:
    """Two producers, two consumers that look all the time; kombu's own transport hands out empty messages here."""
    sent = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        consumers = [pool.submit(take_all, tmp_path, sent.is_set) for _ in range(2)]
        producers = [pool.submit(put, tmp_path, range(start, start + 300)) for start in (0, 300)]
        for producer in producers:
            producer.result()
        sent.set()
        taken = [message for consumer in consumers for message in consumer.result()]
    assert sorted(message["job"] for message in taken) == list(range(600))


def test_a_folder_that_is_away_is_an_empty_queue_and_what_is_sent_then_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "queue"
    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        queue.put({"job": 1})
        folder.rename(tmp_path / "away")
        folder.write_text("no folder")
        with pytest.raises(Empty):
            queue.get(block=False)
        with pytest.raises(OSError, match="Not a directory"):
            queue.put({"job": 2})
        folder.unlink()
        (tmp_path / "away").rename(folder)
        assert queue.get(block=False).payload == {"job": 1}
        # Deleted outright, it is made again by whoever sends.
        shutil.rmtree(folder)
        with pytest.raises(Empty):
            queue.get(block=False)
        queue.put({"job": 3})
        assert queue.get(block=False).payload == {"job": 3}


def test_a_message_that_there_is_no_room_for_leaves_nothing(tmp_path: Path) -> None:
    put(tmp_path, range(1))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                queue.put({"job": 1})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(list((tmp_path / "queue" / "messages").iterdir())) == 1


def test_a_message_that_is_broken_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, range(1))
    (tmp_path / "queue" / "messages" / "0_broken.work.msg").write_text('{"half')
    assert take_all(tmp_path, lambda: True) == [{"job": 0}]


def test_a_consumer_starts_while_the_folder_is_away(tmp_path: Path) -> None:
    put(tmp_path, range(1))
    folder = tmp_path / "queue"
    folder.rename(tmp_path / "away")
    folder.write_text("no folder")
    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        assert queue.qsize() == 0
        folder.unlink()
        (tmp_path / "away").rename(folder)
        assert queue.qsize() == 1
        assert queue.get(block=False).payload == {"job": 0}
