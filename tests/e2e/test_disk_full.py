"""A full disk of the database is said on every page, and where something was to be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from tests import full_disk
from tests.conftest import drop_database, make_database
from tests.e2e.conftest import Complaints, Site, serve

Open = Callable[..., Page]


@pytest.fixture
def served(postgres_server: str, tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """A site, and its database."""
    url = make_database(postgres_server)
    with serve(Settings(home=tmp_path, database_url=url)) as site:
        yield site, url
    drop_database(postgres_server, url)


def test_a_full_disk_is_said_on_every_page_until_there_is_room(
    served: tuple[Site, str], open_page: Open, complaints: Complaints
) -> None:
    site, url = served
    complaints.expected.append("507")
    full_disk.fill(url)
    page = open_page(site.url)
    note = page.get_by_text("The disk of the database is full: nothing can be saved")
    button = page.get_by_role("button", name="Start the demonstration")
    expect(button).to_be_visible()
    expect(note).to_have_count(0)
    button.click()
    # Once where it was asked for, and once for all.
    expect(note.last).to_be_visible()
    page.goto(f"{site.url}/system")
    expect(note).to_be_visible()
    expect(page.get_by_text("its disk is full: nothing can be saved until there is room")).to_be_visible()
    full_disk.make_room(url)
    expect(note).to_have_count(0)
    expect(page.get_by_text("holds every experiment")).to_be_visible()
