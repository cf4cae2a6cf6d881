"""The first step of the `ridgeline` command: while the rest is loaded, Ctrl-C ends it without a traceback."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command (backend.cli)."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from backend.cli import main as run

    signal.signal(signal.SIGINT, before)
    run()
