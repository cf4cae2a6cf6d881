"""What ended, but not well, as a reader meets it: in the list, and above the charts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Site
from tests.e2e.test_experiment import Open, submit, wait_until_ended


def make_spec(name: str, **changes: Any) -> dict[str, Any]:
    """A least-squares problem, of which a step of 100 is far too long."""
    return {
        "name": name, "dataset": {"name": "diabetes"}, "network": {"name": "linear"},
        "optimizer": {"name": "sgd", "learning_rate": 100}, "epochs": 12, "seeds": 2,
        "regularizers": [{"name": "l2", "strengths": [0.001, 0.01]}],
    } | changes  # fmt: skip


def find_row(page: Page, name: str) -> Any:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name))


@pytest.mark.parametrize("width", [1280, 390])
def test_where_all_runs_diverged_it_stands_at_the_top_and_none_is_best(site: Site, open_page: Open, width: int) -> None:
    name = f"Far too fast {width}"
    experiment = submit(site, make_spec(name))
    assert wait_until_ended(site, experiment) == "diverged"
    page = open_page(f"{site.url}/experiments/{experiment}", width=width)
    expect(page.locator("[data-state=diverged]").first).to_have_text("all diverged")
    notice = page.get_by_role("alert").filter(has_text="All 6 runs diverged")
    expect(notice).to_contain_text("L2, λ = 10⁻³ from epoch")
    expect(page.locator("header").filter(has=page.get_by_role("heading", level=1))).not_to_contain_text("Highest")
    chart = page.get_by_role("figure").first
    expect(chart.locator("p")).to_have_text("No run has a finite value")
    above = "(notice, chart) => notice.getBoundingClientRect().bottom <= chart.getBoundingClientRect().top"
    assert notice.evaluate(above, chart.element_handle())
    assert list_faults(page) == []
    page.goto(f"{site.url}/?state=diverged")
    row = find_row(page, name)
    expect(row).to_contain_text("all diverged")
    expect(row).not_to_contain_text("baseline")
    page.get_by_label("Filter by state").select_option("completed")
    expect(find_row(page, name)).to_have_count(0)


def test_a_tolerance_that_was_not_met_is_told_with_what_has_no_effect(site: Site, open_page: Open) -> None:
    options = {"optimizer": {"name": "fista"}, "batch_size": "full", "tolerance": 1e-9, "precision": "float64"}
    experiment = submit(site, make_spec("Too few epochs", epochs=3, **options))
    assert wait_until_ended(site, experiment) == "completed"
    page = open_page(f"{site.url}/experiments/{experiment}")
    expect(page.get_by_role("status").filter(has_text="6 of 6 runs did not converge")).to_contain_text("tolerance 10⁻⁹")
    expect(page.get_by_role("status").filter(has_text="Without effect")).to_contain_text(
        "the 2 seeds are trained alike"
    )
    expect(page.get_by_text("3 of 3 epochs")).to_be_visible()


def test_a_tie_is_the_baselines_and_is_called_one(site: Site, open_page: Open) -> None:
    """Strengths so small that no prediction changes."""
    options = {"dataset": {"name": "wine"}, "optimizer": {"name": "adam"}}
    sweep = [{"name": "l2", "strengths": [1e-12, 2e-12]}]
    experiment = submit(site, make_spec("No difference", regularizers=sweep, **options))
    assert wait_until_ended(site, experiment) == "completed"
    page = open_page(f"{site.url}/experiments/{experiment}")
    head = page.locator("header").filter(has=page.get_by_role("heading", level=1))
    expect(head).to_contain_text("Tie: the baseline and L2, λ = 2·10⁻¹² and 1 other have the same")
    expect(head).to_contain_text("± is the standard deviation over 2 seeds; 2 strengths tried")
    expect(head).not_to_contain_text("Highest")
    page.goto(site.url)
    expect(find_row(page, "No difference")).to_contain_text("a tie: the baseline and 2 more")
