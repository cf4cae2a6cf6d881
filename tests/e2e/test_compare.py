"""The comparison: chosen in the list; the words of the API; charts with one range; bad input, and what is deleted."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import scroll_to, wait_until
from tests.e2e.accessibility import list_faults, measure_overflow
from tests.e2e.conftest import Complaints, Site
from tests.e2e.test_experiment import ENDLESS, Open, make_spec, submit, wait_for_epoch, wait_until_ended

L2: list[dict[str, Any]] = [{"name": "l2", "strengths": [1e-3, 1e-1]}]
WIDER: list[dict[str, Any]] = [{"name": "l2", "strengths": [1e-3, 1.0]}, {"name": "l1", "strengths": [1e-3]}]
# The ends of the axes of the charts of curves, by title.
RANGES = """() => [...document.querySelectorAll('[data-lines]')].filter(plot => plot._fullLayout).map(plot => [
  plot.closest('figure').getAttribute('aria-label').split(',')[0],
  ...['xaxis', 'yaxis'].map(axis => plot._fullLayout[axis].range.map(Number))])"""
# By strength, the colour of its mean, in each chart of the final score of L2.
COLOURS = """() => [...document.querySelectorAll('[data-lines=l2]')].filter(plot => plot._fullLayout)
  .map(plot => Object.fromEntries(plot.data.filter(trace => trace.meta.kind === 'mean' && !trace.meta.baseline)
    .map(trace => [trace.meta.strength, trace.line.color])))"""


@pytest.fixture(scope="module")
def compared(site: Site) -> tuple[int, int]:
    one = submit(site, make_spec("Narrow", 8, regularizers=L2, seeds=3))
    other = submit(site, make_spec("Wide", 8, regularizers=WIDER, seeds=3, network={"name": "mlp", "widths": [64]}))
    assert [wait_until_ended(site, each) for each in (one, other)] == ["completed", "completed"]
    return one, other


def scroll_through(page: Page) -> None:
    """Charts are drawn when they come near the screen."""
    for figure in page.locator("figure").all():
        scroll_to(figure)
    wait_until(page, "() => [...document.querySelectorAll('figure')].every(each => each.ariaBusy !== 'true')")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_says_what_the_api_says_and_the_charts_share_axes_and_colours(
    site: Site, open_page: Open, compared: tuple[int, int], width: int, scheme: str
) -> None:
    one, other = compared
    found = site.get(f"/api/comparison?experiment={one}&experiment={other}").json()
    page = open_page(f"{site.url}/compare?ids={one},{other}", width=width, color_scheme=scheme)
    section = page.get_by_role("region", name="On test")
    expect(section.get_by_text(found["sentence"], exact=True)).to_be_visible()
    for row, verdict in zip(section.get_by_role("listitem").all(), found["verdicts"], strict=True):
        expect(row).to_contain_text(verdict["sentence"])
        assert row.get_attribute("data-word") == verdict["word"]
    differing = page.get_by_role("region", name="Fields that differ").get_by_role("row")
    expect(differing).to_have_count(1 + len(found["differing"]))
    expect(differing.filter(has_text="Network, layer widths")).to_contain_text("32")
    # Two regularizers, a score and a loss of each; four curves of two experiments.
    expect(page.locator("figure")).to_have_count(12)
    scroll_through(page)
    ranges = page.evaluate(RANGES)
    assert len(ranges) == 8
    for title, *ends in ranges:
        assert [own for name, *own in ranges if name == title] == [ends, ends]
    first, second = page.evaluate(COLOURS)[:2]
    assert first["0.001"] == second["0.001"]
    assert first["0.1"] not in second.values()
    assert list_faults(page) == []
    assert measure_overflow(page) <= 0


def test_experiments_are_chosen_by_keyboard_and_touch_and_compared(
    site: Site, open_page: Open, compared: tuple[int, int]
) -> None:
    one, other = compared
    page = open_page(f"{site.url}/?text=Narrow")
    page.get_by_role("link", name="Narrow", exact=True).focus()
    page.keyboard.press("x")
    bar = page.get_by_role("region", name="Compare")
    expect(bar).to_contain_text("1 chosen: choose another one")
    expect(bar.get_by_role("button", name="Compare")).to_be_disabled()
    assert list_faults(page) == []
    # What is chosen stays while another part of the list is looked at.
    page.get_by_role("textbox", name="Search").fill("Wide")
    box = page.get_by_role("checkbox", name="Choose Wide to compare")
    box.focus()
    page.keyboard.press("Space")
    bar.get_by_role("link", name="Compare 2").click()
    expect(page).to_have_url(re.compile(rf"/compare\?ids={one}(,|%2C){other}$"))
    page.go_back()
    expect(box).to_be_checked()
    bar.get_by_role("button", name="Choose none").click()
    expect(bar).to_have_count(0)

    phone = open_page(f"{site.url}/?text=Narrow", width=390, has_touch=True)
    phone.get_by_role("checkbox", name="Choose Narrow to compare").tap()
    expect(phone.get_by_role("region", name="Compare")).to_contain_text("1 chosen")
    expect(phone).to_have_url(re.compile(r"/\?"))
    assert measure_overflow(phone) <= 0


def test_the_reference_and_the_metric_can_be_changed_and_stand_in_the_address(
    site: Site, open_page: Open, compared: tuple[int, int]
) -> None:
    one, other = compared
    page = open_page(f"{site.url}/compare?ids={one},{other}")
    page.get_by_role("button", name="Compare with this").click()
    section = page.get_by_role("region", name=f"On test, against #{other} Wide")
    section.get_by_text("By loss").click()
    found = site.get(f"/api/comparison?experiment={other}&experiment={one}&metric=loss").json()
    expect(section.get_by_text(found["sentence"], exact=True)).to_be_visible()
    assert "by=loss" in page.url
    page.reload()
    expect(section.get_by_text(found["verdicts"][0]["sentence"])).to_be_visible()


def test_it_keeps_up_with_training_and_says_when_one_is_deleted(
    site: Site, open_page: Open, compared: tuple[int, int]
) -> None:
    one, other = compared
    training = submit(site, make_spec("Still training", ENDLESS, regularizers=L2, seeds=3))
    wait_for_epoch(site, training, 1)
    heard = Complaints()
    page = open_page(f"{site.url}/compare?ids={one},{training},{other}", heard_by=heard)
    section = page.get_by_role("region", name="On test")
    expect(section.get_by_text(re.compile("^So far: "))).to_be_visible()
    expect(section).to_contain_text(f"#{training}: 9 of 9 runs have not ended")
    assert site.post(f"/api/experiments/{training}/cancel", None).status_code == 200
    wait_until_ended(site, training)
    expect(section).not_to_contain_text("have not ended")
    assert heard.heard == []

    assert httpx.delete(f"{site.url}/api/experiments/{training}").status_code == 204
    expect(page.get_by_role("alert")).to_contain_text(f"There is no experiment {training}.")
    page.get_by_role("button", name="Compare the others").click()
    expect(page.get_by_role("list", name="Experiments compared").get_by_role("listitem")).to_have_count(2)
    # The browser itself says that something was not found.
    assert all("404" in text for text in heard.heard)


def test_bad_addresses_are_answered_in_a_sentence(site: Site, open_page: Open, compared: tuple[int, int]) -> None:
    one, other = compared
    for ids, sentences in (
        ("", ["the address names none"]),
        (f"{one},{one}", ["the address names 1"]),
        ("1,2,3,4,5,6,7", ["the address names 7"]),
        (f"{one},x,-1", ["No experiments: x, -1", "the address names 1"]),
    ):
        page = open_page(f"{site.url}/compare?ids={ids}")
        for sentence in sentences:
            expect(page.get_by_text(sentence)).to_be_visible()
        expect(page.get_by_role("link", name="Choose them in the list")).to_be_visible()
    page = open_page(f"{site.url}/compare?ids={one},x,{other}")
    expect(page.get_by_text("No experiments: x")).to_be_visible()
    expect(page.get_by_role("region", name="On test")).to_be_visible()


def test_scores_of_different_tasks_have_no_joint_chart(site: Site, open_page: Open, compared: tuple[int, int]) -> None:
    regression = submit(site, make_spec("Regression", 2, dataset={"name": "diabetes"}, regularizers=L2))
    wait_until_ended(site, regression)
    page = open_page(f"{site.url}/compare?ids={compared[0]},{regression}")
    expect(page.get_by_text("accuracy and R² cannot be compared")).to_be_visible()
    expect(page.get_by_role("region", name="Fields that differ")).to_be_visible()
    expect(page.locator("figure")).to_have_count(0)
