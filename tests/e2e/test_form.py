"""The form for a new experiment: filled, corrected, dragged, and started against a real worker."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from core.catalogue import DATASETS, NETWORKS, OPTIMIZERS, REGULARIZERS, SCHEDULES
from core.demonstration import load_demonstration
from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.browser import wait_for
from tests.e2e.accessibility import list_faults, measure_overflow
from tests.e2e.conftest import Complaints, Site

Open = Callable[..., Page]
# All that a sweep may ask of training beside its parts.
EVERYTHING = {
    "dataset": {
        "name": "digits", "standardize": False, "divide_by": 16, "validation_examples": 200, "test_examples": 300,
        "augmentation": {"crop": 1, "cutout": 2},
    },
    "fixed": [
        {"name": "group_lasso", "strengths": [1e-4]},
        {"name": "elastic_net", "mixing": 0.2, "strengths": [1e-5]},
    ],
    "schedule": {"name": "cosine", "warmup_epochs": 1.5, "final": 0.1},
    "halving": {"at": [2, 5], "keep": 0.4},
    "epochs": 9, "seeds": [4, 7], "batch_size": "full", "shuffle": False, "precision": "float64", "clip_norm": 2.5,
    "tolerance": 1e-7, "penalize_biases": True,
}  # fmt: skip
REFUSED = "422 (Unprocessable"


def read_json(page: Page) -> dict[str, Any]:
    """The experiment as the code panel shows it."""
    text = page.get_by_role("region", name="The same as code").locator("pre").inner_text()
    return dict(json.loads(text))


def expect_json(page: Page, expected: Any, pick: Callable[[dict[str, Any]], Any] = dict) -> None:
    """The code panel comes to show this; ``pick`` says which part of the experiment is meant."""
    wait_for(page, lambda: pick(read_json(page)) == expected)
    assert pick(read_json(page)) == expected


def lose_first_answer(page: Page) -> None:
    """The first experiment that is sent is made, but the page does not hear of it."""
    lost: list[Route] = []

    def lose(route: Route) -> None:
        # Playwright's own `times=1` would end the interception under the request that is held.
        if lost:
            route.fallback()
            return
        lost.append(route)
        route.fetch()
        route.abort()

    page.route("**/api/experiments", lose)


def open_form(site: Site, open_page: Open, query: str = "", **options: Any) -> Page:
    page = open_page(f"{site.url}/new{query}", **options)
    expect(page.get_by_text(re.compile(r"\d+ runs? in \d+ job"))).to_be_visible()
    return page


def test_everything_of_the_catalogue_can_be_chosen(quiet_site: Site, open_page: Open, complaints: Complaints) -> None:
    # A network that some regularizers do not fit is refused until another is chosen.
    complaints.expected.append(REFUSED)
    page = open_form(quiet_site, open_page, "?from=empty")
    labels = [[choice.label for choice in DATASETS.values()], [choice.label for choice in NETWORKS.values()]]
    labels += [[choice.label for choice in OPTIMIZERS.values()], [choice.label for choice in SCHEDULES.values()]]
    for label in chain.from_iterable(labels):
        radio = page.get_by_role("radio", name=re.compile(f"^{re.escape(label)}"))
        expect(radio.first).to_be_attached()
    for entry in list(REGULARIZERS.values())[1:]:
        page.get_by_role("button", name=f"Add {entry.label}", exact=True).click()
        card = page.get_by_role("article", name=entry.label, exact=True)
        expect(card.locator(".katex").first).to_be_visible()
        expect(card).to_contain_text(entry.help)
    expect_json(page, list(REGULARIZERS)[1:], lambda spec: [own["name"] for own in spec["regularizers"]])
    expect(page.locator(".katex-error")).to_have_count(0)
    offered = page.get_by_label("Add a regularizer that acts on every run").locator("option").all_inner_texts()
    assert offered[1:] == [entry.label for entry in list(REGULARIZERS.values())[1:]]
    page.get_by_role("radio", name=re.compile("^A network of torchvision")).check()
    model = page.get_by_role("combobox", name="Model")
    expect(model).to_have_value("resnet18")
    model.fill("mobilenet_v3_s")
    expect(page.get_by_role("option", name="mobilenet_v3_small")).to_be_attached()
    # By keys: a list closes where a click has to scroll its field out of the screen, as this long form may.
    model.press("ArrowDown")
    model.press("Enter")
    expect_json(page, {"name": "torchvision:mobilenet_v3_small"}, lambda spec: spec["network"])
    assert list_faults(page) == []


def test_the_form_starts_from_the_demonstration_and_sends_just_that(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page)
    expect_json(page, load_demonstration(), ExperimentSpec.model_validate)
    expect(page.get_by_text(f"{len(plan_runs(load_demonstration()))} runs in")).to_be_visible()


def test_an_experiment_is_filled_in_started_and_watched(site: Site, open_page: Open) -> None:
    page = open_form(site, open_page, "?from=empty")
    page.get_by_role("radio", name=re.compile("^Moons")).check()
    page.get_by_label("Samples").fill("80")
    page.get_by_role("radio", name=re.compile("^Multi-layer")).check()
    page.get_by_label("Layer widths").fill("8, 4")
    page.get_by_role("radio", name="SGD").check()
    page.get_by_label("Learning rate", exact=True).fill("10^-1.5")
    page.get_by_role("button", name="Add Elastic net").click()
    card = page.get_by_role("article", name="Elastic net")
    card.get_by_label("Mixing a").fill("0.25")
    card.get_by_label("Elastic net: first strength").fill("1e-4")
    card.get_by_label("Elastic net: last strength").fill("10⁻²")
    card.get_by_label("Elastic net: number of strengths").fill("3")
    page.get_by_label("Seeds", exact=True).fill("2")
    page.get_by_label("Epochs", exact=True).fill("3")
    page.get_by_label("Name", exact=True).fill("<i>from</i> the form")
    expect(page.get_by_text("8 runs in 1 job")).to_be_visible()
    page.get_by_label("Folds", exact=True).check()
    page.get_by_label("Folds k").fill("3")
    page.get_by_label("Shuffled").uncheck()
    expect(page.get_by_text("24 runs in 1 job")).to_be_visible()
    expect(page.get_by_text("70 weights", exact=True)).to_be_visible()
    sent: list[str | None] = []
    page.on(
        "request",
        lambda r: (
            sent.append(r.headers.get("idempotency-key"))
            if r.method == "POST" and r.url.endswith("/experiments")
            else None
        ),
    )
    page.get_by_role("button", name="Start experiment").click()
    page.wait_for_url(re.compile(r"/experiments/\d+"))
    expect(page.get_by_text("<i>from</i> the form").first).to_be_visible()
    assert len(sent) == 1
    assert sent[0]
    identity = re.search(r"/experiments/(\d+)", page.url)
    assert identity is not None
    made = site.get(f"/api/experiments/{identity[1]}").json()
    assert made["spec"]["dataset"] | {"samples": 80, "name": "moons"} == made["spec"]["dataset"]
    assert made["spec"]["network"]["widths"] == [8, 4]
    assert made["spec"]["optimizer"]["learning_rate"] == 0.0316227766017
    assert made["spec"]["regularizers"][0]["mixing"] == 0.25
    assert made["spec"]["regularizers"][0]["strengths"] == {"from": 1e-4, "to": 1e-2, "count": 3, "scale": "log"}
    assert made["spec"]["dataset"]["split"] == {"name": "folds", "k": 3, "shuffled": False}
    assert made["runs"] == 24
    expect(page.get_by_text("3 folds, in order")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Fold")).to_be_visible()


def test_a_sweep_with_all_that_training_can_do_is_filled_in_and_trained(site: Site, open_page: Open) -> None:
    page = open_form(site, open_page, "?from=empty")
    page.get_by_label("Training examples").fill("100")
    page.get_by_role("radio", name=re.compile("^Multi-layer")).check()
    page.get_by_label("Layer widths").fill("16")
    page.get_by_role("radio", name="Cosine").check()
    page.get_by_label("Warm-up epochs").fill("1.5")
    page.get_by_role("button", name="Add Dropout").click()
    page.get_by_label("Dropout: strengths").fill("0.1, 0.3, 0.5, 0.7")
    page.get_by_label("Add a regularizer that acts on every run").select_option("l2")
    page.get_by_label("L2 on every run: strength").fill("10^-3")
    page.get_by_label("Seeds", exact=True).fill("2")
    page.get_by_label("Epochs", exact=True).fill("8")
    page.get_by_label("Stop the worst strengths early").check()
    expect(page.get_by_label("After epochs")).to_have_value("2, 4")
    expect(page.get_by_text("10 runs in 1 job")).to_be_visible()
    page.get_by_role("button", name="Start experiment").click()
    page.wait_for_url(re.compile(r"/experiments/\d+"))
    expect(page.get_by_text("L2, λ = 10⁻³ on every run")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="halving").get_by_role("paragraph")).to_have_text(
        [
            "Successive halving stopped 2 of 4 strengths of Dropout at epoch 2.",
            "Successive halving stopped 1 of 2 strengths of Dropout at epoch 4.",
            "Their curves end there.",
        ],
        timeout=120_000,
    )
    made = site.get(f"/api/experiments/{page.url.rpartition('/')[2]}").json()["spec"]
    assert made["fixed"] == [{"name": "l2", "strengths": [1e-3]}]
    assert made["schedule"] == {"name": "cosine", "warmup_epochs": 1.5, "final": 0}
    assert made["halving"] == {"at": [2, 4], "keep": 0.5}


def test_errors_of_the_new_parts_stand_beside_their_fields(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected.append(REFUSED)
    page = open_form(quiet_site, open_page)
    page.get_by_label("Add a regularizer that acts on every run").select_option("early_stopping")
    page.get_by_label("Early stopping on every run: strength").fill("2.5")
    page.get_by_label("Warm-up epochs").fill("-1")
    page.get_by_label("Stop the worst strengths early").check()
    page.get_by_label("After epochs").fill("5, 3")
    page.get_by_text("More options").click()
    page.get_by_label("Clip gradients at").fill("0")
    page.get_by_text("Augmentation", exact=True).click()
    page.get_by_label("Random crop, pixels").fill("many")
    labels = ("Early stopping on every run: strength", "Warm-up epochs", "After epochs", "Clip gradients at")
    for label in (*labels, "Random crop, pixels"):
        expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")


def test_errors_stand_beside_their_fields_and_nothing_is_lost(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected.append(REFUSED)
    page = open_form(quiet_site, open_page)
    rate = page.get_by_label("Learning rate", exact=True)
    rate.fill("fast")
    page.get_by_label("Epochs", exact=True).fill("0")
    page.get_by_label("L1: last strength").fill("-1")
    page.get_by_label("Seeds", exact=True).fill("101")
    page.get_by_label("Notes", exact=True).fill("kept")
    expect(rate).to_have_attribute("aria-invalid", "true")
    expect(rate).to_have_accessible_description(re.compile("fast"))
    expect(page.get_by_label("L1: last strength")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("L1: first strength")).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("4 things to correct")).to_be_visible()
    page.get_by_role("button", name="Start experiment").click()
    summary = page.get_by_role("alert").filter(has_text="was not started")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(4)
    assert list_faults(page) == []
    summary.get_by_role("link", name=re.compile("^Optimizer, learning rate")).click()
    expect(rate).to_be_focused()
    expect(rate).to_have_value("fast")
    expect(page.get_by_label("Notes", exact=True)).to_have_value("kept")
    rate.fill("0.01")
    expect(summary.get_by_role("listitem")).to_have_count(3)
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_label("Seeds", exact=True).fill("1")
    page.get_by_label("L1: last strength").fill("0.1")
    expect(summary).to_have_count(0)
    expect(page.get_by_text(re.compile(r"\d+ runs in"))).to_be_visible()
    assert quiet_site.get("/api/experiments").json()["total"] == 0


def test_what_does_not_fit_together_is_said_at_the_network(
    quiet_site: Site, open_page: Open, complaints: Complaints
) -> None:
    complaints.expected.append(REFUSED)
    page = open_form(quiet_site, open_page)
    page.get_by_role("radio", name=re.compile("^Convolutional")).check()
    page.get_by_role("radio", name=re.compile("^Wine")).check()
    expect(page.get_by_role("group", name="Network").get_by_role("alert")).to_contain_text("needs images")
    page.get_by_role("radio", name=re.compile("^Linear")).check()
    expect(page.get_by_role("radio", name=re.compile("^Convolutional"))).to_be_disabled()
    expect(page.get_by_role("group", name="Network").get_by_role("alert")).to_have_count(0)


def test_strengths_are_dragged_typed_and_listed(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page, "?from=empty")
    page.get_by_role("button", name="Add L1", exact=True).click()
    card = page.get_by_role("article", name="L1", exact=True)
    last = card.get_by_role("slider", name="Last strength")
    expect(last).to_have_attribute("aria-valuetext", "λ = 10⁻²")
    last.focus()
    page.keyboard.press("ArrowRight")
    expect(last).to_have_attribute("aria-valuetext", "λ = 10⁻¹·⁷⁵")
    page.keyboard.press("PageDown")
    expect(card.get_by_label("L1: last strength")).to_have_value("10^-2.75")
    first = card.get_by_role("slider", name="First strength")
    box, goal = first.bounding_box(), last.bounding_box()
    assert box is not None
    assert goal is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move((box["x"] + goal["x"]) / 2 + box["width"] / 2, box["y"] + 5, steps=6)
    page.mouse.up()
    expect_json(page, True, lambda spec: 1e-5 < spec["regularizers"][0]["strengths"]["from"] < 1e-4)
    card.get_by_text("List", exact=True).click()
    field = card.get_by_label("L1: strengths", exact=True)
    expect(field).to_have_value(re.compile(r"10\^-2\.75$"))
    field.fill("0, 1e-4 3·10⁻³")
    expect(card.get_by_text("λ: 3 strengths")).to_be_visible()
    expect_json(page, [0, 1e-4, 0.003], lambda spec: spec["regularizers"][0]["strengths"])
    expect(card.get_by_role("slider")).to_have_count(3)
    card.get_by_text("Grid", exact=True).click()
    expect(card.get_by_label("L1: last strength")).to_have_value("10^-2.75")


def test_the_same_as_curl_and_as_a_file_makes_the_same_experiment(
    quiet_site: Site, open_page: Open, tmp_path: Path
) -> None:
    page = open_form(quiet_site, open_page)
    page.get_by_label("Name", exact=True).fill('it\'s "quoted" & $HOME')
    panel = page.get_by_role("region", name="The same as code")
    expect_json(page, 'it\'s "quoted" & $HOME', lambda spec: spec["name"])
    spec = read_json(page)
    panel.get_by_text("curl", exact=True).click()
    expect(panel.locator("pre")).to_contain_text("curl -X POST")
    command = panel.locator("pre").inner_text()
    assert command.startswith(f"curl -X POST {quiet_site.url}/api/experiments")
    subprocess.run(["sh", "-c", command.replace("curl -X", "curl -sS -X", 1)], check=True, capture_output=True)
    listed = quiet_site.get("/api/experiments").json()["items"]
    assert [item["name"] for item in listed] == ['it\'s "quoted" & $HOME']
    panel.get_by_text("Command line", exact=True).click()
    expect(panel.locator("pre")).to_contain_text("ridgeline submit")
    written, _, submit = panel.locator("pre").inner_text().rpartition("\n")
    subprocess.run(["sh", "-c", written], check=True, cwd=tmp_path)
    assert json.loads((tmp_path / "experiment.json").read_text(encoding="utf-8")) == spec
    assert submit == "ridgeline submit experiment.json --watch"


def test_an_answer_that_is_lost_does_not_make_two(quiet_site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append("net::ERR")
    page = open_form(quiet_site, open_page)
    lose_first_answer(page)
    page.get_by_role("button", name="Start experiment").click()
    expect(page.get_by_role("alert").filter(has_text="was not started")).to_contain_text("could not be reached")
    page.get_by_role("button", name="Start experiment").click()
    page.wait_for_url(re.compile(r"/experiments/\d+"))
    assert quiet_site.get("/api/experiments").json()["total"] == 1


def test_the_bar_at_the_bottom_of_a_narrow_screen(quiet_site: Site, open_page: Open) -> None:
    page = open_form(quiet_site, open_page, width=390, height=844)
    button = page.get_by_role("button", name="Start experiment")
    for share in (0, 0.5, 1):
        page.evaluate(f"scrollTo(0, {share} * document.body.scrollHeight)")
        expect(button).to_be_in_viewport()
    page.get_by_role("radio", name=re.compile("^Wine")).check()
    expect(page.get_by_role("region", name="Wine: some rows")).to_be_visible()
    assert measure_overflow(page) == 0


def test_an_earlier_experiment_can_be_the_start(quiet_site: Site, open_page: Open) -> None:
    spec = {**load_demonstration().model_dump(mode="json"), **EVERYTHING, "name": "earlier"}
    made = quiet_site.post("/api/experiments", spec).json()
    page = open_form(quiet_site, open_page)
    page.get_by_label("Start from an earlier experiment").select_option("earlier")
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("9")
    expect(page.get_by_label("Seeds", exact=True)).to_have_value("4, 7")
    expect(page.get_by_label("Group lasso on every run: strength")).to_have_value("1e-4")
    expect(page.get_by_role("img", name="Learning rate over 9 epochs")).to_be_visible()
    expect(page.get_by_label("Random crop, pixels")).to_be_visible()
    expect(page.get_by_label("Precision")).to_have_value("float64")
    expect_json(page, ExperimentSpec.model_validate(made["spec"]), ExperimentSpec.model_validate)


def test_a_source_that_is_gone_is_said(quiet_site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append("404 (Not Found)")
    page = open_page(f"{quiet_site.url}/new?from=4711")
    expect(page.get_by_role("alert")).to_contain_text("There is no experiment 4711")
    page.get_by_role("link", name="Start from nothing").click()
    expect(page.get_by_text(re.compile("runs in"))).to_be_visible()
