"""The list of experiments: what it shows, finds, and lets one do, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from benchmarks.finished import insert_finished, make_spec
from tests.browser import wait_for
from tests.e2e.accessibility import list_faults, measure_overflow
from tests.e2e.conftest import Complaints, Site

Open = Callable[..., Page]
SMALL: dict[str, Any] = {
    "dataset": {"name": "moons", "samples": 60},
    "network": {"name": "linear"},
    "optimizer": {"name": "sgd"},
    "epochs": 1,
    "seeds": 1,
}


def start(site: Site, name: str, **rest: object) -> int:
    answer = site.post("/api/experiments", {**SMALL, "name": name, **rest})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_an_empty_list_offers_the_demonstration_and_starts_it(quiet_site: Site, open_page: Open) -> None:
    page = open_page(quiet_site.url)
    expect(page.get_by_role("heading", name="No experiments yet")).to_be_visible()
    assert list_faults(page) == []
    page.get_by_role("button", name="Start the demonstration").click()
    expect(page).to_have_url(re.compile(r"/experiments/\d+"))
    listed = quiet_site.get("/api/experiments").json()
    assert [item["tags"] for item in listed["items"]] == [["demonstration"]]


def test_a_row_answers_at_a_glance(quiet_site: Site, open_page: Open) -> None:
    insert_finished(quiet_site.home, make_spec(9, 3, 20))
    start(quiet_site, "<b>bold</b> & waiting", tags=["thesis"])
    page = open_page(quiet_site.url)
    rows = page.get_by_role("row")
    expect(rows).to_have_count(3)
    waiting, finished = rows.nth(1), rows.nth(2)
    expect(waiting).to_contain_text("<b>bold</b> & waiting")
    expect(waiting).to_contain_text("queued")
    expect(waiting).to_contain_text("just now")
    expect(finished).to_contain_text("30 runs")
    expect(finished).to_contain_text("completed")
    expect(finished.get_by_role("img", name="L1: best")).to_be_visible()
    circles = finished.locator("svg circle")
    expect(circles).to_have_count(9)
    expect(circles.first).to_have_attribute("fill", "#3956c1")
    best = quiet_site.get("/api/experiments?text=30").json()["items"][0]["best"]
    assert "±" in best["sentence"]
    expect(finished).to_contain_text(best["sentence"].split(": ")[1].split(" on ")[0])


def test_search_state_and_tag_live_in_the_address(quiet_site: Site, open_page: Open) -> None:
    start(quiet_site, "alpha", tags=["thesis"])
    start(quiet_site, "beta")
    gone = start(quiet_site, "gamma")
    assert quiet_site.post(f"/api/experiments/{gone}/cancel", None).status_code == 200
    page = open_page(quiet_site.url)
    rows = page.get_by_role("row")
    expect(rows).to_have_count(4)
    page.keyboard.press("/")
    field = page.get_by_label("Search by name, notes or tag")
    expect(field).to_be_focused()
    field.press_sequentially("alph")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("text=alph"))
    page.get_by_role("button", name="Clear the search").click()
    expect(rows).to_have_count(4)
    page.get_by_label("Filter by state").select_option("cancelled")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("gamma")
    page.reload()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("Filter by state").select_option("")
    page.get_by_role("link", name="Only experiments tagged thesis").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Remove the filter by tag thesis").click()
    expect(rows).to_have_count(4)
    field.fill("no such thing")
    expect(page.get_by_text("No experiment matches")).to_be_visible()
    page.get_by_role("button", name="Show all experiments").click()
    expect(rows).to_have_count(4)


def test_the_search_field_finds_every_alphabet_and_tags(quiet_site: Site, open_page: Open) -> None:
    for name, tag in (("Über-Netz", "İzmir"), ("e\u0301te\u0301 50 %", "ΟΔΟΣ"), ("plain", "other")):
        start(quiet_site, name, tags=[tag])
    page = open_page(quiet_site.url)
    rows = page.get_by_role("row")
    expect(rows).to_have_count(4)
    field = page.get_by_label("Search by name, notes or tag")
    for query, name in (("über", "Über-Netz"), ("ÉTÉ 50 %", "te\u0301"), ("İZMİR", "Über-Netz"), ("οδος", "te\u0301")):
        field.fill(query)
        expect(rows).to_have_count(2)
        expect(rows.nth(1)).to_contain_text(name)
    page.reload()
    expect(rows).to_have_count(2)
    expect(field).to_have_value("οδος")


def test_rows_are_walked_and_opened_by_keyboard(quiet_site: Site, open_page: Open) -> None:
    first = start(quiet_site, "older")
    start(quiet_site, "newer")
    page = open_page(quiet_site.url)
    expect(page.get_by_role("row")).to_have_count(3)
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="newer", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="older", exact=True)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/experiments/{first}"))


def test_the_focus_stays_when_the_catalogue_comes_late(quiet_site: Site, open_page: Open) -> None:
    start(quiet_site, "alone")
    page = open_page("about:blank")
    held: list[Route] = []
    page.route("**/api/catalogue", lambda route: held.append(route))
    page.goto(quiet_site.url)
    link = page.get_by_role("link", name="alone", exact=True)
    expect(link).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("moons")
    page.keyboard.press("j")
    expect(link).to_be_focused()
    wait_for(page, lambda: held)
    held[0].continue_()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Moons")
    expect(link).to_be_focused()


def test_many_experiments_come_in_pages(quiet_site: Site, open_page: Open) -> None:
    for number in range(27):
        start(quiet_site, f"number {number}")
    page = open_page(quiet_site.url)
    expect(page.get_by_text("1–25 of 27")).to_be_visible()
    page.get_by_role("button", name="Page 2").click()
    expect(page.get_by_text("26–27 of 27")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page).to_have_url(re.compile("page=2"))
    page.go_back()
    expect(page.get_by_text("1–25 of 27")).to_be_visible()


def test_one_is_cancelled_then_deleted_after_a_question(quiet_site: Site, open_page: Open) -> None:
    start(quiet_site, "to go")
    start(quiet_site, "to stay")
    page = open_page(quiet_site.url)
    page.get_by_role("button", name="Actions for to go").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="It still runs")
    dialog.get_by_role("button", name="Cancel the experiment").click()
    row = page.get_by_role("row").filter(has_text="to go")
    expect(row).to_contain_text("cancelled")
    page.get_by_role("button", name="Actions for to go").click()
    page.get_by_role("menuitem", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete this experiment?")
    expect(question).to_contain_text("to go")
    question.get_by_role("button", name="Keep it").click()
    expect(row).to_have_count(1)
    page.get_by_role("button", name="Actions for to go").click()
    page.get_by_role("menuitem", name="Delete").click()
    question.get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)
    assert [item["name"] for item in quiet_site.get("/api/experiments").json()["items"]] == ["to stay"]


def test_a_clone_starts_from_the_earlier_experiments_spec(quiet_site: Site, open_page: Open) -> None:
    start(quiet_site, "the first", epochs=7)
    page = open_page(quiet_site.url)
    page.get_by_role("button", name="Actions for the first").click()
    page.get_by_role("menuitem", name="Clone").click()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("7")
    expect(page.get_by_label("Name", exact=True)).to_have_value("the first")


def test_progress_moves_without_a_reload(site: Site, open_page: Open) -> None:
    grid = {"name": "l2", "strengths": {"from": 1e-4, "to": 1e-2, "count": 3}}
    identity = start(site, "moving", epochs=4, regularizers=[grid], tags=["moving"])
    page = open_page(f"{site.url}/?tag=moving")
    expect(page.get_by_role("row").nth(1)).to_contain_text("completed", timeout=120_000)
    expect(page.get_by_role("row").nth(1)).to_contain_text("%")
    assert site.get(f"/api/experiments/{identity}").json()["state"] == "completed"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cards_on_a_narrow_screen(quiet_site: Site, open_page: Open, scheme: str) -> None:
    insert_finished(quiet_site.home, make_spec(9, 3, 20))
    start(quiet_site, "a name " + "so-long-that-nothing-can-break-it" * 4, tags=["one", "two"])
    page = open_page(quiet_site.url, width=390, height=844, color_scheme=scheme)
    expect(page.get_by_role("row").nth(2)).to_contain_text("completed")
    assert measure_overflow(page) == 0
    assert list_faults(page) == []


COUNT_ALERTS_GONE = """() => {
  window.gone = 0;
  new MutationObserver(() => { if (!document.querySelector('[role=alert]')) window.gone++; })
    .observe(document.body, { childList: true, subtree: true });
}"""


def test_a_refused_address_and_a_failing_api_are_said(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    start(quiet_site, "still there")
    page = open_page(f"{quiet_site.url}/?state=nonsense&page=-3&text=")
    expect(page.get_by_role("row")).to_have_count(2)
    complaints.expected.append("500")
    page.route("**/api/experiments?**", lambda route: route.fulfill(status=500, body="not JSON"))
    page.get_by_label("Filter by state").select_option("failed")
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    # The list asks again by itself; what it says stands meanwhile.
    page.evaluate(COUNT_ALERTS_GONE)
    for _ in range(3):
        with page.expect_response("**/api/experiments?**"):
            pass
    assert page.evaluate("window.gone") == 0
    # While it is refused: the list asks by itself too, and would take the button away before it is pressed.
    page.get_by_role("button", name="Try again").click()
    page.unroute("**/api/experiments?**")
    expect(page.get_by_text("No experiment matches")).to_be_visible()
    assert httpx.get(f"{quiet_site.url}/api/health").status_code == 200


# More is typed at the very moment in which the address takes over what was typed before, and more after it.
TYPE_ON = """() => {
  const type = letter => {
    const field = document.querySelector('search input');
    write.call(field, field.value + letter);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const replace = history.replaceState.bind(history);
  const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  history.replaceState = (state, title, url) => {
    replace(state, title, url);
    if (!String(url).endsWith('text=a')) return;
    type('l');
    setTimeout(() => type('p'), 100);
  };
}"""


def test_the_search_loses_no_letter_to_its_own_address(quiet_site: Site, open_page: Open) -> None:
    start(quiet_site, "alpine")
    page = open_page(quiet_site.url)
    field = page.get_by_role("search").get_by_role("textbox")
    page.evaluate(TYPE_ON)
    field.press("a")
    expect(page).to_have_url(f"{quiet_site.url}/?text=alp")
    expect(field).to_have_value("alp")
    # What the address says otherwise is taken over: a way back, a link.
    page.evaluate("history.pushState(history.state, '', '/?text=pine')")
    page.go_back()
    expect(field).to_have_value("alp")
    page.go_forward()
    expect(field).to_have_value("pine")
