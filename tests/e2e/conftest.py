"""The page in a real browser, served by a real Ridgeline: `ridgeline up`, API and worker, in a folder of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from backend.app import create_app
from backend.server import configure
from benchmarks.stack import run_stack
from core.db.engine import make_engine, migrate
from core.settings import Settings
from tests.browser import LAUNCH_ARGS, PATIENCE, SHOTS, find_browser

# What the content security policy stops is said on the console, with what it was.
TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', event => console.error(
  `policy violated: ${event.effectiveDirective} ${event.blockedURI} ${event.sample} ${event.sourceFile}`));
"""
# How long is waited costs nothing where it comes soon.
expect.set_options(timeout=1000 * PATIENCE)


@dataclass(frozen=True)
class Site:
    """A running Ridgeline: its address, and the folder that it lives in."""

    url: str
    home: Path

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=30)

    def post(self, path: str, body: object) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=body, timeout=30)

    def patch(self, path: str, body: object) -> httpx.Response:
        return httpx.patch(f"{self.url}{path}", json=body, timeout=30)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One for all tests of the page: a test makes its own experiments, and leaves others' alone."""
    with run_stack(trainers="1") as (url, home):
        yield Site(url, home)


@contextmanager
def serve(settings: Settings) -> Iterator[Site]:
    """The API and the page on an empty database, without a worker: what is queued stays queued."""
    engine = make_engine(settings)
    migrate(engine)
    engine.dispose()
    server = uvicorn.Server(configure(create_app(settings), settings, host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(f"http://127.0.0.1:{port}", settings.home)
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def quiet_site(tmp_path: Path) -> Iterator[Site]:
    with serve(Settings(home=tmp_path)) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module: while a Playwright is open no other can be started, and tests/test_browser.py starts some."""
    path = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=LAUNCH_ARGS)
        yield browser
        browser.close()


class Complaints:
    """What a page's console said that it should not. ``expected`` holds texts that a test provokes on purpose."""

    def __init__(self) -> None:
        self.expected: list[str] = []
        self.heard: list[str] = []

    def watch(self, page: Page) -> None:
        page.add_init_script(TELL_VIOLATIONS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.heard.append(f"uncaught: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def list_unexpected(self) -> list[str]:
        return [text for text in self.heard if not any(part in text for part in self.expected)]


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def open_page(
    browser: Browser, complaints: Complaints, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a context of its own; afterwards none may have complained on its console.

    ``heard_by``: who hears a page that is meant to complain. What is heard late cannot be told from what was heard
    before, so such a page has a Complaints of its own; those of ``complaints`` are never cleared.
    """
    pages: list[Page] = []

    def open_one(
        address: str, width: int = 1280, height: int = 900, heard_by: Complaints | None = None, **options: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(1000 * PATIENCE)
        page = context.new_page()
        (heard_by or complaints).watch(page)
        page.goto(address)
        pages.append(page)
        return page

    yield open_one
    for number, page in enumerate(pages):
        if page.is_closed():
            continue
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{request.node.name}-{number}.png".replace("/", "-"))
        page.context.close()
    assert complaints.list_unexpected() == []
