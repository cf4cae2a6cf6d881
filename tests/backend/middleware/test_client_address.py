"""Clients are told apart by the address that they cannot forge."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from backend.middleware.client_address import get_client_address
from core.settings import Settings
from tests.backend.conftest import serve
from tests.backend.limit_errors import check_limit_error

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_client_is_who_connects_whatever_it_says(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=1) as client:
        assert client.get("/api/system", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 200
        check_limit_error(client.get("/api/system", headers={"X-Forwarded-For": "10.0.0.2"}), "at most 1 a minute")


def test_a_trusted_proxy_is_believed(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=1, trusted_proxies="127.0.0.0/8") as client:
        for address in ("10.0.0.1", "10.0.0.2"):
            assert client.get("/api/system", headers={"X-Forwarded-For": address}).status_code == 200
            # What the client itself wrote stands left of what the proxy added.
            forged = {"X-Forwarded-For": f"10.9.9.9, {address}"}
            check_limit_error(client.get("/api/system", headers=forged), "at most 1 a minute")


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


@pytest.mark.parametrize("text", ["proxy.local", "*", "10.0.0.1, ten", "10.0.0.1/8"])
def test_proxies_that_are_no_addresses_are_refused(settings: Settings, text: str) -> None:
    with pytest.raises(ValueError, match="expected addresses or networks"):
        Settings(home=settings.home, trusted_proxies=text)
