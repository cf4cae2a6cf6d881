"""The browser of the tests: every way to it ends with one that draws a page, or with a sentence that helps."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests import browser


def draw(executable: Path) -> str:
    """The text of a button after it was clicked in that browser."""
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=executable, args=browser.LAUNCH_ARGS)
        page = window.new_page()
        page.set_content("<button onclick=\"this.textContent = '10⁻³'\">λ</button>")
        page.click("button")
        assert len(page.screenshot()) > 1000
        text = page.inner_text("button")
        window.close()
    return text


def test_found_browser_draws_a_page() -> None:
    assert draw(browser.find_browser()) == "10⁻³"


def test_named_browser_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    path = browser.find_browser()
    monkeypatch.setenv(browser.VARIABLE, str(path))
    assert browser.find_browser() == path


def test_named_browser_that_does_not_start_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv(browser.VARIABLE, str(broken))
    with pytest.raises(browser.BrowserMissingError, match="must name a Chromium that starts; received"):
        browser.find_browser()


def test_nothing_found_and_nothing_brought_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "installed", lambda: iter(()))
    monkeypatch.setattr(browser, "brought", lambda: iter(()))
    with pytest.raises(browser.BrowserMissingError, match="install Chromium or Chrome"):
        browser.find_browser()


@pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the npm package is for Linux on x86-64"
)
def test_browser_out_of_npm_draws_a_page() -> None:
    """What a machine without Chromium falls back on, so it is tried where there is one too."""
    path = browser.from_npm()
    assert path is not None
    assert draw(path) == "10⁻³"


def test_archive_with_another_hash_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(browser, "PACKAGE", "is-number@7.0.0")
    with pytest.raises(ValueError, match="must have integrity sha512-"):
        browser.download(tmp_path)


def test_browser_is_found_while_playwright_is_at_work() -> None:
    """As the benchmarks ask for it; Playwright's own is looked at on the way, whatever is found before it."""
    with sync_playwright():
        assert browser.find_browser().exists()
        list(browser.playwrights_own())
