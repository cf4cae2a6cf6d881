"""``python -m backend.monitoring.health``: exit status 0 when the API answers and its database is ready."""

from __future__ import annotations

import sys

from backend.cli.client import ApiError, Client, find_url
from core.command_failures import run
from core.settings import get_settings

_SECONDS = 4.0


def main() -> int:
    settings = get_settings()
    try:
        Client(find_url(settings), settings.token, timeout=_SECONDS).get("/api/ready")
    except ApiError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
