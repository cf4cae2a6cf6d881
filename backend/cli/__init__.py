"""The `ridgeline` command: a module per group of commands."""

from backend.cli.command import app, main

__all__ = ["app", "main"]
