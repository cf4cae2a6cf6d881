"""Ridgelines on the page: the recorded histograms, of any epoch and layer, by keyboard and on narrow screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import scroll_to
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Site
from tests.e2e.test_experiment import Open, make_spec, submit, wait_until_ended


@pytest.fixture(scope="module")
def trained(site: Site) -> int:
    regularizers = [{"name": "l1", "strengths": [1e-3, 1e-1]}, {"name": "l2", "strengths": [1e-2]}]
    experiment = submit(site, make_spec("Ridges", 30, regularizers=regularizers))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def find_section(page: Page) -> Locator:
    section = page.get_by_role("region", name="Ridgelines")
    scroll_to(section)
    section.locator("[data-ridges] .trace").first.wait_for(state="attached")
    return section


def count_ridges(section: Locator) -> int:
    return section.locator("[data-ridges] .trace").count()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_ridge_per_strength_with_its_zeros_beside_it(
    site: Site, open_page: Open, trained: int, width: int, scheme: str
) -> None:
    told = site.get(f"/api/experiments/{trained}/figures/ridgelines?regularizer=l1").json()
    meta = told["columns"][0]["figures"]["ridgelines"]["layout"]["meta"]
    page = open_page(f"{site.url}/experiments/{trained}", width=width, color_scheme=scheme)
    section = find_section(page)
    assert count_ridges(section) == 3
    expect(section.locator("figcaption")).to_contain_text(meta["sentence"])
    zeros = section.locator(".annotation").all_text_contents()
    assert zeros[0] == "0 %"
    assert all(re.fullmatch(r"\d[\d.]* %", text) for text in zeros)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert list_faults(page) == []


def test_epoch_and_layer_are_chosen_by_keyboard_and_kept_in_the_address(
    site: Site, open_page: Open, trained: int
) -> None:
    page = open_page(f"{site.url}/experiments/{trained}")
    section = find_section(page)
    expect(section.get_by_role("heading", name="Weights by λ, epoch 30")).to_be_visible()
    slider = section.get_by_role("slider", name="Epoch")
    slider.press("Home")
    expect(section.get_by_role("heading", name="Weights by λ, epoch 0", exact=True)).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", "epoch 0")
    section.get_by_role("combobox", name="Layer whose weights are shown").select_option("hidden1")
    expect(section.get_by_role("heading", name="Weights of layer hidden1 by λ, epoch 0")).to_be_visible()
    assert "epoch=0" in page.url
    assert "layer=hidden1" in page.url
    page.reload()
    expect(find_section(page).get_by_role("heading", name="Weights of layer hidden1 by λ, epoch 0")).to_be_visible()
    slider.press("End")
    expect(section.get_by_role("heading", name="Weights of layer hidden1 by λ, epoch 30")).to_be_visible()
    assert "epoch=" not in page.url


def test_a_ridge_under_the_pointer_is_lifted_everywhere(site: Site, open_page: Open, trained: int) -> None:
    page = open_page(f"{site.url}/experiments/{trained}")
    section = find_section(page)
    box = section.locator("[data-ridges] .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 4)
    expect(page.get_by_text("middle 90 % of the others")).to_be_visible()
    rows = page.locator("tr[data-cell='cell-none-0'] td").first
    assert rows.evaluate("cell => getComputedStyle(cell).backgroundColor") != "rgba(0, 0, 0, 0)"
    page.mouse.move(2, 2)
    expect(page.get_by_text("middle 90 % of the others")).to_be_hidden()
