"""An experiment that has ended goes on from its page: resumed, then extended."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Complaints, Site
from tests.e2e.test_experiment import ENDLESS, make_spec, submit, wait_for_charts, wait_until_ended

Open = Callable[..., Page]


def test_a_cancelled_experiment_is_resumed_then_extended(site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append("422 (Unprocessable Entity)")
    experiment = submit(site, make_spec("Goes on", ENDLESS))
    page = open_page(f"{site.url}/experiments/{experiment}")
    wait_for_charts(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    site.post(f"/api/experiments/{experiment}/cancel", {})
    assert wait_until_ended(site, experiment) == "cancelled"

    page.get_by_role("button", name="Extend").click()
    dialog = page.get_by_role("dialog", name="Extend this experiment")
    dialog.get_by_label("More strengths of L1", exact=True).fill("1e-4")
    dialog.get_by_role("button", name="Extend").click()
    expect(dialog.get_by_text("has the strength 0.0001 already")).to_be_visible()
    dialog.get_by_label("More strengths of L1", exact=True).fill("1e-3")
    dialog.get_by_role("button", name="Extend").click()
    expect(dialog).to_have_count(0)
    strengths = {run["strength"] for run in site.get(f"/api/experiments/{experiment}/runs").json()}
    assert 1e-3 in strengths
    site.post(f"/api/experiments/{experiment}/cancel", {})
    wait_until_ended(site, experiment)
