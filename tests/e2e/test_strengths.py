"""The table per strength: what the API says, sorted as one likes, with the runs of each row one click away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import scroll_to, wait_until
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Site
from tests.e2e.test_experiment import Open, make_spec, submit, wait_for_charts, wait_until_ended


@pytest.fixture(scope="module")
def trained(site: Site) -> int:
    regularizers = [{"name": "l1", "strengths": [1e-4, 1e-2, 1e-1]}]
    experiment = submit(site, make_spec("In a table", 12, regularizers=regularizers, seeds=3))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def find_table(page: Page) -> Locator:
    table = page.get_by_role("region", name="Table of strengths")
    table.locator("tbody tr").first.wait_for()
    scroll_to(table)
    return table


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_row_per_strength_says_what_the_api_says(
    site: Site, open_page: Open, trained: int, width: int, scheme: str
) -> None:
    told = site.get(f"/api/experiments/{trained}/strengths").json()["rows"]
    page = open_page(f"{site.url}/experiments/{trained}", width=width, color_scheme=scheme)
    wait_for_charts(page, 1)
    table = find_table(page)
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(4)
    for row, own in zip(rows.all(), told, strict=True):
        expect(row).to_contain_text(own["label"])
        expect(row.locator("td:nth-child(4)")).to_contain_text(f"{100 * own['score']['mean']:.1f} %")
        whole = row.locator("td:nth-child(4) [data-whole]").get_attribute("data-whole")
        assert whole == f"{own['score']['mean']} ± {own['score']['half_width']}"
        expect(row).to_contain_text(own["name"])
    chosen = [index for index, own in enumerate(told) if own["is_minimum"]]
    assert [index for index in range(4) if "λ min" in rows.nth(index).inner_text()] == chosen
    rows.nth(1).get_by_role("button", name="3 runs").click()
    expect(page.get_by_role("region", name="Runs of L1, λ = 10⁻⁴")).to_be_visible()
    assert list_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_sorted_by_its_headers(site: Site, open_page: Open, trained: int) -> None:
    table = find_table(open_page(f"{site.url}/experiments/{trained}"))
    header = table.get_by_role("columnheader", name="Zeros")
    expect(header).to_have_attribute("aria-sort", "none")
    header.get_by_role("button").press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")

    def read() -> list[float]:
        texts = table.locator("tbody td:nth-child(8)").all_inner_texts()
        return [float(text.split(" ")[0]) for text in texts]

    assert read() == sorted(read(), reverse=True)
    header.get_by_role("button").press("Enter")
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert read() == sorted(read())


def test_a_row_lifts_its_curves_and_opens_its_runs(site: Site, open_page: Open, trained: int) -> None:
    page = open_page(f"{site.url}/experiments/{trained}")
    wait_for_charts(page)
    row = find_table(page).get_by_role("row").filter(has_text="λ = 10⁻²")
    row.hover()
    faded = """() => [...document.querySelectorAll('[data-lines] .trace.mean')]
      .filter(line => Number(getComputedStyle(line).opacity) < 0.9).length"""
    wait_until(page, f"({faded})() > 0")
    page.mouse.move(2, 2)
    wait_until(page, f"({faded})() === 0")
    button = row.get_by_role("button", name="3 runs")
    button.focus()
    wait_until(page, f"({faded})() > 0")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    runs = page.get_by_role("region", name="Runs of L1, λ = 10⁻²")
    expect(runs.locator("tbody tr")).to_have_count(3)
    expect(runs.locator("tbody tr").first).to_contain_text(re.compile("L1.*10⁻².*0.*completed"))
    button.press("Enter")
    expect(runs).to_have_count(0)
