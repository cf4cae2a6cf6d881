"""Logging in with a token, and what a viewer is offered, on a site that asks for one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from benchmarks.finished import insert_finished, make_spec
from core.settings import Settings
from tests.e2e.accessibility import list_faults, measure_overflow
from tests.e2e.conftest import Complaints, Site, serve

Open = Callable[..., Page]
TOKEN, READ_TOKEN = "a-token-of-the-tests-0123456789abcdef", "a-viewers-token-of-the-tests-0123456789"


@pytest.fixture
def closed_site(tmp_path: Path, complaints: Complaints) -> Iterator[Site]:
    # A browser says every 401 on its console.
    complaints.expected.append("401 (Unauthorized)")
    with serve(Settings(home=tmp_path, token=SecretStr(TOKEN), read_token=SecretStr(READ_TOKEN))) as site:
        yield site


def log_in(page: Page, token: str) -> None:
    page.get_by_label("Token", exact=True).fill(token)
    page.get_by_label("Token", exact=True).press("Enter")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_wrong_token_is_said_in_place_and_the_right_one_leads_on(
    closed_site: Site, open_page: Open, width: int, scheme: str
) -> None:
    experiment = insert_finished(closed_site.home, make_spec(2, 1, 3))
    address = f"{closed_site.url}/experiments/{experiment}"
    page = open_page(address, width=width, color_scheme=scheme)
    field = page.get_by_label("Token", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("autocomplete", "current-password")
    assert (list_faults(page), measure_overflow(page)) == ([], 0)
    log_in(page, "wrong")
    expect(page.get_by_text("This is not the token")).to_be_visible()
    expect(field).to_be_focused()
    log_in(page, TOKEN)
    expect(page.get_by_role("heading", level=1)).to_contain_text("runs of 3 epochs")
    expect(page).to_have_url(address)
    expect(page.get_by_role("link", name="New experiment")).to_be_visible()
    assert measure_overflow(page) == 0
    assert page.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page.get_by_label("Token", exact=True)).to_be_visible()


def test_a_session_that_ends_loses_nothing_that_was_typed(closed_site: Site, open_page: Open) -> None:
    page = open_page(f"{closed_site.url}/new")
    log_in(page, TOKEN)
    expect(page.get_by_text(re.compile(r"\d+ runs in"))).to_be_visible()
    # What the form asks by itself is answered: else that would bring the dialog, and the button be below it.
    with page.expect_response("**/api/plan"):
        page.get_by_label("Name", exact=True).fill("typed before the end")
    page.context.clear_cookies()
    page.get_by_role("button", name="Start experiment").click()
    expect(page.get_by_role("dialog", name="Log in again")).to_be_visible()
    log_in(page, TOKEN)
    expect(page.get_by_role("heading", level=1)).to_contain_text("typed before the end")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{closed_site.url}/api/experiments", headers=bearer).json()["total"] == 1


def test_a_viewer_is_offered_nothing_that_changes_something(closed_site: Site, open_page: Open) -> None:
    experiment = insert_finished(closed_site.home, make_spec(2, 1, 3))
    page = open_page(closed_site.url)
    log_in(page, READ_TOKEN)
    expect(page.get_by_text("Read only")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)
    for name in ("Actions for", "New"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_role("link", name="New")).to_have_count(0)
    page.goto(f"{closed_site.url}/experiments/{experiment}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("runs of 3 epochs")
    for name in ("Delete", "Clone", "Extend", "edit name", "Add tags"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
