"""The API as it is started: `ridgeline serve` in a process of its own, on a port of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx

from core.settings import Settings
from tests.servers import LIMITS, ROOT, die_with_parent, find_port, make_environment


class Api:
    """Begins to start at once; ``wait`` until it answers, ``kill`` or ``close`` it."""

    def __init__(self, settings: Settings, log: Path) -> None:
        port = find_port()
        self.url = f"http://127.0.0.1:{port}"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.cli", "serve", "--quiet"],
                cwd=ROOT,
                env=make_environment(settings.model_copy(update={"port": port})),
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent,
            )

    def wait(self, seconds: float = 60) -> Api:
        deadline = time.monotonic() + seconds
        with self.connect() as client:
            while True:
                assert self.process.poll() is None, f"the API ended with status {self.process.returncode}"
                assert time.monotonic() < deadline, "the API does not answer"
                try:
                    if client.get("/api/health").is_success:
                        return self
                except httpx.TransportError:
                    time.sleep(0.02)

    def connect(self, seconds: float = 20) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=seconds, limits=LIMITS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
