"""The page's files: their compressed forms, how long a browser keeps them, and nothing beside them."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest

from backend.app import create_app
from backend.frontend_files import FrontendFiles
from core.settings import Settings
from tests.backend.conftest import run_server

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SCRIPT = "let λ = 1;\n" * 1000


@pytest.fixture
def page(settings: Settings, tmp_path: Path) -> Any:
    """An API that serves a page of two files, one of them compressed too."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Ridgeline</title>")
    script = dist / "assets" / "index-abc.js"
    script.write_text(SCRIPT)
    # As frontend/plugins/compress.ts leaves them.
    script.with_name("index-abc.js.br").write_bytes(brotli.compress(SCRIPT.encode()))
    script.with_name("index-abc.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
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
@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("gzip", "gzip"),
        ("identity", None),
        ("br;q=0.000", None),
    ],
)
def test_assets_are_sent_as_the_build_compressed_them(page: httpx.Client, accepted: str, sent: str | None) -> None:
    for method in ("GET", "HEAD"):
        answer = page.request(method, "/assets/index-abc.js", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == sent
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "immutable" in answer.headers["Cache-Control"]
        assert (int(answer.headers["Content-Length"]) < len(SCRIPT) / 10) == (sent is not None)
        assert answer.text == (SCRIPT if method == "GET" else "")


@sqlite_only
def test_what_a_browser_has_already_is_not_sent_again(page: httpx.Client) -> None:
    for path in ("/", "/assets/index-abc.js"):
        first = page.get(path)
        again = page.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert page.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


@sqlite_only
def test_each_form_of_a_file_has_a_tag_of_its_own(page: httpx.Client) -> None:
    forms = [page.get("/assets/index-abc.js", headers={"Accept-Encoding": name}) for name in ("br", "gzip", "identity")]
    assert len({answer.headers["ETag"] for answer in forms}) == 3


@sqlite_only
def test_a_missing_file_asked_for_by_a_reader_is_the_page_and_not_kept(page: httpx.Client) -> None:
    answer = page.get("/assets/gone-123.js", headers={"Accept": "text/html"})
    assert "<title>Ridgeline" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"


@sqlite_only
def test_the_page_may_be_built_after_the_start(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings)
    app.router.default = FrontendFiles(tmp_path / "dist")
    with run_server(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        answer = client.get("/")
        assert answer.status_code == 404
        assert "make build" in answer.json()["error"]["message"]
        (tmp_path / "dist").mkdir()
        (tmp_path / "dist" / "index.html").write_text("<!doctype html><title>Ridgeline</title>")
        assert client.get("/").status_code == 200


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
