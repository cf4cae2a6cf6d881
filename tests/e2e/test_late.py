"""What is not there yet says so, and what is below the screen is reached by the Tab key and by paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import wait_until
from tests.e2e.conftest import Complaints, Site
from tests.e2e.test_experiment import make_spec, submit, wait_for_charts, wait_until_ended

Open = Callable[..., Page]
Scheme = Literal["light", "dark"]
FOUR = ["Training loss", "Validation loss", "Training accuracy", "Validation accuracy"]


# The heading of the table, once the live stream has brought what stands in it.
TEN = "Runs 10 runs"


@pytest.fixture(scope="module")
def finished(site: Site) -> int:
    experiment = submit(site, make_spec("Late", 12))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def test_the_tab_key_reaches_the_runs(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}", height=500)
    page.get_by_role("heading", name=TEN).wait_for()
    seen = []
    for _ in range(90):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
        )
        # A column of the table above has this name too.
        is_there = page.evaluate("document.activeElement.matches('section[aria-label=Runs]')")
        if is_there:
            break
    assert is_there, f"the Tab key came by: {seen}"
    page.keyboard.press("Tab")
    runs = page.get_by_role("region", name="Runs").last
    expect(runs.get_by_role("columnheader", name="Regularizer").get_by_role("button")).to_be_focused()


BUILT = "document.querySelectorAll('figure :is([data-lines], [data-strength], [data-ridges])').length === 22"
# In one go, as a browser prints: after its event it waits for nothing.
PRINT = """() => {
  dispatchEvent(new Event('beforeprint'));
  return {
    rows: document.querySelectorAll('tbody tr').length,
    frames: document.querySelectorAll('figure').length,
    drawn: [...document.querySelectorAll('figure .js-plotly-plot')].filter(plot => plot.querySelector('.trace')).length,
    busy: document.querySelectorAll('[aria-busy=true]').length,
    widths: [...new Set([...document.querySelectorAll('figure .main-svg')].map(svg => svg.getAttribute('width')))],
  };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_printed_with_its_charts_drawn(
    site: Site, open_page: Open, finished: int, scheme: Scheme, tmp_path: Path
) -> None:
    page = open_page(f"{site.url}/experiments/{finished}", height=500, color_scheme=scheme)
    wait_for_charts(page, 2)
    wait_until(page, BUILT)
    page.get_by_role("heading", name=TEN).wait_for()
    printed = page.evaluate(PRINT)
    assert printed == {"rows": 15, "frames": 22, "drawn": 22, "busy": 0, "widths": ["316"]}
    page.emulate_media(media="print", color_scheme=scheme)
    page.set_viewport_size({"width": 718, "height": 1000})
    wait_until(page, "document.documentElement.scrollWidth <= 718")
    # Dark ink on paper, whatever the screen has.
    expect(page.locator("h1")).to_have_css("color", "rgb(27, 29, 33)")
    page.wait_for_timeout(400)
    lines = page.locator("figure .js-plotly-plot").evaluate_all(
        "plots => plots.map(plot => `${plot._fullLayout.xaxis.gridcolor} ${plot._fullLayout.width}`)"
    )
    assert set(lines) == {"rgb(229, 227, 222) 316"}, "what is drawn for paper stays"
    page.emulate_media(media="screen", color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 500})
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    wait_until(page, "Number(document.querySelector('figure .main-svg').getAttribute('width')) > 400")
    page.pdf(path=tmp_path / "page.pdf")


class Hold:
    """Holds requests back until they are to fail, and lets later ones pass once it is told to."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.held: list[Route] = []
        self.is_open = False
        page.route(pattern, self._take)

    def _take(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def fail_until_said(self, page: Page, words: Locator) -> None:
        """Fail what is held, and what is asked for again, until the page gives up."""
        while not words.is_visible():
            while self.held:
                self.held.pop().abort()
            page.wait_for_timeout(50)


def test_charts_that_are_on_their_way_say_so_and_can_be_asked_for_again(
    site: Site, open_page: Open, finished: int, complaints: Complaints
) -> None:
    complaints.expected += ["ERR_FAILED"]
    page = open_page("about:blank")
    hold = Hold(page, "**/figures/curves**")
    page.goto(f"{site.url}/experiments/{finished}")
    for name in FOUR:
        frame = page.get_by_role("figure", name=name, exact=True)
        expect(frame).to_contain_text("Loading")
        expect(frame).to_have_attribute("aria-busy", "true")
    alert = page.get_by_role("alert").filter(has_text="The curves could not be read")
    hold.fail_until_said(page, alert)
    hold.is_open = True
    alert.get_by_role("button", name="Try again").click()
    wait_for_charts(page)
    expect(page.get_by_role("figure", name="Training loss", exact=True)).to_have_attribute("aria-busy", "false")


def test_a_page_without_plotly_says_so_in_each_frame_and_can_try_again(
    site: Site, open_page: Open, finished: int, complaints: Complaints
) -> None:
    complaints.expected += ["ERR_FAILED"]
    page = open_page("about:blank")
    hold = Hold(page, "**/plotly-cartesian-*.js")
    page.goto(f"{site.url}/experiments/{finished}", wait_until="commit")
    frame = page.get_by_role("figure", name="Validation loss", exact=True)
    expect(frame).to_contain_text("Loading the chart")
    expect(frame).to_have_attribute("aria-busy", "true")
    hold.fail_until_said(page, frame.get_by_text("could not be loaded"))
    hold.is_open = True
    frame.get_by_role("button", name="Try again").click()
    wait_for_charts(page)
    expect(frame).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("figures/strength", "The charts over the strength"),
        ("figures/weights", "The charts of the weights"),
        ("runs", "The runs"),
    ],
)
def test_a_section_that_cannot_be_read_says_so_and_can_be_asked_for_again(
    site: Site, open_page: Open, finished: int, complaints: Complaints, path: str, what: str
) -> None:
    complaints.expected += ["503", "ERR_FAILED"]
    page = open_page("about:blank")
    if path == "runs":
        # They come by the live stream; where that does not, they are asked for.
        page.add_init_script("delete window.SharedWorker")
        page.route("**/api/live*", lambda route: route.abort())
    problem = {"error": {"code": "unavailable", "message": "The disk is full.", "details": []}}
    page.route(f"**/{path}**", lambda route: route.fulfill(status=503, json=problem))
    page.goto(f"{site.url}/experiments/{finished}")
    alert = page.get_by_role("alert").filter(has_text=f"{what} could not be read")
    expect(alert).to_contain_text("The disk is full.")
    page.unroute(f"**/{path}**")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    page.get_by_role("region", name="Runs").last.get_by_role("row").nth(3).wait_for()
    wait_until(page, BUILT)
