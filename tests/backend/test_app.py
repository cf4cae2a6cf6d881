"""The app as a whole: compression, plotly.js and the page's files."""

from __future__ import annotations

import socket
from importlib.metadata import version
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest

from backend.app import create_app
from backend.frontend_files import FrontendFiles
from backend.plotly_bundle import find_plotly, read_plotly
from core.settings import Settings
from tests.backend.conftest import Trainer, run_server

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@sqlite_only
def test_large_answers_are_compressed_and_events_are_not(
    api: httpx.Client, spec: dict[str, Any], trainer: Trainer
) -> None:
    assert api.get("/api/catalogue").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in api.get("/api/health").headers
    made = api.post("/api/experiments", json=spec).json()
    trainer.train([made["jobs"][0]["id"]])
    assert "Content-Encoding" not in api.get(f"/api/experiments/{made['id']}/events").headers


@sqlite_only
def test_plotly_is_the_installed_packages(api: httpx.Client) -> None:
    plain = read_plotly()
    assert plain.endswith(find_plotly().read_bytes())
    for encoding in ("br", "gzip", "identity"):
        answer = api.get("/plotly.js", headers={"Accept-Encoding": encoding})
        assert answer.content == plain
        assert answer.headers["Content-Type"].startswith("text/javascript")
    assert api.get("/plotly.js").headers["Cache-Control"] == "no-cache"
    tagged = {"If-None-Match": api.get("/plotly.js").headers["ETag"]}
    assert api.get("/plotly.js", headers=tagged).status_code == 304
    forever = api.get("/plotly.js", params={"v": version("plotly")}).headers["Cache-Control"]
    assert "immutable" in forever


@pytest.fixture
def page(settings: Settings, tmp_path: Path) -> Any:
    """An API that serves a page of three files."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Ridgeline</title>")
    (dist / "assets" / "index-abc.js").write_text("let λ = 1;\n" * 1000)
    (tmp_path / "secret.txt").write_text("secret")
    app = create_app(settings)
    app.router.default = FrontendFiles(dist)
    with run_server(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield client


@sqlite_only
def test_page_is_served_at_its_own_addresses_only(page: httpx.Client) -> None:
    for path in ("/", "/new", "/experiments/1", "/system"):
        answer = page.get(path, headers={"Accept": "text/html,*/*"})
        assert answer.status_code == 200
        assert "<title>Ridgeline" in answer.text
        assert answer.headers["Cache-Control"] == "no-cache"
    for path, accept in (("/api/nothing", "text/html"), ("/new", "application/json"), ("/assets/none.js", "*/*")):
        answer = page.get(path, headers={"Accept": accept})
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


@sqlite_only
def test_assets_are_compressed_and_kept(page: httpx.Client) -> None:
    answer = page.get("/assets/index-abc.js", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.text.startswith("let λ = 1;")
    assert len(brotli.compress(answer.content)) < len(answer.content) / 10


@sqlite_only
@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"]
)
def test_nothing_outside_the_page_is_served(page: httpx.Client, path: str) -> None:
    host, port = str(page.base_url).removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404")
    assert b'"secret"' not in answer


@sqlite_only
@pytest.mark.parametrize("path", ["/a%00b", "/" + "x" * 3000, "/%ff"])
def test_odd_addresses_are_not_found(page: httpx.Client, path: str) -> None:
    assert page.get(path).status_code == 404
