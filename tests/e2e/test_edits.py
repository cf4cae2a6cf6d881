"""Several people edit one experiment: nothing that was written is lost, and nobody deletes what they have not seen."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect

from benchmarks.finished import insert_finished, make_spec
from tests.browser import PATIENCE, wait_for, wait_until
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Complaints, Site
from tests.e2e.test_list import start

Open = Callable[..., Page]
CANNOT = "The database does not answer; try again in a moment."


def read(site: Site, experiment: int) -> dict[str, Any]:
    view: dict[str, Any] = site.get(f"/api/experiments/{experiment}").json()
    return view


def hear_edits(page: Page) -> list[Request]:
    heard: list[Request] = []
    page.on("request", lambda request: heard.append(request) if request.method in ("PATCH", "DELETE") else None)
    return heard


def write_notes(page: Page, text: str) -> None:
    page.get_by_role("button", name=re.compile("notes$")).click()
    page.get_by_label("notes", exact=True).fill(text)
    page.keyboard.press("Control+Enter")


def test_a_field_that_is_clicked_and_left_writes_nothing_back(quiet_site: Site, open_page: Open) -> None:
    experiment = start(quiet_site, "Before", notes="  two\r\nlines \n")
    page = open_page(f"{quiet_site.url}/experiments/{experiment}")
    heard = hear_edits(page)
    page.get_by_role("button", name="Before, edit name").click()
    quiet_site.patch(f"/api/experiments/{experiment}", {"name": "By another"})
    # The page hears of it by its stream.
    wait_until(page, "() => document.title.startsWith('By another')")
    page.get_by_role("button", name=re.compile("edit notes")).click()
    expect(page.get_by_role("button", name="By another, edit name")).to_be_visible()
    page.get_by_label("notes", exact=True).blur()
    assert heard == []
    page.get_by_role("button", name="By another, edit name").click()
    page.keyboard.type("half a word")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="By another, edit name")).to_be_focused()
    assert heard == []
    view = read(quiet_site, experiment)
    assert (view["name"], view["notes"], view["version"]) == ("By another", "  two\r\nlines \n", 2)


@pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
def test_of_two_edits_of_one_text_both_are_shown_and_the_reader_chooses(
    quiet_site: Site, open_page: Open, complaints: Complaints, choice: str
) -> None:
    complaints.expected.append("412")
    experiment = start(quiet_site, "Shared", notes="first")
    hers, his = (open_page(f"{quiet_site.url}/experiments/{experiment}") for _ in range(2))
    his.get_by_role("button", name="first, edit notes").click()
    his.get_by_label("notes", exact=True).fill("what <b>he</b> found")
    write_notes(hers, "what she found")
    expect(hers.get_by_role("button", name="what she found, edit notes")).to_be_focused()
    his.keyboard.press("Control+Enter")
    alert = his.get_by_role("alert")
    expect(alert).to_contain_text("somebody else has changed the notes meanwhile")
    expect(alert.get_by_role("blockquote")).to_have_text("what she found")
    expect(his.get_by_label("notes", exact=True)).to_have_value("what <b>he</b> found")
    assert read(quiet_site, experiment)["notes"] == "what she found"
    assert list_faults(his) == []
    # Both survive a reload, and neither leaving the field nor Enter decides.
    his.get_by_label("notes", exact=True).press("Control+Enter")
    his.get_by_label("notes", exact=True).blur()
    his.reload()
    expect(his.get_by_label("notes", exact=True)).to_have_value("what <b>he</b> found")
    his.get_by_role("button", name="Save", exact=True).click()
    expect(alert.get_by_role("blockquote")).to_have_text("what she found")
    alert.get_by_role("button", name=choice).click()
    kept = "what <b>he</b> found" if choice == "Keep mine" else "what she found"
    expect(his.get_by_role("button", name=f"{kept}, edit notes")).to_be_visible()
    expect(alert).to_have_count(0)
    assert read(quiet_site, experiment)["notes"] == kept
    his.reload()
    expect(his.get_by_role("button", name=f"{kept}, edit notes")).to_be_visible()


def test_edits_of_different_fields_and_tags_are_all_kept(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected.append("412")
    experiment = start(quiet_site, "Shared", tags=["both"])
    hers, his = (open_page(f"{quiet_site.url}/experiments/{experiment}") for _ in range(2))
    for page in (hers, his):
        page.get_by_role("button", name="Edit tags").click()
    for page, tag in ((hers, "hers"), (his, "his"), (hers, "more of hers")):
        page.get_by_role("combobox", name="Tags").press_sequentially(tag)
        page.keyboard.press("Enter")
        expect(page.get_by_text(tag, exact=True)).to_be_visible()
        wait_until_tagged(quiet_site, experiment, tag)
    for page in (hers, his):
        page.get_by_role("combobox", name="Tags").blur()
        expect(page.get_by_role("button", name="Edit tags")).to_be_visible()
    write_notes(his, "his")
    expect(his.get_by_role("button", name="his, edit notes")).to_be_visible()
    hers.get_by_role("button", name="Shared, edit name").click()
    hers.keyboard.type("Hers")
    hers.keyboard.press("Enter")
    expect(hers.get_by_role("heading", level=1)).to_contain_text("Hers")
    view = read(quiet_site, experiment)
    assert (view["name"], view["notes"]) == ("Hers", "his")
    assert view["tags"] == ["both", "hers", "his", "more of hers"]
    expect(hers.get_by_role("alert")).to_have_count(0)


def test_a_tag_that_is_typed_and_left_is_saved(quiet_site: Site, open_page: Open) -> None:
    experiment = start(quiet_site, "Tagged")
    page = open_page(f"{quiet_site.url}/experiments/{experiment}")
    page.get_by_role("button", name="Add tags").click()
    page.get_by_role("combobox", name="Tags").press_sequentially("left")
    page.get_by_role("button", name="Add notes").click()
    expect(page.get_by_role("link", name="left", exact=True)).to_be_visible()
    assert read(quiet_site, experiment)["tags"] == ["left"]


def wait_until_tagged(site: Site, experiment: int, tag: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if tag in read(site, experiment)["tags"]:
            return
        time.sleep(0.05)
    raise AssertionError(f"{tag} was not saved")


def refuse(route: Route) -> None:
    error = {"code": "database_unavailable", "message": CANNOT, "details": [], "request_id": "x"}
    route.fulfill(status=503, body=json.dumps({"error": error}), content_type="application/json")


@pytest.mark.parametrize("failure", ["refused", "unreachable"])
@pytest.mark.parametrize("field", ["name", "notes", "tags"])
def test_what_could_not_be_saved_stays_until_it_is(
    quiet_site: Site, open_page: Open, complaints: Complaints, failure: str, field: str
) -> None:
    complaints.expected += ["503", "ERR_FAILED"]
    experiment = start(quiet_site, "Before", notes="before", tags=["before"])
    address = f"{quiet_site.url}/experiments/{experiment}"
    page = open_page(address)

    def act(route: Route) -> None:
        if route.request.method != "PATCH":
            route.fallback()
        elif failure == "refused":
            refuse(route)
        else:
            route.abort()

    page.route(f"**/api/experiments/{experiment}", act)
    if field == "tags":
        page.get_by_role("button", name="Edit tags").click()
        page.get_by_role("combobox", name="Tags").press_sequentially("after")
    else:
        page.get_by_role("button", name=re.compile(f"edit {field}")).click()
        page.get_by_label(field, exact=True).fill("after")
    page.keyboard.press("Control+Enter" if field == "notes" else "Enter")
    alert = page.get_by_role("alert").filter(has_text="Not saved")
    expect(alert).to_contain_text(CANNOT if failure == "refused" else "could not be reached")
    expect_typed(page, field)
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_be_visible()
    # Leaving the field, the page, and loading it anew: it is still there.
    page.get_by_role("link", name="Ridgeline").first.click()
    expect(page.get_by_role("heading", name="Experiments", exact=True)).to_be_visible()
    page.goto(address)
    page.reload()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect_typed(page, field)
    old: dict[str, Any] = {"name": "Before", "notes": "before", "tags": ["before"]}
    assert read(quiet_site, experiment)[field] == old[field]
    page.unroute(f"**/api/experiments/{experiment}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    after = read(quiet_site, experiment)[field]
    assert after == (["after", "before"] if field == "tags" else "after")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Not saved")).to_have_count(0)


def expect_typed(page: Page, field: str) -> None:
    if field == "tags":
        expect(page.get_by_text("after", exact=True)).to_be_visible()
    else:
        expect(page.get_by_label(field, exact=True)).to_have_value("after")


def test_what_is_typed_while_it_is_saved_is_saved_after_it(quiet_site: Site, open_page: Open) -> None:
    experiment = start(quiet_site, "Before")
    page = open_page(f"{quiet_site.url}/experiments/{experiment}")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if route.request.method == "PATCH" and not held else route.fallback()

    page.route(f"**/api/experiments/{experiment}", hold)
    page.get_by_role("button", name="Before, edit name").click()
    page.keyboard.type("One")
    page.keyboard.press("Enter")
    page.keyboard.type(" and two")
    page.get_by_label("name", exact=True).blur()
    wait_for(page, lambda: held)
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_role("button", name="One and two, edit name")).to_be_visible()
    assert read(quiet_site, experiment)["name"] == "One and two"


def test_a_deletion_of_what_was_changed_meanwhile_asks_again(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected.append("412")
    experiment = insert_finished(quiet_site.home, make_spec(2, 1, 3))
    listing = open_page(quiet_site.url)
    page = open_page(f"{quiet_site.url}/experiments/{experiment}")
    for each, button in ((listing, "Actions for"), (page, "Delete")):
        each.get_by_role("button", name=button).click()
    listing.get_by_role("menuitem", name="Delete").click()
    change = {"name": "Do not delete", "tags": ["thesis"], "notes": "Chapter 4 stands on this."}
    quiet_site.patch(f"/api/experiments/{experiment}", change)
    for each in (listing, page):
        dialog = each.get_by_role("dialog", name="Delete this experiment?")
        dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(dialog.get_by_role("alert")).to_contain_text("It was changed meanwhile and is not deleted")
        for text in ("Do not delete", "tags: thesis", "Chapter 4 stands on this."):
            expect(dialog.get_by_role("alert")).to_contain_text(text)
        assert read(quiet_site, experiment)["version"] == 2
    listing.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Delete it all the same").click()
    expect(page).to_have_url(f"{quiet_site.url}/")
    assert quiet_site.get(f"/api/experiments/{experiment}").status_code == 404


def test_an_old_tab_neither_deletes_nor_shows_what_came_after(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected += ["404", "ERR_FAILED"]
    old = insert_finished(quiet_site.home, make_spec(2, 1, 3))
    # A tab that hears of nothing: its live stream does not come.
    tab = open_page("about:blank")
    tab.add_init_script("delete window.SharedWorker")
    tab.route("**/api/live*", lambda route: route.abort())
    tab.goto(f"{quiet_site.url}/experiments/{old}")
    expect(tab.get_by_role("button", name="Delete")).to_be_visible()
    page = open_page(f"{quiet_site.url}/experiments/{old}")
    wait_until(page, COUNT_LINES + " > 0")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="No experiments yet")).to_be_visible()
    new = insert_finished(quiet_site.home, make_spec(7, 1, 3))
    assert new != old
    # The page is not loaded anew: what it has kept of the old one must not be drawn.
    page.wait_for_timeout(5_100)
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("link", name="8 runs of 3 epochs").click()
    wait_until(page, COUNT_LINES + " >= 8")
    tab.get_by_role("button", name="Delete").click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(tab).to_have_url(f"{quiet_site.url}/")
    expect(tab.get_by_role("link", name="8 runs of 3 epochs")).to_be_visible()
    assert read(quiet_site, new)["name"] == "8 runs of 3 epochs"


def test_a_tab_says_that_what_it_shows_was_deleted_elsewhere(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    # A chart may be asked for at the moment of the deletion.
    complaints.expected.append("404 (Not Found)")
    experiment = insert_finished(quiet_site.home, make_spec(2, 1, 3))
    tab = open_page(f"{quiet_site.url}/experiments/{experiment}")
    wait_until(tab, COUNT_LINES + " > 0")
    assert httpx.delete(f"{quiet_site.url}/api/experiments/{experiment}").status_code == 204
    expect(tab.get_by_role("heading", name="This experiment was deleted")).to_be_visible()


COUNT_LINES = (
    "(document.querySelector('.js-plotly-plot')?.data ?? []).filter(trace => trace.meta.kind === 'mean').length"
)


def test_what_was_being_typed_survives_a_reload_until_it_is_given_up(quiet_site: Site, open_page: Open) -> None:
    experiment = start(quiet_site, "Before")
    page = open_page(f"{quiet_site.url}/experiments/{experiment}")
    page.get_by_role("button", name="Before, edit name").click()
    page.keyboard.type("Typed and left by a reload")
    page.reload()
    expect(page.get_by_label("name", exact=True)).to_have_value("Typed and left by a reload")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Before, edit name")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Before, edit name")).to_be_visible()
    assert read(quiet_site, experiment)["version"] == 1
