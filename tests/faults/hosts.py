"""Hosts for tests: each a network namespace with a name of its own, which sees servers of this machine and no more.

That needs root, ip, and a kernel that lets it. Anybody else gets hosts that share this machine's network and name, and
a warning that says so: what they share of Ridgeline is the same.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers import ROOT, ServerMissingError, die_with_parent

_BLOCK = 65536


@dataclass(frozen=True)
class Host:
    """``name``: its host name and its namespace's; ``gateway``: where it finds the servers; ``folder``: its files."""

    name: str
    gateway: str
    folder: Path
    is_apart: bool = True

    def start(self, module: str, variables: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        """A Python module on this host, with no setting of Ridgeline but these variables; the caller ends it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("RIDGELINE_")}
        # Each of these becomes the next, so that the process is the module's own.
        inside = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name, sys.executable, "-m", module]
        apart = ["ip", "netns", "exec", self.name, *inside]
        with log.open("ab") as output:
            return subprocess.Popen(
                apart if self.is_apart else [sys.executable, "-m", module],
                cwd=self.folder,
                env=own | {"PYTHONPATH": str(ROOT)} | dict(variables),
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent,
            )


@contextlib.contextmanager
def make_host(number: int, folder: Path, ports: list[int]) -> Iterator[Host]:
    """A host whose gateway passes these ports on to 127.0.0.1."""
    name, folder = f"ridgeline-{os.getpid()}-{number}", folder / f"host-{number}"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        try:
            gateway = _connect(stack, name, number)
        except ServerMissingError as error:
            warnings.warn(f"The two hosts share this machine's network: {error}", stacklevel=2)
            yield Host(name, "127.0.0.1", folder, is_apart=False)
            return
        for port in ports:
            stack.callback(_serve(gateway, port).close)
        yield Host(name, gateway, folder)


def _connect(stack: contextlib.ExitStack, name: str, number: int) -> str:
    """Make the namespace and lead into it; the address at this end. Raises ServerMissingError where that is refused."""
    network, outer = f"10.213.{number}", f"rl{os.getpid() % 10**7}n{number}"
    _ip("netns", "add", name)
    # What leads there goes with it.
    stack.callback(_ip, "netns", "del", name)
    _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", name)
    _ip("addr", "add", f"{network}.1/30", "dev", outer)
    _ip("link", "set", outer, "up")
    _ip("-n", name, "addr", "add", f"{network}.2/30", "dev", "eth0")
    for device in ("lo", "eth0"):
        _ip("-n", name, "link", "set", device, "up")
    return f"{network}.1"


def _ip(*arguments: str) -> None:
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
        raise ServerMissingError("Network namespaces need root, ip and unshare.")
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerMissingError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _serve(address: str, port: int) -> socket.socket:
    """Pass on whoever comes to ``address`` to the same port of 127.0.0.1, until the socket is closed."""
    listening = socket.create_server((address, port))

    def accept() -> None:
        while True:
            try:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", port))
            except OSError:
                return
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=(source, target), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listening


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(_BLOCK):
            target.sendall(block)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
