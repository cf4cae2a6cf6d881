"""What is in the queue and is not exactly one job's id is dropped, and the worker goes on."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import redis

from core.queue import QUEUE, TASK
from tests.installation import SMALL, Installation


def encode(body: object, task: object = TASK, **headers: Any) -> dict[str, Any]:
    """As Celery writes a message of a task with this body."""
    own = str(uuid.uuid4())
    info = {"exchange": "", "routing_key": QUEUE}
    return {
        "body": base64.b64encode(json.dumps(body).encode()).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"lang": "py", "task": task, "id": own, "root_id": own, **headers},
        "properties": {"body_encoding": "base64", "delivery_info": info, "delivery_tag": own, "correlation_id": own},
    }


BODIES: tuple[object, ...] = (
    [[5, 6, 7], {}, {}],
    [[], {}, {}],
    [["1"], {}, {}],
    [[True], {}, {}],
    [[1.5], {}, {}],
    [[None], {}, {}],
    [[-1], {}, {}],
    [[10**30], {}, {}],
    [[1], {"job_id": 2}, {}],
    [[1]],
    {"job_id": 1},
    [5, 6, 7],
    None,
)
RAW: dict[str, str | bytes] = {
    "list": "[]",
    "null": "null",
    "number": "5",
    "text": '"a"',
    "ids": "[5, 6, 7]",
    "empty": "",
    "no_json": "{",
    "no_text": b"\xff\xfe\x00",
    "deep": "[" * 50_000,
    "body_alone": '{"body": "x"}',
    "no_headers": json.dumps(encode([[1], {}, {}]) | {"headers": None}),
    "no_properties": json.dumps(encode([[1], {}, {}]) | {"properties": []}),
    "body_of_bytes": json.dumps(encode([[1], {}, {}]) | {"body": "//8="}),
    "another_encoding": json.dumps(encode([[1], {}, {}]) | {"content-type": "application/x-python-serialize"}),
    **{f"body_{number}": json.dumps(encode(body)) for number, body in enumerate(BODIES)},
    "another_task": json.dumps(encode([[1], {}, {}], task="ridgeline.other")),
    "task_of_none": json.dumps(encode([[1], {}, {}], task=[])),
    "later": json.dumps(encode([[10**9], {}, {}], eta="2999-01-01T00:00:00+00:00")),
    "another_protocol": json.dumps(encode([[10**9], {}, {}], lang=5, id=[], retries="many", timelimit=3, group={})),
}


def put(installation: Installation, raw: str | bytes) -> None:
    settings, data = installation.settings, raw.encode() if isinstance(raw, str) else raw
    if settings.broker_url.startswith("filesystem:"):
        path = settings.queue_folder / "messages" / f"{time.time_ns():020d}_{uuid.uuid4()}.{QUEUE}.msg"
        path.write_bytes(data)
        return
    with redis.Redis.from_url(settings.broker_url) as client:
        client.lpush(QUEUE, data)


def test_what_is_no_job_is_dropped(installation: Installation) -> None:
    (worker,) = installation.workers or [installation.start_worker()]
    for name, raw in RAW.items():
        put(installation, raw)
        installation.wait_for_state(installation.submit(SMALL), "completed", 20)
        assert worker.poll() is None, name
    log = installation.log.read_text()
    assert "Traceback" not in log
    dropped = [line for line in log.splitlines() if "dropped a message of the queue: expected " in line]
    # Three carry one id: what else they ask for is not read.
    assert len(dropped) == len(RAW) - 3, "\n".join(dropped)
