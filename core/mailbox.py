"""kombu's filesystem transport, made safe for processes that look often and start together.

The original opens a message's file under its final name and writes afterwards, so that a consumer that polls often can
take an empty message, on which it dies; it names files by a clock that restarts with the machine; and it keeps the
bindings of queues in a file that two processes may write at once, after which messages are dropped unseen.
"""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem


class Channel(filesystem.Channel):
    """Puts a message under a name that no consumer looks for, then renames it. A queue is named as its routing key."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's own two differ
        name = f"{time.time_ns():020d}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        hidden = folder / f"{name}.part"
        hidden.write_text(json.dumps(payload))
        hidden.replace(folder / f"{name}.{queue}.msg")

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        if routing_key != queue:
            raise ValueError(f"a queue must have its routing key's name; received {queue!r} and {routing_key!r}")

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        return [routing_key]


class Transport(filesystem.Transport):
    """What ``broker_transport`` names: ``core.mailbox:Transport``."""

    Channel = Channel
