"""The list while others work: what is made, changed or deleted elsewhere is there, and nobody is disturbed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import wait_for
from tests.e2e.conftest import Site
from tests.e2e.test_list import start

Open = Callable[..., Page]
# Seconds: the promise.
SOON = 2.0
# All that the page has shown, and when: the page's own clock is this machine's, and nobody's tools slow it down.
RECORD = """() => {
  window.shown = [];
  const note = () => window.shown.push([Date.now() / 1000, document.querySelector('main').textContent]);
  note();
  new MutationObserver(note)
    .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}"""
WATCH = """() => {
  window.seen = { focus: 0, changes: 0 };
  for (const name of ['focus', 'visibilitychange']) {
    window.addEventListener(name, () => window.seen.focus++);
    document.addEventListener(name, () => window.seen.focus++);
  }
  new MutationObserver(records => { window.seen.changes += records.length; })
    .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}"""
# Returns when, by the clocks of Date and of performance.
HIDE = """state => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
  const now = [Date.now() / 1000, performance.now()];
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  return now;
}"""
ASKED = "since => performance.getEntriesByType('resource').filter(e => e.startTime > since).map(e => e.name)"


def seen(page: Page, what: str) -> int:
    return int(page.evaluate(f"window.seen.{what}"))


@contextmanager
def soon(page: Page, holds: Callable[[str], bool], seconds: float = SOON) -> Iterator[None]:
    """What is done within comes to be seen within ``seconds`` of its end: ``holds`` is told all that the page says."""
    page.evaluate(RECORD)
    yield
    done = time.time()

    def find() -> list[float]:
        return [at for at, text in page.evaluate("window.shown") if holds(text)]

    wait_for(page, find)
    assert find(), "it did not come to be seen"
    assert find()[0] - done <= seconds


def change(site: Site, identity: int, **values: object) -> None:
    assert httpx.patch(f"{site.url}/api/experiments/{identity}", json=values, trust_env=False).status_code == 200


def end(site: Site, identity: int) -> None:
    assert site.post(f"/api/experiments/{identity}/cancel", None).status_code == 200


def delete(site: Site, identity: int) -> None:
    assert httpx.delete(f"{site.url}/api/experiments/{identity}", trust_env=False).status_code == 204


@pytest.mark.alone
def test_an_idle_list_shows_what_happens_elsewhere_within_two_seconds(quiet_site: Site, open_page: Open) -> None:
    end(quiet_site, start(quiet_site, "at rest"))
    page = open_page(quiet_site.url)
    rows = page.get_by_role("row")
    expect(rows).to_have_count(2)
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH)
    with soon(page, lambda text: "made elsewhere" in text):
        made = start(quiet_site, "made elsewhere")
    expect(page.get_by_role("link", name="made elsewhere", exact=True)).to_be_visible()
    # The filter offers every state: that of a row stands behind its name.
    with soon(page, lambda text: "cancelled" in text.partition("made elsewhere")[2].partition("at rest")[0]):
        end(quiet_site, made)
    expect(rows.nth(1)).to_contain_text("cancelled")
    with soon(page, lambda text: "renamed elsewhere" in text):
        change(quiet_site, made, name="renamed elsewhere")
    expect(page.get_by_role("link", name="renamed elsewhere", exact=True)).to_be_visible()
    with soon(page, lambda text: "marked" in text):
        change(quiet_site, made, tags=["marked"])
    expect(rows.nth(1)).to_contain_text("marked")
    with soon(page, lambda text: "renamed elsewhere" not in text):
        delete(quiet_site, made)
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("at rest")
    assert seen(page, "focus") == 0


@pytest.mark.alone
def test_an_empty_list_shows_the_first_experiment(quiet_site: Site, open_page: Open) -> None:
    page = open_page(quiet_site.url)
    expect(page.get_by_role("heading", name="No experiments yet")).to_be_visible()
    with soon(page, lambda text: "the first" in text):
        made = start(quiet_site, "the first")
    expect(page.get_by_role("link", name="the first", exact=True)).to_be_visible()
    end(quiet_site, made)
    with soon(page, lambda text: "No experiments yet" in text):
        delete(quiet_site, made)
    expect(page.get_by_role("heading", name="No experiments yet")).to_be_visible()


@pytest.mark.alone
def test_what_is_searched_for_appears_and_the_search_stays(quiet_site: Site, open_page: Open) -> None:
    end(quiet_site, start(quiet_site, "alpha one"))
    page = open_page(quiet_site.url)
    field = page.get_by_role("search").get_by_role("textbox")
    field.press_sequentially("alpha")
    expect(page).to_have_url(f"{quiet_site.url}/?text=alpha")
    start(quiet_site, "beta")
    with soon(page, lambda text: "alpha two" in text):
        start(quiet_site, "alpha two")
    expect(page.get_by_role("link", name="alpha two", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(field).to_be_focused()
    expect(field).to_have_value("alpha")


@pytest.mark.alone
def test_the_keyboard_keeps_its_row(quiet_site: Site, open_page: Open) -> None:
    identities = [start(quiet_site, name) for name in ("oldest", "middle", "newest")]
    for identity in identities:
        end(quiet_site, identity)
    page = open_page(quiet_site.url)
    middle = page.get_by_role("link", name="middle", exact=True)
    expect(middle).to_be_visible()
    for _ in range(2):
        page.keyboard.press("j")
    expect(middle).to_be_focused()
    with soon(page, lambda text: "newer still" in text):
        start(quiet_site, "newer still")
    expect(page.get_by_role("row")).to_have_count(5)
    expect(middle).to_be_focused()
    # Where its row is deleted elsewhere, it goes to the one that takes the place.
    with soon(page, lambda text: "middle" not in text):
        delete(quiet_site, identities[1])
    expect(page.get_by_role("link", name="oldest", exact=True)).to_be_focused()
    with soon(page, lambda text: "oldest" not in text):
        delete(quiet_site, identities[0])
    expect(page.get_by_role("link", name="newest", exact=True)).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="newer still", exact=True)).to_be_focused()


def test_while_nothing_changes_answers_are_empty_and_nothing_is_drawn(quiet_site: Site, open_page: Open) -> None:
    for number in range(3):
        end(quiet_site, start(quiet_site, f"at rest {number}"))
    page = open_page(quiet_site.url)
    expect(page.get_by_role("row")).to_have_count(4)
    # Its label is the catalogue's: the last that comes.
    expect(page.get_by_role("row").nth(3)).to_contain_text("Moons")
    page.wait_for_load_state("networkidle")
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if "/api/experiments" in answer.url else None)
    page.evaluate(WATCH)
    page.wait_for_timeout(4000)
    wait_for(page, lambda: len(answers) >= 3)
    assert len(answers) >= 3
    assert set(answers) == {304}
    assert seen(page, "changes") == 0


@pytest.mark.alone
def test_a_hidden_tab_rests_and_is_right_at_once_when_seen(quiet_site: Site, open_page: Open) -> None:
    end(quiet_site, start(quiet_site, "at rest"))
    page = open_page(quiet_site.url)
    rows = page.get_by_role("row")
    expect(rows).to_have_count(2)
    _, hidden = page.evaluate(HIDE, "hidden")
    start(quiet_site, "made meanwhile")
    page.wait_for_timeout(4000)
    assert page.evaluate(ASKED, hidden) == []
    expect(rows).to_have_count(2)
    page.evaluate(RECORD)
    seen_again, _ = page.evaluate(HIDE, "visible")
    expect(rows).to_have_count(3)
    shown = next(at for at, text in page.evaluate("window.shown") if "made meanwhile" in text)
    # Sooner than the next poll.
    assert shown - seen_again < 0.9


@pytest.mark.alone
def test_a_page_that_empties_gives_way_to_the_last_one(quiet_site: Site, open_page: Open) -> None:
    identities = [start(quiet_site, f"number {number}") for number in range(26)]
    page = open_page(f"{quiet_site.url}/?page=2")
    expect(page.get_by_text("26–26 of 26")).to_be_visible()
    with soon(page, lambda text: "1–25 of 25" in text, SOON + 1):
        delete(quiet_site, identities[0])
    expect(page.get_by_text("1–25 of 25")).to_be_visible()
    expect(page).to_have_url(f"{quiet_site.url}/")
