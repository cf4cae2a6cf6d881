"""Names, notes and tags are text: nothing in them becomes markup, runs, or asks for anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import wait_for, wait_until
from tests.e2e.conftest import Complaints, Site
from tests.e2e.hostile_texts import ACTIVE, CHANGED, HEARD, TEXTS, WAITING, WORDS, Guard, cut_tag
from tests.e2e.test_experiment import submit, wait_for_charts, wait_until_ended

Open = Callable[..., Page]
PATH: dict[str, Any] = {
    "dataset": {"name": "breast_cancer"},
    "network": {"name": "linear"},
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
    "regularizers": [{"name": "l1", "strengths": [1e-3, 1e-2]}],
    "epochs": 3,
    "seeds": 1,
}

# So high a page has all its charts in view: they are drawn at once.
HIGH = 3600
# Playwright's own comparisons leave out what has no width; these leave out nothing.
TITLE = "text => document.querySelector('h1')?.textContent === text && document.title === `${text} · Ridgeline`"
TEXT = "element => element.textContent"
TAG = "header:has(h1) a[href*='tag=']"
FILTERED = """([tag, name]) => {
  const rows = [...document.querySelectorAll('[data-row-link]')].map(link => link.textContent)
  return rows.length === 1 && rows[0] === name &&
    [...document.querySelectorAll('search *')].some(element => element.textContent === `tag: ${tag}`)
}"""
LISTED = """() => [...document.querySelectorAll('[data-row-link]')].map(link => [
  link.textContent, link.closest('tr').querySelector('a[href*="tag="]').textContent,
  link.closest('tr').querySelector('button[aria-label^="Actions for "]').ariaLabel])"""
WRITTEN = "() => [...document.querySelectorAll('.js-plotly-plot svg text')].map(text => text.textContent)"


def start_all(site: Site) -> list[int]:
    """An experiment per text, named, annotated and tagged with it, and cancelled; the ids."""
    made = [submit(site, PATH | {"name": text, "notes": f"{text}\n{text}", "tags": [cut_tag(text)]}) for text in TEXTS]
    for experiment in made:
        assert site.post(f"/api/experiments/{experiment}/cancel", None).status_code == 200
    return made


def open_guarded(open_page: Open, url: str, complaints: Complaints, height: int = 900) -> tuple[Page, Guard]:
    page = open_page("about:blank", height=height, heard_by=complaints, reduced_motion="reduce")
    return page, Guard(page, url, complaints)


@pytest.mark.timeout(900)
def test_each_is_text_in_lists_headings_dialogs_and_filters(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    made = start_all(quiet_site)
    page, guard = open_guarded(open_page, quiet_site.url, complaints)
    check_list(page, guard, quiet_site.url)
    for text, experiment in zip(TEXTS, made, strict=True):
        # A move within the page, as a click on a link is one: the browser is spared a load for each.
        page.evaluate("path => history.pushState({}, '', path)", f"/experiments/{experiment}")
        check_experiment(page, guard, text)
    for text in (WAITING[0], "null", '{"a":1}'):
        page.goto(f"{quiet_site.url}/experiments/{made[TEXTS.index(text)]}")
        wait_until(page, TITLE, text)
        page.locator(TAG).click()
        page.wait_for_url("**tag=*")
        page.reload()
        wait_until(page, FILTERED, [cut_tag(text), text])
        assert guard.list_markup() == []


def check_list(page: Page, guard: Guard, url: str) -> None:
    shown: list[list[str]] = []
    for number in (1, 2):
        page.goto(f"{url}/?page={number}")
        wait_until(page, "() => document.querySelectorAll('[data-row-link]').length > 0")
        shown += page.evaluate(LISTED)
        assert guard.list_markup() == []
    assert shown == [[text, cut_tag(text), f"Actions for {text}"] for text in reversed(TEXTS)]
    field = page.get_by_label("Search by name, notes or tag")
    for text in (ACTIVE[0], CHANGED[0]):
        field.fill(text)
        wait_until(page, "text => document.querySelector('[data-row-link]')?.textContent === text", text)
    field.fill("<i>nothing</i>")
    expect(page.get_by_text("No experiment matches")).to_be_visible()
    assert guard.list_markup() == []


def check_experiment(page: Page, guard: Guard, text: str) -> None:
    wait_until(page, TITLE, text)
    notes = page.locator("header [aria-label$=', edit notes']")
    assert notes.evaluate(TEXT) == f"{text}\n{text}"
    assert notes.evaluate("element => element.ariaLabel") == f"{text}\n{text}, edit notes"
    assert guard.list_markup() == []
    if text not in WORDS:
        check_dialog(page, guard, text)
    assert page.locator(TAG).evaluate(TEXT) == cut_tag(text)
    page.locator(TAG).click()
    wait_until(page, FILTERED, [cut_tag(text), text])
    assert guard.list_markup() == []


def check_dialog(page: Page, guard: Guard, text: str) -> None:
    page.get_by_role("button", name="Delete").click()
    assert page.get_by_role("dialog").locator("b").evaluate(TEXT) == text
    assert guard.list_markup() == []
    page.get_by_role("button", name="Keep it").click()


@pytest.fixture(scope="module")
def trained(site: Site) -> int:
    """One with everything in it at once, whose charts have something to draw."""
    name = "".join((*ACTIVE, *WAITING))[:200]
    experiment = submit(site, PATH | {"name": name, "notes": "\n".join(TEXTS), "tags": [*map(cut_tag, TEXTS)][:20]})
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def find_path(page: Page) -> Any:
    """The chart of coefficients, drawn."""
    wait_for_charts(page)
    page.locator("[data-path] .annotation").first.wait_for()
    return page.locator("[data-path]")


def hover(page: Page, chart: Any) -> str:
    """What the card beside the pointer says, over the first points of a chart's topmost line."""
    card = page.locator("body > div[aria-hidden]:not([hidden])", has=page.locator("strong"))

    def is_told() -> bool:
        # Anew each time: what is drawn above the chart may have moved it meanwhile.
        point = chart.evaluate("""plot => {
          const {_fullLayout: {xaxis, yaxis}, data} = plot
          const {left, top} = plot.querySelector('.nsewdrag').getBoundingClientRect()
          const line = data.findLast(trace => trace.y.length > 1 && Number.isFinite(trace.y[0]))
          return [left + xaxis.d2p(line.x[0]), top + yaxis.d2p(line.y[0])]
        }""")
        page.mouse.move(point[0] + 2, point[1])
        page.mouse.move(point[0] + 1, point[1])
        page.wait_for_timeout(100)
        return bool(card.is_visible())

    wait_for(page, is_told)
    return str(card.evaluate(TEXT))


