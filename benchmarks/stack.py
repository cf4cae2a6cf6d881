"""A real Ridgeline for a benchmark: `ridgeline up` on a free port, in a folder of its own, ended afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def run_stack(root: Path = ROOT, **settings: str) -> Iterator[tuple[str, Path]]:
    """Yield (url, home) of an embedded installation without the demonstration; settings are RIDGELINE_ variables.

    ``root``: the folder of its sources.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="ridgeline-bench-", ignore_cleanup_errors=True) as folder:
        names = {"home": folder, "port": str(port), "demonstration": "false", **settings}
        environment = os.environ | {f"RIDGELINE_{name.upper()}": value for name, value in names.items()}
        log = Path(folder) / "up.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "backend.cli", "up"], cwd=root, env=environment, stdout=output, stderr=output
            )
        try:
            url = f"http://127.0.0.1:{names['port']}"
            _wait_until_alive(url, process, log, settings.get("token", ""))
            yield url, Path(folder)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _wait_until_alive(url: str, process: subprocess.Popen[bytes], log: Path, token: str) -> None:
    """Wait for the API and for a worker whose trainers are warm."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if any(worker["alive"] for worker in httpx.get(f"{url}/api/system", headers=headers).json()["workers"]):
                return
        except (httpx.HTTPError, KeyError):
            pass
        time.sleep(0.5)
    raise RuntimeError(f"ridgeline up did not come up:\n{log.read_text()[-4000:]}")
