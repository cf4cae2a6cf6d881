"""Names, notes and tags are text: no script runs, and what was typed is read again to the letter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from benchmarks.finished import insert_finished, make_spec
from tests.e2e.conftest import Site
from tests.e2e.hostile import HOSTILE

Open = Callable[..., Page]


def watch(page: Page) -> list[str]:
    """What a hostile text would do: open a dialog, or ask another address."""
    deeds: list[str] = []
    page.on("dialog", lambda dialog: (deeds.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: None if "127.0.0.1" in request.url else deeds.append(request.url))
    return deeds


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_read_to_the_letter(quiet_site: Site, open_page: Open, name: str) -> None:
    tags = [name[:50]]
    spec = make_spec(2, 1, 3).model_copy(update={"name": name, "notes": name, "tags": tags})
    experiment = insert_finished(quiet_site.home, spec)
    given = {"name": name, "notes": name, "tags": tags}
    page = open_page("about:blank")
    deeds = watch(page)
    page.goto(quiet_site.url)
    page.evaluate(
        "([id, body]) => fetch(`/api/experiments/${id}`, {method: 'PATCH', body: JSON.stringify(body),"
        "headers: {'content-type': 'application/json'}}).then(answer => answer.status)",
        [experiment, given],
    )
    kept = quiet_site.get(f"/api/experiments/{experiment}").json()
    page.reload()
    link = page.get_by_role("row").nth(1).get_by_role("link").first
    expect(link).to_be_visible()
    assert link.text_content() == kept["name"]
    page.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Delete").click()
    assert kept["name"] in (page.get_by_role("dialog").locator("b").text_content() or "")

    page.goto(f"{quiet_site.url}/experiments/{experiment}")
    heading = page.get_by_role("heading", level=1).get_by_role("button")
    expect(heading).to_be_visible()
    assert heading.text_content() == kept["name"]
    assert page.title() == f"{' '.join(kept['name'].split())} · Ridgeline"
    assert page.evaluate("window.hacked") is None
    assert deeds == []
