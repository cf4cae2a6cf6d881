"""What is typed into the form is never lost: it outlives leaving, reloading, a crash, a refusal, the session."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error, Page, expect
from pydantic import SecretStr

from core.demonstration import load_demonstration
from core.settings import Settings
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Complaints, Site, serve
from tests.e2e.test_form import REFUSED, expect_json, lose_first_answer, open_form, read_json
from tests.e2e.test_login import TOKEN, log_in

Open = Callable[..., Page]
RESTORED = "Draft restored from"


def type_notes(page: Page, text: str) -> None:
    page.get_by_label("Notes", exact=True).fill(text)


def expect_notes(page: Page, text: str) -> None:
    expect(page.get_by_label("Notes", exact=True)).to_have_value(text)


def expect_fresh(page: Page) -> None:
    expect(page.get_by_label("Notes", exact=True)).to_have_value(load_demonstration().notes)
    expect(page.get_by_text(RESTORED)).to_have_count(0)


def test_a_draft_survives_leaving_going_back_and_reloading(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    expect(page.get_by_text(RESTORED)).to_have_count(0)
    page.get_by_label("Epochs", exact=True).fill("77")
    page.get_by_role("article", name="Dropout").get_by_label("Dropout: strengths").fill("0.1, 0.25")
    type_notes(page, "half a thou")
    expect_json(page, "half a thou", lambda spec: spec["notes"])
    spec = read_json(page)
    page.get_by_role("link", name="Experiments", exact=True).first.click()
    page.wait_for_url(f"{quiet_site.url}/")
    # The address is the list's before the form is gone: going back then would find it as it was.
    expect(page.get_by_role("heading", name="Experiments", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect_notes(page, "half a thou")
    expect_json(page, spec)
    page.reload()
    expect_notes(page, "half a thou")
    expect_json(page, spec)
    assert list_faults(page) == []
    page.goto("about:blank")
    page.goto(f"{quiet_site.url}/new")
    expect_notes(page, "half a thou")


def test_starting_over_is_one_click_and_so_is_taking_it_back(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    type_notes(page, "to be thrown away")
    page.reload()
    page.get_by_role("button", name="Start over").click()
    expect_json(page, load_demonstration().notes, lambda spec: spec["notes"])
    page.get_by_role("button", name="Bring the draft back").click()
    expect_notes(page, "to be thrown away")
    page.get_by_role("button", name="Start over").click()
    expect_json(page, load_demonstration().notes, lambda spec: spec["notes"])
    page.reload()
    expect_fresh(page)


def test_each_kind_of_start_has_a_draft_of_its_own(quiet_site: Site, open_page: Open) -> None:
    spec = load_demonstration().model_dump(mode="json", by_alias=True) | {"name": "an earlier one"}
    made = quiet_site.post("/api/experiments", spec).json()
    page = open_form(quiet_site, open_page)
    type_notes(page, "of the demonstration")
    page.get_by_role("link", name="nothing").click()
    expect_notes(page, "")
    type_notes(page, "of nothing")
    page.get_by_label("Start from an earlier experiment").select_option("an earlier one")
    expect(page.get_by_label("Name", exact=True)).to_have_value("an earlier one")
    type_notes(page, "of the earlier one")
    page.get_by_role("link", name="the demonstration").click()
    expect_notes(page, "of the demonstration")
    page.goto(f"{quiet_site.url}/new?from=empty")
    expect_notes(page, "of nothing")
    page.goto(f"{quiet_site.url}/new?from={made['id']}")
    expect_notes(page, "of the earlier one")


def test_a_draft_outlives_a_crash_of_its_tab(quiet_site: Site, open_page: Open) -> None:
    page = open_page("about:blank")
    doomed = page.context.new_page()
    doomed.goto(f"{quiet_site.url}/new")
    type_notes(doomed, "written just before")
    with doomed.expect_event("crash"), contextlib.suppress(Error):
        doomed.goto("chrome://crash")
    page.goto(f"{quiet_site.url}/new")
    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect_notes(page, "written just before")


def test_a_refused_experiment_stays_a_draft(quiet_site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append(REFUSED)
    page = open_form(quiet_site, open_page)
    page.get_by_label("Learning rate", exact=True).fill("fast")
    page.get_by_role("button", name="Start experiment").click()
    expect(page.get_by_role("alert").filter(has_text="was not started")).to_be_visible()
    page.reload()
    rate = page.get_by_label("Learning rate", exact=True)
    expect(rate).to_have_value("fast")
    expect(rate).to_have_attribute("aria-invalid", "true")


def test_a_draft_is_over_once_its_experiment_is_made(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    type_notes(page, "made")
    page.reload()
    expect_notes(page, "made")
    page.get_by_role("button", name="Start experiment").click()
    page.wait_for_url(re.compile(r"/experiments/\d+"))
    page.goto(f"{quiet_site.url}/new")
    expect_fresh(page)
    again = page.context.new_page()
    again.goto(f"{quiet_site.url}/new")
    expect_fresh(again)
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('ridgeline-draft'))") == []


def test_two_tabs_do_not_fight_over_a_draft(quiet_site: Site, open_page: Open) -> None:
    one = open_form(quiet_site, open_page)
    other = one.context.new_page()
    other.goto(f"{quiet_site.url}/new")
    expect_fresh(other)
    type_notes(one, "of one")
    type_notes(other, "of the other")
    one.get_by_label("Epochs", exact=True).fill("31")
    other.get_by_label("Epochs", exact=True).fill("32")
    for page, notes, epochs in ((one, "of one", "31"), (other, "of the other", "32")):
        page.reload()
        expect_notes(page, notes)
        expect(page.get_by_label("Epochs", exact=True)).to_have_value(epochs)
    other.get_by_role("button", name="Start experiment").click()
    other.wait_for_url(re.compile(r"/experiments/\d+"))
    one.reload()
    expect_notes(one, "of one")


def test_a_draft_outlives_the_session(tmp_path: Path, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append("401 (Unauthorized)")
    with serve(Settings(home=tmp_path, token=SecretStr(TOKEN))) as site:
        page = open_page(f"{site.url}/new")
        log_in(page, TOKEN)
        expect(page.get_by_text(re.compile(r"\d+ runs in"))).to_be_visible()
        type_notes(page, "longer than the session")
        page.context.clear_cookies()
        # What the form asks by itself may have brought the dialog already, which lies over the button then.
        page.get_by_role("button", name="Start experiment").dispatch_event("click")
        expect(page.get_by_role("dialog", name="Log in again")).to_be_visible()
        page.reload()
        log_in(page, TOKEN)
        expect(page.get_by_text(RESTORED)).to_be_visible()
        expect_notes(page, "longer than the session")
        # It asks no more once there is nobody to answer.
        page.goto("about:blank")


def test_a_draft_of_another_version_breaks_nothing(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    type_notes(page, "from before")
    page.evaluate(
        """for (const storage of [localStorage, sessionStorage])
             for (const key of Object.keys(storage).filter(key => key.startsWith('ridgeline-draft')))
               storage.setItem(key, JSON.stringify({...JSON.parse(storage.getItem(key)), version: 0}))"""
    )
    page.reload()
    expect(page.get_by_text("made with another version of this form")).to_be_visible()
    expect_json(page, load_demonstration().notes, lambda spec: spec["notes"])
    page.get_by_role("button", name="Forget it").click()
    page.reload()
    expect_fresh(page)


def test_an_answer_that_is_lost_does_not_make_two_after_a_reload_either(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected.append("net::ERR")
    page = open_form(quiet_site, open_page)
    type_notes(page, "sent once")
    lose_first_answer(page)
    page.get_by_role("button", name="Start experiment").click()
    expect(page.get_by_role("alert").filter(has_text="was not started")).to_be_visible()
    page.reload()
    expect_notes(page, "sent once")
    page.get_by_role("button", name="Start experiment").click()
    page.wait_for_url(re.compile(r"/experiments/\d+"))
    assert quiet_site.get("/api/experiments").json()["total"] == 1


def test_a_draft_outlives_the_experiment_that_it_was_cloned_from(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected.append("404 (Not Found)")
    spec = load_demonstration().model_dump(mode="json", by_alias=True)
    made = quiet_site.post("/api/experiments", spec).json()
    page = open_form(quiet_site, open_page, f"?from={made['id']}")
    type_notes(page, "a change of it")
    quiet_site.post(f"/api/experiments/{made['id']}/cancel", None)
    page.request.delete(f"{quiet_site.url}/api/experiments/{made['id']}")
    page.reload()
    expect_notes(page, "a change of it")


def test_texts_of_the_demonstration_go_with_it_and_a_persons_stay(quiet_site: Site, open_page: Open) -> None:
    demonstration = load_demonstration()
    page = open_form(quiet_site, open_page)
    page.get_by_role("radio", name=re.compile("^Wine")).check()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_value("")
    expect_json(page, set(), lambda spec: spec.keys() & {"name", "notes", "tags"})
    expect(page.get_by_text("Name, notes, tags cleared")).to_be_visible()
    page.get_by_role("radio", name=re.compile("^Handwritten digits|^Digits")).check()
    expect(name).to_have_value(demonstration.name)
    name.fill("My own")
    page.get_by_role("radio", name=re.compile("^Wine")).check()
    expect_notes(page, "")
    expect(name).to_have_value("My own")
    page.reload()
    expect(name).to_have_value("My own")
    expect_notes(page, "")
    page.get_by_role("button", name="Put back").click()
    expect_notes(page, demonstration.notes)
    expect_json(page, demonstration.tags, lambda spec: spec["tags"])


def test_storage_that_holds_something_else_is_left_alone(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    page.evaluate("localStorage.setItem('ridgeline-draft-demonstration-x', '{\"saved\": \"never\", ')")
    page.evaluate("localStorage.setItem('other', 'kept')")
    page.reload()
    expect_fresh(page)
    assert page.evaluate("localStorage.getItem('other')") == "kept"
    expect_json(page, load_demonstration().epochs, lambda spec: spec["epochs"])