def test_charts_and_the_form_have_nothing_of_them(
    site: Site, open_page: Open, complaints: Complaints, trained: int
) -> None:
    page, guard = open_guarded(open_page, site.url, complaints, HIGH)
    page.goto(f"{site.url}/experiments/{trained}")
    name = site.get(f"/api/experiments/{trained}").json()["name"]
    wait_until(page, TITLE, name)
    wait_for_charts(page)
    assert "epoch" in hover(page, page.locator("[data-lines] >> nth=0"))
    assert "seed" in hover(page, page.locator("figure[aria-label='Final validation accuracy over λ'] .js-plotly-plot"))
    path = find_path(page)
    assert "λ = " in hover(page, path)
    written = page.evaluate(WRITTEN)
    assert len(written) > 20
    assert [text for text in written if any(sign in text for sign in "<>&${")] == []
    assert guard.list_markup() == []
    page.get_by_role("link", name="Clone").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    wait_until(page, "() => document.querySelector('pre')?.textContent.includes('<script>window.hacked=1')")
    assert guard.list_markup() == []


def test_what_charts_are_told_is_text_too(site: Site, open_page: Open, complaints: Complaints, trained: int) -> None:
    """A figure's words are the server's own today; were they a user's, the page would still write them out."""
    page, guard = open_guarded(open_page, site.url, complaints, HIGH)
    short = [text for text in TEXTS if text.isascii()]
    names: list[str] = []

    def rename(route: Any) -> None:
        answer = route.fetch()
        told = answer.json()
        figure = told["columns"][0]["figures"]["coefficients"]
        meta = figure["layout"]["meta"]
        names.clear()
        meta["title"] = meta["sentence"] = "".join(TEXTS)
        for index, trace in enumerate(trace for trace in figure["data"] if trace["meta"]["kind"] == "path"):
            trace["meta"]["features"] = [short[index]]
            names.append(short[index])
        route.fulfill(response=answer, json=told)

    page.route("**/figures/coefficients*", rename)
    page.goto(f"{site.url}/experiments/{trained}")
    path = find_path(page)
    assert len(names) == 10
    cut = [text if len(text) <= 14 else f"{text[:13]}…" for text in names]
    annotations = path.locator(".annotation").evaluate_all("all => all.map(element => element.textContent)")
    # Beside them the mark of the strength that validation chooses.
    assert sorted(annotations) == sorted([*cut, "λ min"])
    figure = page.locator("figure:has([data-path])")
    assert figure.locator("h3").evaluate(TEXT) == "".join(TEXTS)
    assert "".join(TEXTS) in figure.locator("figcaption").evaluate(TEXT)
    card = hover(page, path)
    assert sum(name in card for name in names) >= 3
    assert guard.list_markup() == []


def wait_until_heard(page: Page, complaints: Complaints, words: str) -> None:
    wait_for(page, lambda: any(words in heard for heard in complaints.heard))
    assert any(words in heard for heard in complaints.heard), complaints.heard


def test_as_markup_they_would_do_harm_and_be_heard(site: Site, open_page: Open) -> None:
    """What the tests above rest on: without a policy they run, under the page's own they are stopped and told of."""
    for text in (*ACTIVE, *WAITING):
        harm = Complaints()
        page, _ = open_guarded(open_page, site.url, harm)
        page.goto("about:blank")
        page.set_content(text)
        for link in page.locator("a").all():
            link.click()
        wait_until_heard(page, harm, HEARD)
    told = Complaints()
    page, guard = open_guarded(open_page, site.url, told)
    page.goto(f"{site.url}/system")
    assert guard.list_markup() == []
    page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", ACTIVE[0])
    assert len(guard.list_markup()) == 1
    wait_until_heard(page, told, "policy violated")
    assert not any(HEARD in heard for heard in told.heard)
