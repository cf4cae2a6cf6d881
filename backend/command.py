"""The first and the last step of the `ridgeline` command: while it loads and leaves, Ctrl-C gives no traceback."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command (backend.cli)."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from backend.cli import main as run

    signal.signal(signal.SIGINT, before)
    try:
        run()
    finally:
        # What libraries do as Python ends is not to be interrupted with their tracebacks.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
