"""The command line's connections to the API."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import uvicorn

from backend.cli.client import Client

# Less than what a server waits before it closes an idle connection.
PAUSE_SECONDS = uvicorn.Config("", log_config=None).timeout_keep_alive - 2


class Server(ThreadingHTTPServer):
    """Keeps idle connections open; ``connections``: how many were made."""

    connections = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_an_idle_connection_is_given_up_before_the_server_closes_it(server: Server) -> None:
    client = Client(f"http://127.0.0.1:{server.server_address[1]}")
    for _ in range(2):
        client.get("/")
    assert server.connections == 1
    time.sleep(PAUSE_SECONDS)
    client.get("/")
    assert server.connections == 2
