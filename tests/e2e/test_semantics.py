"""What was trained, exactly: a card per regularizer, and every run as a script that comes to the same curve."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import scroll_to
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Complaints, Site
from tests.e2e.test_experiment import Open, make_spec, submit, wait_until_ended

COLUMNS = ("train_loss", "train_score", "validation_loss", "validation_score")


@pytest.fixture(scope="module")
def trained(site: Site) -> int:
    regularizers: list[dict[str, Any]] = [
        {"name": "l1", "strengths": [1e-3, 1e-2]},
        {"name": "dropout", "strengths": [0.5]},
        {"name": "elastic_net", "mixing": 0.3, "strengths": [1e-2]},
    ]
    experiment = submit(site, make_spec("Semantics", 4, regularizers=regularizers, seeds=[0, 3]))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def open_cards(page: Page) -> Locator:
    section = page.get_by_role("region", name="What was trained, exactly")
    section.get_by_role("heading", name="What was trained, exactly").click()
    return section


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_card_says_what_the_catalogue_says(
    site: Site, open_page: Open, trained: int, width: int, scheme: str
) -> None:
    entries = {entry["name"]: entry for entry in site.get("/api/catalogue").json()["regularizers"]}
    page = open_page(f"{site.url}/experiments/{trained}", width=width, color_scheme=scheme)
    section = page.get_by_role("region", name="What was trained, exactly")
    expect(section.get_by_role("article")).to_have_count(0)
    open_cards(page)
    expect(section.get_by_role("article")).to_have_count(4)
    for name, label in (("none", "Baseline"), ("l1", "L1"), ("elastic_net", "Elastic net (mixing 0.3)")):
        card, semantics = section.get_by_role("article", name=label, exact=True), entries[name]["semantics"]
        expect(card).to_contain_text(semantics["acts_on"])
        expect(card).to_contain_text(semantics["explanation"] if name != "none" else "J(w)=L(w)")
        for each in semantics["equivalents"]:
            shown = card.get_by_text(each["code"], exact=True)
            # The network is no linear one.
            expect(shown).to_have_count(0 if each["linear"] or each["task"] == "regression" else 1)
    assert list_faults(page) == []
    scroll_to(section)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_its_script_comes_to_the_curve_that_was_recorded(
    site: Site, open_page: Open, trained: int, tmp_path: Path
) -> None:
    page = open_page(f"{site.url}/experiments/{trained}")
    card = open_cards(page).get_by_role("article", name="L1", exact=True)
    card.get_by_label("Strength").select_option("0.01")
    card.get_by_label("Seed").select_option("3")
    card.get_by_role("button", name="Reproduce this run").click()
    text = card.get_by_role("region", name="Script of run").text_content() or ""
    runs = site.get(f"/api/experiments/{trained}/runs").json()
    (run,) = [run for run in runs if (run["regularizer"], run["strength"], run["seed"]) == ("l1", 0.01, 3)]
    with page.expect_download() as download:
        card.get_by_role("link", name="Download").click()
    file = tmp_path / "run.py"
    download.value.save_as(file)
    assert download.value.suggested_filename == f"ridgeline-run-{run['id']}.py"
    assert file.read_text(encoding="utf-8") == text
    done = subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True, check=True)
    printed = np.array([row.split(",") for row in done.stdout.strip().splitlines()[1:]], dtype=float)
    (recorded,) = site.get(f"/api/experiments/{trained}/metrics?run={run['id']}").json()["runs"]
    for column, name in enumerate(("epoch", *COLUMNS)):
        known = recorded["epoch"] if name == "epoch" else recorded["metrics"][name]
        # A later version may record epoch 0 as well, the state before the first step.
        np.testing.assert_allclose(printed[:, column], known[-len(printed) :], rtol=1e-4)


def test_what_has_no_script_yet_is_said(site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected.append("409 (Conflict)")
    spec = make_spec("No script", 1, network={"name": "cnn", "channels": [2], "hidden": 4}, regularizers=[], seeds=1)
    experiment = submit(site, spec)
    page = open_page(f"{site.url}/experiments/{experiment}")
    section = open_cards(page)
    section.get_by_role("button", name="Reproduce this run").click()
    expect(section.get_by_role("alert")).to_have_text(
        "There is no script of this run yet: the network cnn is not written as one."
    )


def test_what_fista_solved_is_said_to_be_optimal(site: Site, open_page: Open) -> None:
    changes = {
        "dataset": {"name": "diabetes"},
        "network": {"name": "linear"},
        "optimizer": {"name": "fista"},
        "batch_size": "full",
        "precision": "float64",
        "regularizers": [{"name": "l1", "strengths": [1e-2, 1e-1, 1.0]}],
    }
    experiment = submit(site, make_spec("Solved", 300, **changes))
    assert wait_until_ended(site, experiment) == "completed"
    proof = site.get(f"/api/experiments/{experiment}").json()["proof"]
    assert proof.startswith("Every penalized run is optimal to ")
    page = open_page(f"{site.url}/experiments/{experiment}")
    section = page.get_by_role("region", name="What was trained, exactly")
    expect(section.get_by_text(proof)).to_be_visible()
    open_cards(page)
    runs = site.get(f"/api/experiments/{experiment}/runs").json()
    (largest,) = {run["test"]["largest_strength"] for run in runs if run["regularizer"] == "l1"}
    assert 0.1 < largest < 1
    card = section.get_by_role("article", name="L1", exact=True)
    expect(card).to_contain_text(f"here {largest:.3g}")
    expect(card.get_by_text("Lasso(alpha=λ)")).to_be_visible()
    figure = site.get(f"/api/experiments/{experiment}/figures/strength").json()["columns"][0]["figures"]
    for chart in figure.values():
        assert "λ max" in [note["text"] for note in chart["layout"]["annotations"]]
    scroll_to(page.locator("#strength-title"))
    expect(page.locator("svg").get_by_text("λ max").first).to_be_visible()


def test_what_was_not_solved_is_warned_of(site: Site, open_page: Open) -> None:
    changes = {
        "dataset": {"name": "breast_cancer"},
        "network": {"name": "linear"},
        "optimizer": {"name": "fista"},
        "batch_size": "full",
        "regularizers": [{"name": "l1", "strengths": [1e-3]}],
    }
    experiment = submit(site, make_spec("Unsolved", 3, seeds=1, **changes))
    assert wait_until_ended(site, experiment) == "completed"
    page = open_page(f"{site.url}/experiments/{experiment}")
    expect(page.get_by_text("2 of 2 runs have not reached their optimum")).to_be_visible()
