"""Requests of one client are limited per minute."""

from __future__ import annotations

import time

import pytest

from core.settings import Settings
from tests.backend.conftest import serve
from tests.backend.limit_errors import check_limit_error

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_requests_beyond_the_limit_are_told_when_to_come_again(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=5) as client:
        start = time.monotonic()
        answers = [client.get("/api/catalogue") for _ in range(5)]
        assert {answer.status_code for answer in answers} == {200}
        wait = check_limit_error(client.get("/api/catalogue"), "at most 5 a minute")
        # Until the first is a minute old, in whole seconds.
        assert 60 - (time.monotonic() - start) - 1 <= wait <= 60
        # A refusal comes before everything else: of what is not there too.
        check_limit_error(client.post("/api/nothing", json={}), "at most 5 a minute")


def test_the_page_and_the_health_check_are_not_counted(settings: Settings) -> None:
    with serve(settings, max_requests_per_minute=1) as client:
        assert client.get("/api/system").status_code == 200
        for _ in range(2):
            assert client.get("/api/health").status_code == 200
            # Where the page is not built.
            assert client.get("/ridgeline.svg").status_code in (200, 404)
        check_limit_error(client.get("/api/system"), "at most 1 a minute")
        assert client.get("/api/health").status_code == 200
