"""What every page has: theme, keys, the way around, and manners when something is away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.figures.axes.colour_scale import NEUTRAL, STOPS, pick_colour
from tests.e2e.accessibility import list_faults, measure_overflow
from tests.e2e.conftest import Complaints, Site

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., Page]
PAGES = {"list": "/", "form": "/new", "system": "/system", "nowhere": "/nowhere"}


def test_the_pages_colours_are_those_of_the_figures() -> None:
    source = (ROOT / "frontend" / "src" / "theme" / "colourScale.ts").read_text(encoding="utf-8")
    found = re.findall(r'"(#[0-9a-f]{6})"', source)
    assert found == [*(pick_colour(index / (STOPS - 1)) for index in range(STOPS)), NEUTRAL]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_fits(
    site: Site, open_page: Open, complaints: Complaints, name: str, width: int, scheme: str
) -> None:
    complaints.expected.append("404 (Not Found) (" + f"{site.url}/nowhere)")
    page = open_page(f"{site.url}{PAGES[name]}", width=width, color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert measure_overflow(page) == 0
    assert list_faults(page) == []


def test_the_first_tab_skips_to_the_content(site: Site, open_page: Open) -> None:
    page = open_page(site.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_theme_follows_the_system_until_it_is_chosen(site: Site, open_page: Open) -> None:
    page = open_page(site.url, color_scheme="dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")
    page.get_by_role("button", name="Theme: as the system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")


def test_keys_lead_around_but_not_while_one_types(site: Site, open_page: Open) -> None:
    page = open_page(site.url)
    expect(page.get_by_role("heading", name="Experiments", exact=True)).to_be_visible()
    # React begins to listen just after it has drawn.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("New experiment")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("n")
    expect(page).to_have_url(f"{site.url}/new")
    field = page.get_by_label("Name", exact=True)
    field.fill("")
    field.press_sequentially("never?")
    expect(field).to_have_value("never?")
    expect(page).to_have_url(f"{site.url}/new")
    field.blur()
    page.keyboard.press("e")
    expect(page).to_have_url(f"{site.url}/")


def test_an_address_that_leads_nowhere_says_so(site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append("404 (Not Found) (" + f"{site.url}/no/such/page)")
    page = open_page(f"{site.url}/no/such/page")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="See all experiments").click()
    expect(page).to_have_url(f"{site.url}/")


def test_the_system_page_shows_the_live_worker(site: Site, open_page: Open) -> None:
    page = open_page(f"{site.url}/system")
    workers = page.get_by_role("region", name="Workers")
    expect(workers.get_by_role("listitem")).to_have_count(1)
    expect(workers).to_contain_text("alive")
    expect(workers).to_contain_text("torch")
    expect(page.get_by_text("reachable", exact=True)).to_be_visible()


def test_a_lost_connection_is_said_and_heals_by_itself(site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append("net::ERR_INTERNET_DISCONNECTED")
    page = open_page(f"{site.url}/system")
    expect(page.get_by_text("alive")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Connection lost")).to_have_count(0)
    expect(page.get_by_text("alive")).to_be_visible()
