"""What differs between specs, in the form's words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors.field_labels import label_path
from core.analysis.comparison.spec_differences import SpecDifferences, compare_specs
from core.spec import ExperimentSpec

PLAIN: dict[str, Any] = {
    "dataset": {"name": "digits"},
    "network": {"name": "mlp", "widths": [32]},
    "optimizer": {"name": "adam"},
    "regularizers": [{"name": "l2", "strengths": [0.01, 0.1]}, {"name": "l1", "strengths": [0.001]}],
}


def ask(*changes: dict[str, Any]) -> SpecDifferences:
    specs = [ExperimentSpec.model_validate(PLAIN | change) for change in changes]
    return compare_specs(specs, lambda path: label_path(path) or path)


def list_rows(found: SpecDifferences) -> list[tuple[str, list[str | None]]]:
    return [(field.label, field.values) for field in found.differing]


def test_equal_specs_differ_in_nothing_and_annotations_are_no_difference() -> None:
    found = ask({"name": "One", "tags": ["a"], "notes": "x"}, {"name": "Other"})
    assert found.differing == []
    assert {"Data", "Epochs", "L2, strengths"} <= {field.label for field in found.same}
    assert not {"name", "notes", "tags"} & {field.path for field in found.same}


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ({"dataset": {"name": "digits", "train_examples": 300}}, [("Data, training examples", ["all", "300"])]),
        (
            {"dataset": {"name": "digits", "split": {"name": "folds", "k": 5}}},
            [("Data, split", ["Fixed", "Folds"]), ("Data, folds k", [None, "5"])],
        ),
        ({"batch_size": "full"}, [("Batch size", ["32", "full"])]),
        ({"shuffle": False, "epochs": 41}, [("Epochs", ["40", "41"]), ("Shuffle", ["yes", "no"])]),
        ({"seeds": [5, 9]}, [("Seeds", ["3: 0 to 2", "2: 5, 9"])]),
        ({"fixed": [{"name": "dropout", "strengths": [0.5]}]}, [("Dropout on every run", [None, "0.5"])]),
        ({"regularizers": PLAIN["regularizers"][:1]}, [("L1, strengths", ["10⁻³", None])]),
        (
            {"network": {"name": "linear"}},
            [
                ("Network", ["Multi-layer perceptron", "Linear"]),
                ("Network, intercept", [None, "yes"]),
                ("Network, layer widths", ["32", None]),
                ("Network, activation", ["relu", None]),
                ("Network, normalization", ["none", None]),
            ],
        ),
    ],
)
def test_each_field_that_differs_is_named_as_in_the_form(change: dict[str, Any], rows: list[Any]) -> None:
    assert sorted(list_rows(ask({}, change))) == sorted(rows)


def test_the_same_strengths_written_in_another_way_or_order_are_no_difference() -> None:
    grid = {"name": "l2", "strengths": {"from": 0.01, "to": 0.1, "count": 2}}
    assert ask({}, {"regularizers": [PLAIN["regularizers"][1], grid]}).differing == []
    assert ask({"seeds": 2}, {"seeds": [1, 0]}).differing == []


def test_long_lists_that_differ_in_the_middle_are_not_taken_for_the_same() -> None:
    one = [float(place) for place in range(1, 13)]
    other = [*one[:5], 6.5, *one[6:]]
    lists = [{"regularizers": [{"name": "l2", "strengths": each}]} for each in (one, other)]
    [(label, values)] = list_rows(ask(*lists))
    assert label == "L2, strengths"
    assert "6.5" in str(values[1])
    assert len(set(values)) == 2
    shorter = {"regularizers": [{"name": "l2", "strengths": one[:11]}]}
    assert list_rows(ask(lists[0], shorter)) == [("L2, strengths", ["12 from 1 to 12", "11 from 1 to 11"])]


@given(st.lists(st.floats(1e-6, 1e3), min_size=2, max_size=4, unique=True))
def test_numbers_that_differ_look_different(rates: list[float]) -> None:
    [(_, values)] = list_rows(ask(*({"optimizer": {"name": "sgd", "learning_rate": rate / 1e3}} for rate in rates)))
    assert len(set(values)) == len({rate / 1e3 for rate in rates})


def test_fields_come_in_the_order_of_the_form() -> None:
    found = ask({"epochs": 4}, {"dataset": {"name": "wine"}, "network": {"name": "linear"}})
    parts = [field.path.partition(".")[0] for field in found.differing]
    assert parts == sorted(parts, key=list(ExperimentSpec.model_fields).index)
