"""No regularizer without its definition, its file, its tests and its page of documentation."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from core.catalogue.regularizers import REGULARIZERS as CATALOGUE
from core.spec import BASELINE, RegularizerBase, RegularizerSpec
from tests.worker.training.sweeps import REGULARIZERS as SWEPT
from worker.training.regularizers import REGULARIZERS as CLASSES
from worker.training.regularizers import Regularizer

ROOT = Path(__file__).resolve().parents[4]
PAGES = ROOT / "docs" / "regularizers"
HEADINGS = ["Equation", "How it is optimized", "Strength", "What to expect", "Source"]
# Every class of the spec, so that one that is added there is asked for everywhere else.
SPECS: dict[str, type[RegularizerBase]] = {
    get_args(kind.model_fields["name"].annotation)[0]: kind for kind in get_args(get_args(RegularizerSpec)[0])
}
# Whose strengths are no fractions, so that the sweeps of all regularizers, with their strengths of 0.01, leave it out.
TESTED_ELSEWHERE = {"early_stopping": "tests.worker.training.sweep.test_stopping"}

every_regularizer = pytest.mark.parametrize("name", SPECS)
every_page = pytest.mark.parametrize("name", [BASELINE, *SPECS])


def read_sections(name: str) -> dict[str, str]:
    """The page's text by heading; what comes before the first is under the empty one."""
    parts = re.split(r"^## (.+)$", (PAGES / f"{name}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(["", *parts[1::2]], parts[0::2], strict=True))


def unwrap(text: str) -> str:
    """One line, whatever lines it was wrapped into."""
    return " ".join(text.split())


@every_page
def test_it_has_its_definition_in_the_catalogue(name: str) -> None:
    entry = CATALOGUE[name]
    for text in (entry.label, entry.symbol, entry.formula, entry.update, entry.help, entry.source):
        assert text.strip()
    assert (entry.strength is None) == (name == BASELINE)


@every_regularizer
def test_it_has_a_file_of_its_own_with_its_source(name: str) -> None:
    kind = CLASSES[name]
    assert kind.__module__ == f"worker.training.regularizers.{name}"
    assert kind.__doc__ is not None
    assert re.search(r"\bSource: \w", kind.__doc__)
    assert kind.legal == SPECS[name].legal
    assert kind.acts_by


@every_regularizer
def test_it_is_in_the_sweeps_that_every_engine_test_trains(name: str) -> None:
    if name in TESTED_ELSEWHERE:
        module = importlib.import_module(TESTED_ELSEWHERE[name])
        tests = [node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.FunctionDef)]
        assert sum(test.name.startswith("test_") for test in tests) >= 3
        assert f'"{name}"' in inspect.getsource(module)
        assert not SPECS[name].legal.holds(0.01)
    else:
        assert name in {entry["name"] for entry in SWEPT.values()}


@every_page
def test_its_page_has_the_headings(name: str) -> None:
    sections = read_sections(name)
    assert list(sections) == ["", *HEADINGS]
    for heading in HEADINGS:
        assert len(sections[heading].split()) >= 3, heading
    assert sections[""].startswith(f"# {CATALOGUE[name].label}\n")


@every_page
def test_its_page_says_what_the_catalogue_says(name: str) -> None:
    entry, sections = CATALOGUE[name], read_sections(name)
    assert f"`{name}`. {entry.help}" in unwrap(sections[""])
    assert f"```math\n{entry.formula}\n```" in sections["Equation"]
    assert f"```math\n{entry.update}\n```" in sections["How it is optimized"]
    assert entry.source in unwrap(sections["Source"])


@every_regularizer
def test_its_page_says_which_strengths_are_legal_and_useful(name: str) -> None:
    section = unwrap(read_sections(name)["Strength"])
    assert f"Legal: {CATALOGUE[name].symbol} {SPECS[name].legal}." in section
    assert SPECS[name].smaller_is_stronger == ("Smaller is stronger" in section)
    bounded = CLASSES[name].find_largest_strength is not Regularizer.find_largest_strength
    assert bounded == ("Largest useful" in section)


def test_there_is_no_page_of_anything_else() -> None:
    assert {page.stem for page in PAGES.iterdir()} == {BASELINE, *SPECS}


@every_page
def test_the_overview_leads_to_its_page(name: str) -> None:
    overview = (ROOT / "docs" / "regularizers.md").read_text(encoding="utf-8")
    assert f"(regularizers/{name}.md)" in overview


def test_lists_are_in_the_order_of_the_spec() -> None:
    names: list[Any] = [BASELINE, *SPECS]
    assert list(CATALOGUE) == names
    assert list(CLASSES) == names
