"""Who may come in: no route without a token, no other Host, no other site's page, and viewers only read."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr
from starlette.websockets import WebSocket

from backend.app import create_app
from core.settings import Settings
from tests.backend.conftest import run_server, serve

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TOKEN, VIEWER = "the-token-of-this-test", "the-viewers-token-of-it"
FULL, READ = ({"Authorization": f"Bearer {token}"} for token in (TOKEN, VIEWER))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MADE-UP")
# What docs/security.md says is open, and nothing else.
OPEN = {("GET", "/api/health"), ("GET", "/api/session"), ("POST", "/api/session"), ("DELETE", "/api/session")}


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    tokens = {"token": SecretStr(TOKEN), "read_token": SecretStr(VIEWER)}
    return settings.model_copy(update={**tokens, "max_requests_per_minute": 100_000})


@pytest.fixture
def client(guarded: Settings) -> Iterator[httpx.Client]:
    with serve(guarded) as client:
        yield client


def list_paths(app: FastAPI) -> set[str]:
    """An address of every route, whatever kind it is."""
    paths = {str(context.path) for context in iter_route_contexts(app.routes)}
    assert len(paths) > 20
    assert paths >= {"/api/experiments", "/api/docs", "/api/openapi.json", "/api/ready", "/metrics"}
    return {re.sub(r"\{\w+(:\w+)?\}", "1", path) for path in paths}


def check_error(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, (answer.request.method, answer.url, answer.status_code)
    if answer.request.method != "HEAD":
        error = answer.json()["error"]
        assert error["code"] == code
        assert error["message"]
        assert error["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "given", [None, "Bearer the-wrong-token-of-it", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer"]
)
def test_every_route_asks_for_a_token(guarded: Settings, given: str | None) -> None:
    app = create_app(guarded)
    headers = {} if given is None else {"Authorization": given}
    with run_server(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for path in sorted(list_paths(app)):
            for method in METHODS:
                if (method, path) not in OPEN:
                    answer = client.request(method, path, headers=headers)
                    check_error(answer, 401, "unauthenticated")
                    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_route_added_anywhere_asks_for_a_token_too(guarded: Settings) -> None:
    app = create_app(guarded)
    for path in ("/export", "/report.html", "/experiments/{name}/secret", "/api/new", "/assets/{rest:path}"):
        app.add_api_route(path, lambda: "data", methods=["GET", "POST"])
    with run_server(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for path in ("/export", "/report.html", "/experiments/1/secret", "/api/new", "/assets/a.csv"):
            for method in ("GET", "POST"):
                page = {"Accept": "text/html"}
                check_error(client.request(method, path, headers=page), 401, "unauthenticated")
                assert client.request(method, path, headers=page | FULL).json() == "data"


def test_a_websocket_added_anywhere_is_closed(guarded: Settings) -> None:
    app = create_app(guarded)

    @app.websocket("/api/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()

    # As a server that speaks the protocol hands it over; the one that the tests have does not, and never would.
    scope = {"type": "websocket", "path": "/api/live", "headers": [(b"host", b"127.0.0.1:8000")], "query_string": b""}
    said: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(app(scope, receive, send))
    assert said == [{"type": "websocket.close", "code": 1008}]


def test_what_is_open_needs_no_token_and_tells_nothing(client: httpx.Client) -> None:
    assert client.get("/api/health").json() == {"status": "ok"}
    assert client.get("/api/session").json() == {"authentication": True, "role": None}
    assert client.delete("/api/session").status_code == 204
    # The page must load to log in, its files with it; 404 where it is not built.
    assert client.get("/", headers={"Accept": "text/html"}).status_code in (200, 404)
    assert client.get("/ridgeline.svg").status_code in (200, 404)
    check_error(client.get("/nothing.js"), 404, "not_found")


def test_the_token_opens_every_route(client: httpx.Client, spec: dict[str, Any]) -> None:
    assert client.post("/api/experiments", json=spec, headers=FULL).status_code == 201
    assert client.get("/api/experiments", headers={"Authorization": f"bearer  {TOKEN}"}).json()["total"] == 1
    assert client.get("/api/session", headers=FULL).json()["role"] == "full"
    for path in ("/api/ready", "/api/openapi.json", "/api/docs", "/metrics", "/api/system"):
        answer = client.get(path, headers=FULL)
        assert answer.status_code == 200
        assert TOKEN not in answer.text
        assert VIEWER not in answer.text


def test_a_token_in_the_address_is_none(client: httpx.Client) -> None:
    for name in ("token", "access_token", "authorization"):
        check_error(client.get("/api/experiments", params={name: TOKEN}), 401, "unauthenticated")


def test_viewers_read_and_change_nothing(guarded: Settings, spec: dict[str, Any]) -> None:
    app = create_app(guarded)
    with run_server(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        made = client.post("/api/experiments", json=spec, headers=FULL).json()
        for path in sorted(list_paths(app)):
            for method in METHODS:
                if method not in ("GET", "HEAD", "OPTIONS") and path not in ("/api/session", "/api/plan", "/api/spec"):
                    check_error(client.request(method, path, headers=READ), 403, "forbidden")
        assert client.get("/api/session", headers=READ).json()["role"] == "read"
        assert client.get(f"/api/experiments/{made['id']}", headers=READ).json()["state"] == "queued"
        assert client.post("/api/plan", json=spec, headers=READ).json()["runs"] == made["runs"]
        check_error(client.put("/api/plan", json=spec, headers=READ), 403, "forbidden")


def test_without_tokens_nobody_is_asked(api: httpx.Client) -> None:
    assert api.get("/api/session").json() == {"authentication": False, "role": "full"}
    assert api.get("/api/experiments", headers={"Authorization": "Bearer any"}).status_code == 200


# Hosts


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost:PORT.evil.example", "127.0.0.1:PORT ",
     "[::]:PORT", "0.0.0.0:PORT", "127.0.0.1.nip.example:PORT", "a@127.0.0.1:PORT", "127.0.0.1:PORT,evil.example", ""],
)  # fmt: skip
def test_another_host_is_refused_before_all_else(api: httpx.Client, client: httpx.Client, host: str) -> None:
    for server in (api, client):
        given = host.replace("PORT", str(server.base_url.port))
        if given.endswith(" "):
            given = given.strip() + "."
        for path in ("/api/health", "/api/experiments", "/", "/nothing", "/api/session"):
            check_error(server.get(path, headers={"Host": given} | FULL), 421, "wrong_host")


def test_this_machines_names_are_known(api: httpx.Client) -> None:
    for name in ("localhost", "LocalHost", "127.0.0.1", "[::1]"):
        assert api.get("/api/health", headers={"Host": f"{name}:{api.base_url.port}"}).status_code == 200


def test_two_hosts_or_none_are_refused(api: httpx.Client) -> None:
    host, port = "127.0.0.1", api.base_url.port
    own = f"Host: {host}:{port}\r\n"
    for lines, version in ((f"{own}Host: evil.example\r\n", "1.1"), ("", "1.0")):
        with socket.create_connection((host, port), 10) as connection:
            connection.sendall(f"GET /api/health HTTP/{version}\r\n{lines}Connection: close\r\n\r\n".encode())
            status = connection.recv(200).split()[1]
        assert status in (b"400", b"421")


def test_names_of_a_setting_are_known_exactly(guarded: Settings) -> None:
    with serve(guarded, allowed_hosts="ridgeline.example, gpu:8000", host="192.0.2.7") as client:
        port = client.base_url.port
        for host in ("ridgeline.example", "RIDGELINE.example", "gpu:8000", f"192.0.2.7:{port}", f"127.0.0.1:{port}"):
            assert client.get("/api/health", headers={"Host": host}).status_code == 200
        for host in ("ridgeline.example:8000", "gpu", "www.ridgeline.example", "ridgeline.example."):
            check_error(client.get("/api/health", headers={"Host": host}), 421, "wrong_host")


# Other sites


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1", "OWN.evil"]
)
def test_another_sites_page_is_refused(api: httpx.Client, client: httpx.Client, method: str, origin: str) -> None:
    for server in (api, client):
        own = f"http://127.0.0.1:{server.base_url.port}"
        answer = server.request(method, "/api/experiments", headers={"Origin": origin.replace("OWN", own)} | FULL)
        check_error(answer, 403, "cross_site")
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_what_changes_something_is_not_sent_from_elsewhere(api: httpx.Client, spec: dict[str, Any], site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    check_error(api.post("/api/experiments", json=spec, headers=headers), 403, "cross_site")
    assert api.get("/api/experiments", headers=headers).json()["total"] == 0


def test_this_sites_page_and_programs_are_let_through(api: httpx.Client, spec: dict[str, Any]) -> None:
    own = f"http://127.0.0.1:{api.base_url.port}"
    for headers in ({}, {"Origin": own}, {"Origin": own, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        answer = api.post("/api/experiments", json=spec, headers=headers)
        assert answer.status_code == 201
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_over_https_the_origin_is_https(settings: Settings) -> None:
    with serve(settings, trusted_proxies="127.0.0.1", allowed_hosts="ridgeline.example") as client:
        secure = {"Host": "ridgeline.example", "X-Forwarded-Proto": "https"}
        accepted = client.delete("/api/session", headers=secure | {"Origin": "https://ridgeline.example"})
        assert accepted.status_code == 204
        refused = client.delete("/api/session", headers=secure | {"Origin": "http://ridgeline.example"})
        check_error(refused, 403, "cross_site")


def test_preflight_of_another_site_gets_no_leave(client: httpx.Client) -> None:
    headers = {"Origin": "https://evil.example", "Authenticator-Control-Request-Method": "POST"}
    answer = client.options("/api/experiments", headers=headers)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
