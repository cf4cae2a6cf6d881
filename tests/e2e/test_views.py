"""What a link shows, what a row lifts, how many regularizers stand side by side, and numbers that are told apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser import scroll_to, wait_until
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Site
from tests.e2e.test_experiment import FIRST, RANGE, make_spec, submit, wait_for_charts, wait_until_ended, zoom

Open = Callable[..., Page]
Y_RANGE = "plot => plot._fullLayout.yaxis.range.map(Number)"
SEVEN = ["l1", "l2", "l1_subgradient", "group_lasso", "weight_decay", "tensor_norm", "gaussian_noise"]
CLOSE = [0.001 + 1e-8 * step for step in range(5)]


def train(site: Site, name: str, **changes: object) -> int:
    experiment = submit(site, make_spec(name, 12, **changes))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


@pytest.fixture(scope="module")
def finished(site: Site) -> int:
    return train(site, "Views")


@pytest.fixture(scope="module")
def seven(site: Site) -> int:
    return train(site, "Seven", regularizers=[{"name": name, "strengths": [1e-3, 1e-2]} for name in SEVEN])


def test_a_link_shows_the_zoom_and_show_all_leaves_none(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}")
    wait_for_charts(page)
    zoomed = zoom(page)
    low, high = page.locator(FIRST).evaluate(Y_RANGE)
    page.wait_for_url("**zoom=*")
    link = page.url

    other = open_page(link)
    wait_for_charts(other)
    wait_until(other, "!!document.querySelectorAll('[data-lines]')[1]._fullLayout")
    assert other.locator(FIRST).evaluate(RANGE) == pytest.approx(zoomed, rel=1e-3)
    assert other.locator(FIRST).evaluate(Y_RANGE) == pytest.approx([low, high], rel=1e-3)
    assert other.locator("[data-lines]").nth(1).evaluate(RANGE) == pytest.approx(zoomed, rel=1e-3)
    # In another chart than the one whose values are zoomed to.
    other.get_by_role("button", name="Show all").nth(1).click()
    expect(other.get_by_role("button", name="Show all")).to_have_count(0)
    wait_until(other, f"high => ({Y_RANGE})(document.querySelector('.js-plotly-plot'))[1] > high", high)
    wait_until(other, "!location.search.includes('zoom')")


def test_a_row_of_a_regularizer_that_is_not_drawn_fades_nothing(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}")
    wait_for_charts(page)
    table = page.get_by_role("region", name="Runs").last
    scroll_to(table)
    faded = """() => [...document.querySelectorAll('[data-lines] .trace.mean')]
      .filter(line => Number(getComputedStyle(line).opacity) < 0.9).length"""
    row = table.get_by_role("row").filter(has_text="L1 (subgradient)").first
    row.hover()
    expect(row.get_by_role("cell").first).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    assert page.evaluate(faded) == 0
    table.get_by_role("row").filter(has_not_text="subgradient").filter(has_text="L1").first.hover()
    wait_until(page, f"({faded})() > 0")


@pytest.mark.parametrize("width", [1280, 390])
def test_of_seven_regularizers_one_is_large_and_at_most_three_stand_side_by_side(
    site: Site, open_page: Open, seven: int, width: int
) -> None:
    asked = quote('["' + '","'.join(SEVEN) + '"]')
    page = open_page(f"{site.url}/experiments/{seven}?show={asked}", width=width, height=1800)
    scroll_to(page.get_by_role("figure").first)
    wait_for_charts(page, 2)
    expect(page.get_by_text("The first 3 of the 7 regularizers in the address are shown.")).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("^Training loss"))).to_have_count(3)
    group = page.get_by_role("group", name="Regularizers", exact=True)
    expect(group.get_by_role("img")).to_have_count(7)
    expect(group.get_by_role("button", name="Show Weight decay beside")).to_be_disabled()

    group.get_by_role("button", name="Group lasso", exact=True).click()
    expect(page.get_by_role("figure", name=re.compile("^Training loss"))).to_have_count(1)
    expect(page.get_by_role("slider", name="λ of Group lasso to bring forward")).to_be_visible()
    group.get_by_role("button", name="Show Weight decay beside").click()
    expect(page.get_by_role("figure", name=re.compile("^Training loss"))).to_have_count(2)
    group.get_by_role("button", name="Take Group lasso away").click()
    expect(page.get_by_role("figure", name=re.compile("^Training loss"))).to_have_count(1)
    expect(page.get_by_role("slider", name="λ of Weight decay to bring forward")).to_be_visible()
    wait_until(page, "document.documentElement.scrollWidth <= window.innerWidth")
    assert list_faults(page) == []


def test_strengths_that_lie_close_are_told_apart_wherever_they_are_named(site: Site, open_page: Open) -> None:
    experiment = train(site, "Close", regularizers=[{"name": "l1", "strengths": CLOSE}])
    page = open_page(f"{site.url}/experiments/{experiment}")
    wait_for_charts(page)
    labels = ["10⁻³", *(f"1.0000{step}·10⁻³" for step in range(1, 5))]
    slider = page.get_by_role("slider", name="λ of L1 to bring forward")
    expect(slider.locator("[data-tick]")).to_have_text(labels)
    slider.focus()
    page.keyboard.press("End")
    expect(page.get_by_role("figure", name="Validation loss", exact=True)).to_contain_text(f"λ = {labels[-1]}:")
    figure = page.get_by_role("figure", name="Final validation loss over λ")
    scroll_to(figure)
    figure.locator(".xtick").last.wait_for()
    ticks = [text for text in figure.locator(".xtick").all_text_contents() if text]
    assert len(set(ticks)) == len(ticks) > 2
    shares = page.get_by_role("figure", name="Final validation accuracy over λ").locator(".ytick")
    shares.last.wait_for()
    percents = shares.all_text_contents()
    assert len(set(percents)) == len(percents) > 2
    assert all(0 <= float(percent.removesuffix("%")) <= 100 for percent in percents)
    table = page.get_by_role("region", name="Runs").last
    table.get_by_role("row").nth(12).wait_for()
    cells = table.locator("tbody td:nth-child(2)").all_inner_texts()
    assert sorted(set(cells)) == sorted(["–", *labels])


def test_copied_cells_are_whole_numbers(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}")
    table = page.get_by_role("region", name="Runs").last
    table.get_by_role("row").nth(10).wait_for()
    runs = site.get(f"/api/experiments/{finished}/runs").json()
    cell = table.locator("tbody tr").first.locator("td:nth-child(7)")
    assert float(cell.get_attribute("title") or 0) == runs[0]["last"]["validation_loss"]
    copied = page.evaluate("""() => {
      const row = document.querySelector('[aria-label=Runs] tbody tr');
      getSelection().selectAllChildren(row);
      const data = new DataTransfer();
      row.dispatchEvent(new ClipboardEvent('copy', {clipboardData: data, bubbles: true, cancelable: true}));
      return data.getData('text/plain');
    }""")
    values = copied.split("\t")
    assert values[0] == "Baseline"
    assert float(values[4]) == runs[0]["best"]["validation_score"]
    assert float(values[6]) == runs[0]["last"]["validation_loss"]


def test_charts_over_the_strength_say_that_no_run_has_a_value(site: Site, open_page: Open) -> None:
    experiment = submit(site, make_spec("Diverges", 5, optimizer={"name": "sgd", "learning_rate": 100.0}))
    wait_until_ended(site, experiment)
    page = open_page(f"{site.url}/experiments/{experiment}")
    figure = page.get_by_role("figure", name="Final validation loss over λ")
    scroll_to(figure)
    expect(figure).to_contain_text("No run has a value")
    expect(figure).to_contain_text("4 runs have no final value")
