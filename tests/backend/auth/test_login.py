"""The page's session: logged in with a token, signed with it, ended with it; and what every answer's headers say."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from backend.app import create_app
from backend.auth.tokens import Authenticator, Role
from backend.middleware.security_headers import CONTENT_SECURITY_POLICY, HEADERS
from core.db.models import now
from core.settings import Settings
from tests.backend.conftest import run_server, serve

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TOKEN, VIEWER = "the-token-of-this-test", "the-viewers-token-of-it"
SESSION_COOKIE, BACKSLASHES = "ridgeline-session", "\\" * 60_000


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    return settings.model_copy(update={"token": SecretStr(TOKEN), "read_token": SecretStr(VIEWER)})


@pytest.fixture
def client(guarded: Settings) -> Iterator[httpx.Client]:
    with serve(guarded) as client:
        yield client


def log_in(client: httpx.Client, token: str = TOKEN, **headers: str) -> httpx.Response:
    return client.post("/api/session", json={"token": token}, headers=headers)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: httpx.Client) -> None:
    answer = log_in(client)
    assert answer.json() == {"authentication": True, "role": "full"}
    name, *attributes = answer.headers["Set-Cookie"].lower().split("; ")
    assert name.startswith(f"ridgeline-session-{client.base_url.port}=full.")
    assert set(attributes) == {"httponly", "samesite=strict", "path=/", "max-age=604800"}
    assert TOKEN not in answer.headers["Set-Cookie"]


def test_over_https_the_cookie_is_for_https_alone(guarded: Settings) -> None:
    with serve(guarded, trusted_proxies="127.0.0.1") as client:
        answer = log_in(client, **{"X-Forwarded-Proto": "https"})
        assert "secure" in answer.headers["Set-Cookie"].lower().split("; ")


def test_a_session_reads_streams_changes_and_ends(client: httpx.Client, spec: dict[str, Any]) -> None:
    own = {"Origin": f"http://127.0.0.1:{client.base_url.port}"}
    log_in(client)
    assert client.get("/api/session").json()["role"] == "full"
    # What changes something must say that it is of this site.
    assert client.post("/api/experiments", json=spec).status_code == 403
    made = client.post("/api/experiments", json=spec, headers=own).json()
    assert client.post("/api/plan", json=spec, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    with client.stream("GET", f"/api/experiments/{made['id']}/events") as stream:
        assert next(stream.iter_lines()) == "event: state"
    assert client.get("/api/session", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.delete("/api/session", headers=own).status_code == 204
    assert client.get("/api/session").json()["role"] is None
    assert client.get("/api/experiments").status_code == 401


def test_viewers_sessions_only_read(client: httpx.Client, spec: dict[str, Any]) -> None:
    own = {"Origin": f"http://127.0.0.1:{client.base_url.port}"}
    assert log_in(client, VIEWER).json()["role"] == "read"
    assert client.get("/api/experiments").status_code == 200
    assert client.post("/api/experiments", json=spec, headers=own).json()["error"]["code"] == "forbidden"


def test_wrong_tokens_are_refused_and_then_not_looked_at(client: httpx.Client) -> None:
    for _ in range(10):
        answer = log_in(client, "wrong-wrong-wrong-wrong")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong_token")
        assert "wrong-wrong" not in answer.text
    answer = log_in(client)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_logins")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("body", [{"token": ["SECRET"]}, {"token": {"a": "SECRET"}}, {"other": "SECRET"}, ["SECRET"]])
def test_what_was_sent_to_log_in_never_comes_back(client: httpx.Client, body: Any) -> None:
    answer = client.post("/api/session", json=body)
    assert answer.status_code == 422
    assert "SECRET" not in answer.text
    assert "SECRET" not in client.post("/api/session", json={"token": "SECRET" * 200}).text


def test_without_tokens_there_is_nothing_to_log_in_to(api: httpx.Client) -> None:
    assert log_in(api).status_code == 409


def test_sessions_outlive_a_restart_but_not_their_token(guarded: Settings) -> None:
    session = Authenticator(guarded).make_session_cookie(Role.FULL)
    viewers = Authenticator(guarded).make_session_cookie(Role.READ)
    assert Authenticator(guarded).read_session_cookie(session) is Role.FULL
    changed = Authenticator(guarded.model_copy(update={"token": SecretStr("another-token-than-that")}))
    assert changed.read_session_cookie(session) is None
    assert changed.read_session_cookie(viewers) is Role.READ


def test_sessions_that_were_tampered_with_or_are_old_are_none(guarded: Settings) -> None:
    authenticator = Authenticator(guarded)
    viewers = authenticator.make_session_cookie(Role.READ)
    forged = [viewers.replace("read.", "full."), viewers[:-1], f"{viewers}x", "full", "full..", "", "read.AAAA.x"]
    assert [authenticator.read_session_cookie(value) for value in forged] == [None] * len(forged)
    short = Authenticator(guarded.model_copy(update={"session_hours": 1 / 3600}))
    session = short.make_session_cookie(Role.FULL)
    assert short.read_session_cookie(session) is Role.FULL
    time.sleep(2.1)
    assert short.read_session_cookie(session) is None


@pytest.mark.parametrize("path", ["/api/health", "/api/experiments", "/api/session", "/"])
@pytest.mark.parametrize("name", ["a", SESSION_COOKIE])
def test_a_cookie_costs_no_time(client: httpx.Client, path: str, name: str) -> None:
    """Python 3.11.7 takes 9 seconds to unquote this one."""
    assert any(measure_cookie(client, path, name) < 1 for _ in range(3))


def measure_cookie(client: httpx.Client, path: str, name: str) -> float:
    """CPU seconds of two requests with it, and of whatever else the process did meanwhile."""
    start = time.process_time()
    client.get(path, headers={"Cookie": f'{name}="{BACKSLASHES}"'})
    client.delete(path, headers={"Cookie": f'b=1; {name}="{BACKSLASHES}"'})
    return time.process_time() - start


def test_every_answer_has_the_headers(guarded: Settings) -> None:
    app = create_app(guarded)
    app.add_api_route("/api/broken", lambda: 1 / 0)
    bearer = {"Authorization": f"Bearer {TOKEN}", "Connection": "close"}
    paths = (
        "/api/health",
        "/api/experiments",
        "/api/broken",
        "/api/nothing",
        "/ridgeline.svg",
        "/api/docs",
        "/metrics",
        "/",
    )
    with run_server(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        answers = [client.get(path, headers=headers) for path in paths for headers in ({}, bearer)]
        answers.append(client.get("/", headers={"Host": "evil.example"}))
    assert {answer.status_code for answer in answers} >= {200, 401, 404, 421, 500}
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, answer.url
        if answer.url.path.startswith("/api"):
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("database_url")
def test_the_policy_allows_no_script_but_files_of_this_site() -> None:
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["script-src"] == "'self'"
    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
    assert policy["connect-src"] == policy["form-action"] == "'self'"
    assert "unsafe-eval" not in CONTENT_SECURITY_POLICY
    assert "unsafe-inline" not in CONTENT_SECURITY_POLICY
    assert HEADERS["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert (HEADERS["X-Content-Type-Options"], HEADERS["X-Frame-Options"]) == ("nosniff", "DENY")
    assert HEADERS["Cross-Origin-Resource-Policy"] == HEADERS["Cross-Origin-Opener-Policy"] == "same-origin"


def test_swagger_ui_is_served_from_here(api: httpx.Client) -> None:
    page = api.get("/api/docs").text
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 2
    assert all('src="/' in attributes and not content for attributes, content in scripts)
    assert not re.search(r'(?:src|href)="(?!/)', page)
    assert "openapi.json" in api.get("/api/docs/start.js").text


def test_a_token_is_compared_with_every_one_in_constant_time(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time that it takes tells nothing, nor does which of the two was nearly right."""
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def spy(given: bytes, token: bytes) -> bool:
        compared.append((given, token))
        return compare(given, token)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    authenticator = Authenticator(guarded)
    tokens = [secret.get_secret_value() for secret in (guarded.token, guarded.read_token) if secret]
    for given in (*tokens, tokens[0][:-1] + "x", "ü"):
        compared.clear()
        authenticator.check_token(given)
        assert compared == [(given.encode(), token.encode()) for token in tokens]


@pytest.mark.parametrize(("hours", "role"), [(-1, Role.FULL), (1, Role.FULL), (-169, None), (169, None)])
def test_a_session_outlives_a_clock_that_is_set(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch, hours: int, role: Role | None
) -> None:
    """Set back by more than a session lasts, it would last for ever."""
    authenticator = Authenticator(guarded)
    session = authenticator.make_session_cookie(Role.FULL)
    monkeypatch.setattr("backend.auth.tokens.now", lambda: now() + timedelta(hours=hours))
    assert authenticator.read_session_cookie(session) is role
