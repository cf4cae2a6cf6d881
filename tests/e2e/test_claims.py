"""The textbook's claims and the sentences on the curves: what the API says, drawn, and linked to the charts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import scroll_to, wait_until
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Site
from tests.e2e.test_experiment import ENDLESS, Open, make_spec, submit, wait_for_epoch, wait_until_ended


@pytest.fixture(scope="module")
def measured(site: Site) -> int:
    """It over-fits redrawn labels, so that the curves show something."""
    changes: dict[str, Any] = {
        "dataset": {"name": "digits", "train_examples": 200, "label_noise": 0.4},
        "network": {"name": "mlp", "widths": [64]},
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "regularizers": [{"name": "l2", "strengths": [1e-3, 1e-2, 1]}, {"name": "max_norm", "strengths": [0.5, 2]}],
        "batch_size": 32,
        "seeds": 3,
    }
    experiment = submit(site, make_spec("Measured", 40, **changes))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def find_claims(page: Page) -> Locator:
    section = page.get_by_role("region", name="What the textbook says")
    scroll_to(section)
    return section


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_each_claim_has_its_verdict_and_its_figure(
    site: Site, open_page: Open, measured: int, width: int, scheme: str
) -> None:
    claims = site.get(f"/api/experiments/{measured}/claims").json()
    verdicts = [verdict for verdict in claims["verdicts"] if verdict["regularizer"] == "l2"]
    page = open_page(f"{site.url}/experiments/{measured}", width=width, color_scheme=scheme)
    rows = find_claims(page).get_by_role("listitem")
    expect(rows).to_have_count(len(verdicts))
    for row, verdict in zip(rows.all(), verdicts, strict=True):
        scroll_to(row)
        expect(row).to_contain_text(verdict["title"])
        expect(row).to_contain_text(verdict["sentence"])
        figure = row.get_by_role("figure")
        expect(figure).to_have_attribute("aria-busy", "false")
        box = figure.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
    assert list_faults(page) == []


def test_several_regularizers_stand_side_by_side(site: Site, open_page: Open, measured: int) -> None:
    page = open_page(f"{site.url}/experiments/{measured}?show=%5B%22l2%22,%22max_norm%22%5D")
    row = find_claims(page).get_by_role("listitem").first
    expect(row.get_by_role("figure")).to_have_count(2)
    one, other = (row.get_by_role("figure").nth(place).bounding_box() for place in (0, 1))
    assert one is not None
    assert other is not None
    assert one["y"] == pytest.approx(other["y"], abs=1)
    assert one["x"] < other["x"]


def test_a_sentence_leads_to_its_chart(site: Site, open_page: Open, measured: int) -> None:
    observations = site.get(f"/api/experiments/{measured}/answer").json()["observations"]
    assert "over_fitting" in {each["kind"] for each in observations}
    page = open_page(f"{site.url}/experiments/{measured}")
    links = page.get_by_role("region", name="What the curves show").get_by_role("link")
    expect(links).to_have_count(len(observations))
    for link, observation in zip(links.all(), observations, strict=True):
        expect(link).to_have_text(observation["sentence"])
    chart = page.get_by_role("figure", name="Validation loss", exact=True).first
    expect(chart).to_be_attached()
    links.nth([each["chart"] for each in observations].index("validation_loss")).press("Enter")
    expect(chart).to_be_focused()
    expect(chart).to_be_in_viewport()
    expect(chart).to_have_attribute("data-lit", "true")
    expect(chart).not_to_have_attribute("data-lit", "true")


def test_while_it_trains_the_claims_are_those_so_far_and_grow(site: Site, open_page: Open) -> None:
    experiment = submit(site, make_spec("Still measured", ENDLESS, seeds=2))
    wait_for_epoch(site, experiment, 2)
    page = open_page(f"{site.url}/experiments/{experiment}")
    section = find_claims(page)
    so_far = section.get_by_text("So far: ")
    expect(so_far).to_be_visible()
    text = so_far.inner_text()
    wait_until(page, "text => ![...document.querySelectorAll('p')].some(p => p.innerText === text)", text)
    expect(so_far).to_be_visible()
    assert site.post(f"/api/experiments/{experiment}/cancel", None).status_code == 200
    wait_until_ended(site, experiment)
    expect(so_far).to_have_count(0)
