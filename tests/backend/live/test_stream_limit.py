"""Live streams are limited, per client and in all."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from backend.errors.exceptions import TooManyError
from backend.live.stream_limit import StreamLimit
from core.settings import Settings
from tests.backend.conftest import serve
from tests.backend.limit_errors import check_limit_error

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_streams_are_counted_by_client_and_in_all(settings: Settings) -> None:
    streams = StreamLimit(3, 2)
    with ExitStack() as stack:
        stack.enter_context(streams.admit("a"))
        stack.enter_context(streams.admit("a"))
        with pytest.raises(TooManyError, match="at most 2 of one client"), streams.admit("a"):
            pass
        stack.enter_context(streams.admit("b"))
        with pytest.raises(TooManyError, match="at most 3 of all clients"), streams.admit("c"):
            pass
    # All have ended, however they did.
    for client in ("a", "b", "c"):
        with streams.admit(client):
            pass


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_streams_per_client": 2}, "at most 2 of one client"),
        ({"max_streams": 2}, "at most 2 of all clients"),
    ],
)
def test_one_stream_too_many_is_refused_until_another_ends(
    settings: Settings, spec: dict[str, Any], change: dict[str, int], words: str
) -> None:
    with serve(settings, **change) as client:
        made = client.post("/api/experiments", json=spec).json()
        events = f"/api/experiments/{made['id']}/events"
        with client.stream("GET", events) as first:
            with client.stream("GET", events) as second:
                assert (first.status_code, second.status_code) == (200, 200)
                assert check_limit_error(client.get(events), words) > 0
                # Whoever may not follow can still look.
                assert client.get(f"/api/experiments/{made['id']}").status_code == 200
            deadline = time.monotonic() + 10
            while (status := find_status(client, events)) == 429 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert status == 200


def find_status(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path) as answer:
        return answer.status_code
