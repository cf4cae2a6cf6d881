"""Strengths: pasted as they come, and what is not legal shown as that."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import list_faults, measure_overflow
from tests.e2e.conftest import Complaints, Site
from tests.e2e.test_form import REFUSED, expect_json, open_form

Open = Callable[..., Page]


def measure_outside(card: Locator) -> float:
    """By how many pixels the dots of a card stand beyond it, at most."""
    return float(
        card.evaluate(
            """card => Math.max(0, ...[...card.querySelectorAll('[role=slider], [class*=dot]')].map(dot => {
                 const [inner, outer] = [dot.getBoundingClientRect(), card.getBoundingClientRect()];
                 return Math.max(inner.right - outer.right, outer.left - inner.left);
               }))"""
        )
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_a_strength_that_is_not_legal_is_shown_as_that(
    quiet_site: Site, open_page: Open, complaints: Complaints, width: int
) -> None:
    complaints.expected.append(REFUSED)
    page = open_form(quiet_site, open_page, width=width)
    card = page.get_by_role("article", name="Dropout", exact=True)
    field = card.get_by_label("Dropout: strengths")
    field.fill("0.1, 1.5, -3, 0.5, 1")
    expect(card.get_by_text("1.5, -3, 1 not legal")).to_be_visible()
    expect(card.locator("[data-illegal]")).to_have_count(3)
    expect(card.get_by_role("slider", name="Strength 2")).to_have_attribute(
        "aria-valuetext", "p = 1.5, which is not legal"
    )
    assert measure_outside(card) == 0
    assert (list_faults(page), measure_overflow(page)) == ([], 0)
    expect(card.get_by_role("alert")).to_contain_text("received 1.5.")
    card.get_by_role("slider", name="Strength 2").press("ArrowLeft")
    expect(field).to_have_value(re.compile("^0.1, 0.95"))
    card = page.get_by_role("article", name="L1", exact=True)
    card.get_by_label("L1: last strength").fill("1e300")
    assert measure_outside(card) == 0
    assert measure_overflow(page) == 0


@pytest.mark.parametrize(
    ("pasted", "strengths"),
    [
        ("[0.1, 0.2]", [0.1, 0.2]),
        ("0,1; 0,25", [0.1, 0.25]),
        ("1e-4..1 x 5", [1e-4, 1e-3, 1e-2, 0.1, 1]),
        ("0.1\t0.2\n10⁻³", [0.1, 0.2, 1e-3]),
        ("np.logspace(-3, -1, 3)", [1e-3, 1e-2, 0.1]),
    ],
)
def test_strengths_are_taken_as_they_are_pasted(
    quiet_site: Site, open_page: Open, pasted: str, strengths: list[float]
) -> None:
    page = open_form(quiet_site, open_page, "?from=empty")
    page.get_by_role("button", name="Add L1", exact=True).click()
    card = page.get_by_role("article", name="L1", exact=True)
    card.get_by_text("List", exact=True).click()
    card.get_by_label("L1: strengths", exact=True).fill(pasted)
    expect(card.get_by_text(f"λ: {len(strengths)} strengths")).to_be_visible()
    expect_json(page, strengths, lambda spec: spec["regularizers"][0]["strengths"])
    expect(page.get_by_text(f"{3 * (len(strengths) + 1)} runs in")).to_be_visible()
