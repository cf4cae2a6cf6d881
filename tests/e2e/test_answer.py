"""The answer on the page: what the API says, in words and as intervals, with a next step that is one click away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Site
from tests.e2e.test_experiment import ENDLESS, Open, make_spec, submit, wait_for_epoch, wait_until_ended


@pytest.fixture(scope="module")
def answered(site: Site) -> int:
    regularizers: list[dict[str, Any]] = [
        {"name": "l2", "strengths": [1e-3, 1e-2]},
        {"name": "dropout", "strengths": [0.5]},
    ]
    experiment = submit(site, make_spec("Answered", 12, regularizers=regularizers, seeds=3))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def find_answer(page: Page) -> Locator:
    return page.get_by_role("region", name="Answer")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_says_what_the_api_says(site: Site, open_page: Open, answered: int, width: int, scheme: str) -> None:
    answer = site.get(f"/api/experiments/{answered}/answer").json()
    page = open_page(f"{site.url}/experiments/{answered}", width=width, color_scheme=scheme)
    section = find_answer(page)
    expect(section.get_by_text(answer["sentence"], exact=True)).to_be_visible()
    rows = section.get_by_role("listitem")
    expect(rows).to_have_count(2)
    for row, verdict in zip(rows.all(), answer["verdicts"], strict=True):
        expect(row).to_contain_text(verdict["sentence"])
        assert row.get_attribute("data-word") == verdict["word"]
        dot, zero = (row.locator(f"svg {name}").bounding_box() for name in ("circle", "line >> nth=0"))
        assert dot is not None
        assert zero is not None
        middle = dot["x"] + dot["width"] / 2
        if abs(verdict["difference"]) > 1e-3:
            assert (middle > zero["x"]) == (verdict["difference"] > 0)
    assert list_faults(page) == []


def test_it_is_by_the_loss_where_that_is_chosen_and_the_address_says_so(
    site: Site, open_page: Open, answered: int
) -> None:
    answer = site.get(f"/api/experiments/{answered}/answer?metric=loss").json()
    page = open_page(f"{site.url}/experiments/{answered}")
    find_answer(page).get_by_text("By loss").click()
    expect(find_answer(page).get_by_text(answer["verdicts"][0]["sentence"])).to_be_visible()
    assert "answer=loss" in page.url
    page.reload()
    expect(find_answer(page).get_by_text(answer["verdicts"][0]["sentence"])).to_be_visible()


def test_while_it_trains_it_is_the_answer_so_far(site: Site, open_page: Open) -> None:
    experiment = submit(site, make_spec("Not yet", ENDLESS))
    wait_for_epoch(site, experiment, 1)
    page = open_page(f"{site.url}/experiments/{experiment}")
    section = find_answer(page)
    expect(section.get_by_text(re.compile("^So far: "))).to_be_visible()
    expect(section.get_by_text("runs have not ended")).to_be_visible()
    expect(section.get_by_role("button", name="Try")).to_have_count(0)
    assert site.post(f"/api/experiments/{experiment}/cancel", None).status_code == 200
    wait_until_ended(site, experiment)
    expect(section.get_by_text("runs have not ended")).to_have_count(0)


def test_a_next_step_is_one_click_and_trains_what_is_missing(site: Site, open_page: Open) -> None:
    regularizers = [{"name": "l2", "strengths": [1e-3, 1e-2]}]
    experiment = submit(site, make_spec("One more", 6, regularizers=regularizers, seeds=2))
    assert wait_until_ended(site, experiment) == "completed"
    page = open_page(f"{site.url}/experiments/{experiment}")
    step = find_answer(page).get_by_role("button", name="Train 3 seeds in all")
    step.click()
    expect(find_answer(page).get_by_text("3 seeds × 359 examples")).to_be_visible()
    assert wait_until_ended(site, experiment) == "completed"
    assert site.get(f"/api/experiments/{experiment}").json()["runs"] == 9
    expect(step).to_have_count(0)
