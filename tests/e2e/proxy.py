"""What may lie between a browser and Ridgeline: a proxy that cuts connections, or holds them and passes nothing on."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Proxy:
    """Passes bytes on between its own port and another's; a thread per connection."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._flows = threading.Event()
        self._flows.set()
        self._refuses = False
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def connections(self) -> int:
        """How many the browser has open."""
        return len(self._open) // 2

    def cut(self) -> None:
        """End all connections, and refuse new ones until ``mend``."""
        self._refuses = True
        self._end_all()

    def mend(self) -> None:
        self._refuses = False
        self._flows.set()

    def freeze(self) -> None:
        """Hold all connections, old and new, and pass nothing on until ``mend``."""
        self._flows.clear()

    def close(self) -> None:
        self.mend()
        self._listener.close()
        self._end_all()

    def _end_all(self) -> None:
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._refuses:
                    near.close()
                else:
                    threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._target)) as far, selectors.DefaultSelector() as waiting:
            self._open |= {near, far}
            waiting.register(near, selectors.EVENT_READ, far)
            waiting.register(far, selectors.EVENT_READ, near)
            with contextlib.suppress(OSError):
                while all(self._move(key.fileobj, key.data) for key, _ in waiting.select()):
                    pass
            self._open -= {near, far}

    def _move(self, source: object, sink: socket.socket) -> bool:
        assert isinstance(source, socket.socket)
        piece = source.recv(65_536)
        self._flows.wait()
        sink.sendall(piece)
        return bool(piece)


@contextmanager
def run_proxy(port: int) -> Iterator[Proxy]:
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
