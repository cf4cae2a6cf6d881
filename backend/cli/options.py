"""Options and arguments shared by commands."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from backend.cli.client import Client, find_url
from core.settings import Settings, get_settings

Url = Annotated[str, typer.Option("--url", envvar="RIDGELINE_URL", help="URL of the API; default: this machine.")]
Id = Annotated[int, typer.Argument(min=1, help="The experiment's id.", show_default=False)]
Ids = Annotated[list[int], typer.Argument(min=1, help="The experiments' ids.", show_default=False)]
RunId = Annotated[int, typer.Argument(min=1, help="The run's id.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; errors too, on standard error.")]
LogsAsJson = Annotated[bool, typer.Option("--json", help="Write log lines and errors as JSON, to standard error.")]
Follow = Annotated[bool, typer.Option("--watch", help="Follow the experiment to its end.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on; default RIDGELINE_HOST or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port; default RIDGELINE_PORT or 8000.")]


def connect(url: str) -> Client:
    settings = get_settings()
    return Client(url or find_url(settings), settings.token)


def choose_settings(host: str | None = None, port: int | None = None, *, as_json: bool = False) -> Settings:
    """The settings with the command line's options applied, for child processes too."""
    for name, value in (("HOST", host), ("PORT", port), ("LOG_FORMAT", "json" if as_json else None)):
        if value is not None:
            os.environ[f"RIDGELINE_{name}"] = str(value)
    get_settings.cache_clear()
    return get_settings()
