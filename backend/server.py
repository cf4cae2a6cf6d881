"""The API's process: uvicorn on our own socket, stopped without waiting for open streams."""

from __future__ import annotations

import asyncio
import errno
import socket
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from backend.app import create_app
from backend.cli.entry_point import ending_at_once
from backend.live.change_poller import ChangePoller
from core.errors import RidgelineError
from core.logs import set_up_logs
from core.settings import Settings
from core.validation.access import is_loopback

_GRACE_SECONDS = 5
_MAX_HEAD_BYTES = 65_536


class PortError(RidgelineError):
    """An address that cannot be bound."""

    code = "port"


class OpenAddressError(RidgelineError):
    """An address that other machines reach, without a token."""

    code = "open_address"


class Server(uvicorn.Server):
    """Ends the live streams on shutdown; an open page would keep it waiting forever."""

    def __init__(self, config: uvicorn.Config, poller: ChangePoller) -> None:
        super().__init__(config)
        self._poller = poller
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; may be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._poller.close)
        super().handle_exit(sig, frame)


def listen(settings: Settings) -> socket.socket:
    """The bound socket. Raises OpenAddressError or PortError, each with a sentence for the user."""
    if not settings.token and not is_loopback(settings.host):
        raise OpenAddressError(
            f"Other machines reach {settings.host or 'every address'}, so listening there needs a token: set "
            "RIDGELINE_TOKEN, for example to what `openssl rand -hex 24` prints.",
            field="host",
            expected="127.0.0.1, or a token",
            received=settings.host,
        )
    return open_socket(settings.host, settings.port)


def open_socket(host: str, port: int) -> socket.socket:
    """A bound socket. Raises PortError with a sentence for the user."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is taken. Free it, or choose another with --port or RIDGELINE_PORT."
        else:
            message = f"Ridgeline cannot listen on {host}, port {port}: {error.strerror or error}."
        raise PortError(message, field="port", expected="a free port", received=port) from error
    return bound


def configure(app: FastAPI, settings: Settings, **options: Any) -> uvicorn.Config:
    """How ``app`` is served; ``options`` are uvicorn's own."""
    return uvicorn.Config(
        app,
        # backend.middleware.access_log writes these.
        access_log=False,
        log_config=None,
        server_header=False,
        # Its only parser with a limit on the request's head.
        http="h11",
        h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
        # By default uvicorn trusts every process of this machine.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        **{"timeout_graceful_shutdown": _GRACE_SECONDS, **options},
    )


def serve(settings: Settings, *, quiet: bool = False) -> None:
    """Serve until SIGINT or SIGTERM. Raises as ``listen`` does."""
    with ending_at_once():
        bound = listen(settings)
        # An explicit level takes precedence over --quiet.
        set_up_logs(settings, "warning" if quiet and "log_level" not in settings.model_fields_set else None)
        app = create_app(settings)
        config = configure(app, settings)
    Server(config, app.state.shared.change_poller).run(sockets=[bound])
