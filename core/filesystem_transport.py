"""kombu's filesystem transport, made safe for processes that poll often and start together.

The original writes a message under its final name, so that a consumer may read it empty, and crash; it names files by a
clock that restarts with the machine; it keeps bindings of queues in a file that two processes may write at once, after
which messages are lost; it takes a message by moving it to the temporary folder; and its consumer crashes, or does not
start, without the folder of messages.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem

logger = logging.getLogger("ridgeline.queue")


class Channel(filesystem.Channel):
    """Writes a message under a hidden name, then renames it. A queue has its routing key's name."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's own two differ
        name = f"{time.time_ns():020d}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        folder.mkdir(parents=True, exist_ok=True)
        hidden = folder / f"{name}.part"
        try:
            # Not synced: a job whose message is lost in a power cut is announced again.
            hidden.write_text(json.dumps(payload))
            hidden.replace(folder / f"{name}.{queue}.msg")
        except OSError:
            # On a full disk each attempt would leave one.
            hidden.unlink(missing_ok=True)
            raise

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in self._list(queue):
            # Another consumer may be faster.
            with contextlib.suppress(OSError):
                try:
                    return self._take(path)
                except (ValueError, RecursionError) as error:
                    logger.warning("dropped a message of the queue: expected JSON, received what is none: %s", error)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._list(queue))

    def _list(self, queue: str) -> list[Path]:
        """Messages, oldest first; none while the folder is unavailable."""
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
    """For the setting ``broker_transport``: ``core.filesystem_transport:Transport``."""

    Channel = Channel
