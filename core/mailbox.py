"""kombu's filesystem transport, with messages that appear whole and in order.

The original opens the file under its final name and writes afterwards, so that a consumer that polls often can take an
empty message, on which it dies; and it names files by a clock that restarts with the machine.
"""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem


class Channel(filesystem.Channel):
    """Puts a message under a name that no consumer looks for, then renames it."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's own two differ
        name = f"{time.time_ns():020d}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        hidden = folder / f"{name}.part"
        hidden.write_text(json.dumps(payload))
        hidden.replace(folder / f"{name}.{queue}.msg")


class Transport(filesystem.Transport):
    """What ``broker_transport`` names: ``core.mailbox:Transport``."""

    Channel = Channel
