"""Fingers on the charts of a phone: a swipe scrolls the page, a tap shows values, two fingers zoom."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser import scroll_to, wait_for, wait_until
from tests.e2e.conftest import Site
from tests.e2e.test_experiment import FIRST, RANGE, make_spec, submit, wait_for_charts, wait_until_ended

Open = Callable[..., Page]
Points = list[tuple[float, float]]
CARD = "body > div[aria-hidden=true]"
NEAR = "((one, other) => Math.abs(one - other) <= 1e-6 * Math.abs(other))"
# The first chart shows half as much, give or take what fingers do not do exactly.
IS_HALF = f"""([low, high]) => {{
  const [from, to] = ({RANGE})(document.querySelector('.js-plotly-plot'))
  return Math.abs(2 * (to - from) / (high - low) - 1) <= 0.05
}}"""


@pytest.fixture(scope="module")
def finished(site: Site) -> int:
    experiment = submit(site, make_spec("Touched", 12))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


class Fingers:
    """Touches as a screen reports them; the browser makes its gestures of them, scrolling among them.

    Each tells its time, as a screen's do: within a gesture they are as quick on a machine that is slow to pass them on.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.now = time.time()

    def send(self, kind: str, points: Points) -> None:
        touches = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches, "timestamp": self.now})
        self.wait(0.016)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.page.wait_for_timeout(1000 * seconds)

    def tap(self, x: float, y: float, times: int = 1) -> None:
        self.now = time.time()
        for _ in range(times):
            self.send("touchStart", [(x, y)])
            self.send("touchEnd", [])
            self.wait(0.05)

    def draw(self, start: Points, stop: Points, steps: int = 12) -> None:
        """From ``start`` to ``stop`` with as many fingers as there are points."""
        self.now = time.time()
        self.send("touchStart", start)
        for step in range(1, steps + 1):
            share = step / steps
            self.send("touchMove", [
                (x + share * (to_x - x), y + share * (to_y - y))
                for (x, y), (to_x, to_y) in zip(start, stop, strict=True)
            ])  # fmt: skip
        self.send("touchEnd", [])


@pytest.fixture
def phone(open_page: Open, site: Site, finished: int) -> Page:
    page = open_page(f"{site.url}/experiments/{finished}", width=390, height=844, has_touch=True, is_mobile=True)
    scroll_to(page.get_by_role("figure").first)
    wait_for_charts(page, 2)
    return page


def centre(page: Page, target: Locator, area: Locator) -> tuple[float, float, float, float]:
    """Where the area stands once its target is in the middle of the screen, and stays: left, top, width and height."""
    boxes: list[object] = []

    def stands_still() -> bool:
        target.evaluate("element => element.scrollIntoView({block: 'center'})")
        area.wait_for()
        page.wait_for_timeout(100)
        boxes.append(area.bounding_box())
        return len(boxes) > 3 and boxes[-1] == boxes[-2] == boxes[-3]

    wait_for(page, stands_still)
    box = area.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def locate(page: Page, name: str) -> tuple[float, float, float, float]:
    """The drawing area of a chart."""
    figure = page.get_by_role("figure", name=name, exact=True)
    return centre(page, figure, figure.locator(".nsewdrag"))


@pytest.mark.parametrize("chart", ["Validation loss", "Final validation accuracy over λ"])
def test_a_swipe_over_a_chart_scrolls_the_page(phone: Page, chart: str) -> None:
    left, top, width, height = locate(phone, chart)
    before = phone.evaluate("window.scrollY")
    address = phone.url
    x = left + width / 2
    Fingers(phone).draw([(x, top + height - 10)], [(x + 6, top - 100)])
    wait_until(phone, "before => window.scrollY > before + 60", before)
    expect(phone.locator(CARD)).to_be_hidden()
    assert phone.url == address


def test_a_swipe_over_the_colour_bar_scrolls_and_picks_nothing(phone: Page) -> None:
    slider = phone.get_by_role("slider", name="λ of L1 to bring forward")
    left, top, width, _ = centre(phone, slider, slider)
    before = phone.evaluate("window.scrollY")
    x, y = left + width / 2, top + 10
    Fingers(phone).draw([(x, y)], [(x + 4, y - 160)])
    wait_until(phone, "before => window.scrollY > before + 60", before)
    expect(slider).to_have_attribute("aria-valuetext", "all strengths")
    left, top, width, _ = centre(phone, slider, slider)
    Fingers(phone).tap(left + width - 4, top + 8)
    expect(slider).to_have_attribute("aria-valuetext", "λ = 10⁻²")


def test_a_tap_shows_values_until_one_elsewhere(phone: Page) -> None:
    fingers = Fingers(phone)
    left, top, width, height = locate(phone, "Training loss")
    fingers.tap(left + width / 2, top + height / 2)
    card = phone.locator(CARD)
    expect(card).to_be_visible()
    expect(card).to_contain_text("epoch")
    expect(card).to_contain_text("seed")
    phone.wait_for_timeout(400)
    expect(card).to_be_visible()
    # A finger drawn sideways reads the values along its way, and zooms nothing.
    first = card.text_content() or ""
    fingers.draw([(left + 30, top + height / 2)], [(left + width - 10, top + height / 2)])
    expect(card).to_contain_text("epoch 12")
    expect(card).not_to_have_text(first)
    expect(phone.get_by_role("button", name="Show all")).to_have_count(0)
    fingers.tap(200, top - 40)
    expect(card).to_be_hidden()


@pytest.mark.parametrize("chart", ["Final validation accuracy over λ"])
def test_a_tap_shows_the_nearest_strength(phone: Page, chart: str) -> None:
    left, top, width, height = locate(phone, chart)
    Fingers(phone).tap(left + width - 8, top + height / 2)
    expect(phone.locator(CARD)).to_contain_text("λ = 10⁻²")


def test_two_fingers_zoom_all_charts_and_a_double_tap_shows_all(phone: Page) -> None:
    fingers = Fingers(phone)
    left, top, width, height = locate(phone, "Training loss")
    y, middle = top + height / 2, left + width / 2
    whole = phone.locator(FIRST).evaluate(RANGE)
    scale = phone.evaluate("visualViewport.scale")
    fingers.draw([(middle - 40, y), (middle + 40, y)], [(middle - 80, y), (middle + 80, y)])
    phone.get_by_role("button", name="Show all").first.wait_for()
    wait_until(phone, IS_HALF, whole)
    zoomed = phone.locator(FIRST).evaluate(RANGE)
    assert sum(zoomed) / 2 == pytest.approx(sum(whole) / 2, rel=0.05), "what was between the fingers is there still"
    assert phone.evaluate("visualViewport.scale") == scale, "the page itself is not zoomed"
    same = (
        f"zoomed => ({RANGE})(document.querySelectorAll('[data-lines]')[1]).every((end, i) => {NEAR}(end, zoomed[i]))"
    )
    wait_until(phone, same, zoomed)
    fingers.tap(middle, y, times=2)
    expect(phone.get_by_role("button", name="Show all")).to_have_count(0)
    wait_until(phone, f"whole => ({RANGE})(document.querySelector('.js-plotly-plot'))[1] === whole", whole[1])
