"""The form as JSON and YAML: edited, judged line by line, applied, and kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import yaml
from playwright.sync_api import Locator, Page, expect

from core.demonstration import load_demonstration
from core.spec import ExperimentSpec
from tests.browser import scroll_to
from tests.e2e.accessibility import list_faults, measure_overflow
from tests.e2e.conftest import Complaints, Site
from tests.e2e.test_form import EVERYTHING, REFUSED, expect_json, open_form

Open = Callable[..., Page]


def find_panel(page: Page) -> Locator:
    return page.get_by_role("region", name="The same as code")


def open_editor(page: Page, way: str) -> Locator:
    panel = find_panel(page)
    panel.get_by_text(way, exact=True).click()
    panel.get_by_role("button", name=f"Edit as {way}").click()
    return panel.get_by_label(f"The experiment as {way}")


def apply(page: Page) -> None:
    find_panel(page).get_by_role("button", name="Apply to the form").click()


def test_a_spec_is_pasted_as_yaml_and_fills_the_form(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    spec = {
        **load_demonstration().model_dump(mode="json", by_alias=True),
        **EVERYTHING,
        "name": "pasted",
        "notes": "a\nb",
    }
    text = "# mine\n" + yaml.safe_dump(spec, sort_keys=False, allow_unicode=True)
    editor = open_editor(page, "YAML")
    editor.fill(text)
    expect(page.get_by_role("button", name="Start experiment")).to_be_disabled()
    expect(find_panel(page).get_by_text("Can be applied")).to_be_visible()
    apply(page)
    expect(page.get_by_label("Name", exact=True)).to_have_value("pasted")
    expect(page.get_by_label("Seeds", exact=True)).to_have_value("4, 7")
    # Remarks and all, until the form says something else.
    expect(editor).to_have_value(text)
    page.get_by_label("Epochs", exact=True).fill("11")
    expect(editor).to_have_value(re.compile("epochs: 11"))
    page.get_by_label("Epochs", exact=True).fill("9")
    find_panel(page).get_by_role("button", name="Close").click()
    find_panel(page).get_by_text("JSON", exact=True).click()
    expect(find_panel(page).locator("pre")).to_have_text(re.compile(r"^\{"))
    expect_json(page, ExperimentSpec.model_validate(spec), ExperimentSpec.model_validate)


def test_the_form_is_written_as_yaml_and_read_back(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    page.get_by_label("Name", exact=True).fill('no: "yes" # 1:30')
    find_panel(page).get_by_text("YAML", exact=True).click()
    # JSON has a brace there.
    expect(find_panel(page).locator("pre")).to_have_text(re.compile("^[a-z].*1:30", re.DOTALL))
    text = find_panel(page).locator("pre").inner_text()
    expected = load_demonstration().model_copy(update={"name": 'no: "yes" # 1:30'})
    assert ExperimentSpec.model_validate(yaml.safe_load(text)) == expected
    read = quiet_site.post("/api/spec", {"text": text}).json()["spec"]
    assert ExperimentSpec.model_validate(read) == expected


def test_what_is_wrong_stands_beside_its_line(quiet_site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append(REFUSED)
    page = open_form(quiet_site, open_page)
    editor = open_editor(page, "YAML")
    lines = editor.input_value().split("\n")
    place = next(index for index, line in enumerate(lines) if line.startswith("epochs:"))
    lines[place] = "epoch: 50"
    editor.fill("\n".join(lines))
    panel = find_panel(page)
    problem = panel.get_by_role("button", name=f"Line {place + 1}")
    expect(problem).to_contain_text("did you mean epochs?")
    expect(editor).to_have_attribute("aria-invalid", "true")
    expect(panel.locator("[data-wrong]")).to_have_text(str(place + 1))
    expect(panel.get_by_role("button", name="Apply to the form")).to_be_disabled()
    expect(page.get_by_role("button", name="Start experiment")).to_be_disabled()
    problem.click()
    expect(editor).to_be_focused()
    assert (
        page.evaluate(
            "getSelection().toString() || document.activeElement.value.slice("
            "document.activeElement.selectionStart, document.activeElement.selectionEnd)"
        )
        == "epoch: 50"
    )
    editor.fill("epochs: [\n")
    expect(panel.get_by_text("YAML:")).to_be_visible()
    assert list_faults(page) == []
    panel.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Start experiment")).to_be_enabled()
    assert read_json_as_yaml(page)["epochs"] == load_demonstration().epochs


def read_json_as_yaml(page: Page) -> dict[str, Any]:
    return dict(yaml.safe_load(find_panel(page).locator("pre").inner_text()))


def test_an_edited_text_outlives_a_reload(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    editor = open_editor(page, "JSON")
    spec = read_spec(editor) | {"epochs": 33}
    text = json.dumps(spec, indent="\t")
    editor.fill(text)
    expect(find_panel(page).get_by_text("Can be applied")).to_be_visible()
    page.reload()
    editor = find_panel(page).get_by_label("The experiment as JSON")
    expect(editor).to_have_value(text)
    expect(page.get_by_role("button", name="Start experiment")).to_be_disabled()
    expect(find_panel(page).get_by_text("Can be applied")).to_be_visible()
    apply(page)
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("33")
    expect(page.get_by_role("button", name="Start experiment")).to_be_enabled()


def read_spec(editor: Locator) -> dict[str, Any]:
    return dict(json.loads(editor.input_value()))


def test_text_of_other_data_keeps_the_persons_words(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    editor = open_editor(page, "JSON")
    spec = read_spec(editor) | {"dataset": {"name": "wine"}, "notes": "mine"}
    editor.fill(json.dumps(spec))
    expect(find_panel(page).get_by_text("Can be applied")).to_be_visible()
    apply(page)
    expect(page.get_by_label("Notes", exact=True)).to_have_value("mine")
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    expect(page.get_by_text("Name, tags cleared")).to_be_visible()


def test_the_editor_fits_a_narrow_screen(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page, width=390, height=844, color_scheme="dark")
    editor = open_editor(page, "YAML")
    editor.fill(editor.input_value() + "\npenalize_biases: true\n")
    expect(find_panel(page).get_by_text("Can be applied")).to_be_visible()
    assert (list_faults(page), measure_overflow(page)) == ([], 0)
    apply(page)
    scroll_to(page.get_by_text("More options"))
    expect(page.get_by_label("Penalize biases")).to_be_checked()
