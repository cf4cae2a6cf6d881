"""What one client may ask for: requests in a minute, live streams at once, and who a client is."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection

from backend.errors.exceptions import TooManyError
from backend.live.stream_limit import StreamLimit
from backend.middleware.client_address import get_client_address
from core.settings import Settings
from tests.backend.conftest import serve

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def check(answer: httpx.Response, expected: str) -> int:
    """The answer is the refusal of one too many; when to come again, in seconds."""
    assert answer.status_code == 429, answer.text
    error = answer.json()["error"]
    assert error["code"] in ("too_many_requests", "too_many_streams")
    assert expected in error["message"]
    assert error["request_id"] == answer.headers["X-Request-ID"]
    return int(answer.headers["Retry-After"])


def test_requests_beyond_the_limit_are_told_when_to_come_again(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=5) as client:
        answers = [client.get("/api/catalogue") for _ in range(5)]
        assert {answer.status_code for answer in answers} == {200}
        assert 55 <= check(client.get("/api/catalogue"), "at most 5 a minute") <= 60
        # A refusal comes before everything else: of what is not there too.
        check(client.post("/api/nothing", json={}), "at most 5 a minute")


def test_the_page_and_the_health_check_are_not_counted(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=1) as client:
        assert client.get("/api/system").status_code == 200
        for path in ("/api/health", "/plotly.js", "/api/health"):
            assert client.get(path).status_code == 200
        check(client.get("/api/system"), "at most 1 a minute")
        assert client.get("/api/health").status_code == 200


def test_a_client_is_who_connects_whatever_it_says(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=1) as client:
        assert client.get("/api/system", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 200
        check(client.get("/api/system", headers={"X-Forwarded-For": "10.0.0.2"}), "at most 1 a minute")


def test_a_trusted_proxy_is_believed(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=1, trusted_proxies="127.0.0.0/8") as client:
        for address in ("10.0.0.1", "10.0.0.2"):
            assert client.get("/api/system", headers={"X-Forwarded-For": address}).status_code == 200
            # What the client itself wrote stands left of what the proxy added.
            forged = {"X-Forwarded-For": f"10.9.9.9, {address}"}
            check(client.get("/api/system", headers=forged), "at most 1 a minute")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("fe80::1%eth0", "fe80::"),
        ("/run/socket", "/run/socket"),
    ],
)
def test_an_address_names_its_client(settings: Settings, host: str, name: str) -> None:
    assert get_client_address(HTTPConnection({"type": "http", "client": (host, 1), "headers": []})) == name


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
                assert check(client.get(events), words) > 0
                # Whoever may not follow can still look.
                assert client.get(f"/api/experiments/{made['id']}").status_code == 200
            deadline = time.monotonic() + 10
            while (status := find_status(client, events)) == 429 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert status == 200


def find_status(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path) as answer:
        return answer.status_code


@pytest.mark.parametrize("text", ["proxy.local", "*", "10.0.0.1, ten", "10.0.0.1/8"])
def test_proxies_that_are_no_addresses_are_refused(settings: Settings, text: str) -> None:
    with pytest.raises(ValueError, match="expected addresses or networks"):
        Settings(home=settings.home, trusted_proxies=text)
