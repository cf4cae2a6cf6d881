"""kombu's filesystem transport, made safe for processes that look often and start together.

The original opens a message's file under its final name and writes afterwards, so that a consumer that polls often can
take an empty message, on which it dies; it names files by a clock that restarts with the machine; and it keeps the
bindings of queues in a file that two processes may write at once, after which messages are dropped unseen. It takes a
message by moving it to the machine's temporary folder, and its consumer dies, or does not start, when the folder of
messages is away.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem


class Channel(filesystem.Channel):
    """Puts a message under a name that no consumer looks for, then renames it. A queue is named as its routing key."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's own two differ
        name = f"{time.time_ns():020d}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        folder.mkdir(parents=True, exist_ok=True)
        hidden = folder / f"{name}.part"
        try:
            # Not brought to the disk: whose message a power cut takes, or tears, is announced again.
            hidden.write_text(json.dumps(payload))
            hidden.replace(folder / f"{name}.{queue}.msg")
        except OSError:
            # On a full disk each try would leave one.
            hidden.unlink(missing_ok=True)
            raise

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in self._list(queue):
            # Another consumer may be first, and a message may be broken.
            with contextlib.suppress(OSError, ValueError):
                return self._take(path)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._list(queue))

    def _list(self, queue: str) -> list[Path]:
        """The oldest first; none while the folder is away: the job is announced again, and a consumer waits."""
        wanted = f"{queue}.msg"
        try:
            return sorted(path for path in Path(self.data_folder_in).iterdir() if path.name.partition(".")[2] == wanted)
        except OSError:
            return []

    def _take(self, path: Path) -> Any:
        taken = path.rename(path.with_name(f"{path.name}.taken"))
        try:
            return json.loads(taken.read_bytes())
        finally:
            taken.unlink()

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        if routing_key != queue:
            raise ValueError(f"a queue must have its routing key's name; received {queue!r} and {routing_key!r}")

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        return [routing_key]


class Transport(filesystem.Transport):
    """What ``broker_transport`` names: ``core.filesystem_transport:Transport``."""

    Channel = Channel
