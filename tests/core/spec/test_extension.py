"""Extensions: the spec of the whole, and what does not go together with what was trained."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.errors import InvalidSpecError
from core.planning import plan_runs
from core.spec import ExperimentSpec, Extension, extend_spec

SPEC: dict[str, Any] = {
    "dataset": {"name": "digits"},
    "network": {"name": "mlp", "widths": [8]},
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
    "regularizers": [
        {"name": "l1", "strengths": {"from": 0.001, "to": 0.1, "count": 3}},
        {"name": "elastic_net", "mixing": 0.3, "strengths": [0.1]},
        {"name": "dropout", "strengths": [0.5]},
    ],
    "seeds": 2,
    "epochs": 10,
}


def extend(extension: dict[str, Any], **changes: Any) -> ExperimentSpec:
    return extend_spec(ExperimentSpec.model_validate(SPEC | changes), Extension.model_validate(extension))


def test_strengths_seeds_and_epochs_are_added_and_nothing_is_lost() -> None:
    before = ExperimentSpec.model_validate(SPEC)
    added = {"strengths": {"l1": [0.0, 1.0], "elastic_net(mixing=0.3)": [0.2]}, "seeds": 3, "epochs": 11}
    spec = extend(added)
    assert [regularizer.values() for regularizer in spec.regularizers] == [
        [0.001, 0.01, 0.1, 0.0, 1.0],
        [0.1, 0.2],
        [0.5],
    ]
    assert (spec.seeds, spec.epochs) == (3, 11)
    assert set(plan_runs(before)) < set(plan_runs(spec))
    assert [regularizer.key for regularizer in spec.regularizers] == [
        regularizer.key for regularizer in before.regularizers
    ]


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [(2, 4, 4), (2, [7, 9], [0, 1, 7, 9]), ([3, 0], 4, [3, 0, 1, 2]), ([3], [0], [3, 0])],
)
def test_seeds_are_a_number_in_all_or_a_list_to_add(before: Any, added: Any, after: Any) -> None:
    assert extend({"seeds": added}, seeds=before).seeds == after


@pytest.mark.parametrize(
    ("extension", "changes", "field"),
    [
        ({}, {}, None),
        ({"strengths": {"l2": [0.1]}}, {}, "strengths.l2"),
        ({"strengths": {"l1": [0.5, 0.01]}}, {}, "strengths.l1.1"),
        ({"strengths": {"l1": [0.5, 0.5]}}, {}, "strengths.l1.1"),
        ({"strengths": {"dropout": [1.0]}}, {}, "strengths.dropout.0"),
        ({"strengths": {"l1": [float(i) for i in range(1, 201)]}}, {}, "strengths.l1"),
        ({"seeds": 2}, {}, "seeds"),
        ({"seeds": [1]}, {}, "seeds"),
        ({"seeds": [5, 5]}, {}, "seeds"),
        ({"epochs": 10}, {}, "epochs"),
        ({"epochs": 20}, {"schedule": {"name": "cosine"}}, "epochs"),
        ({"seeds": 3}, {"halving": {"at": [5], "keep": 0.5}}, "halving"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(extension: Any, changes: Any, field: str | None) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        extend(extension, **changes)
    assert caught.value.field == field


@pytest.mark.parametrize("extension", [{"strengths": {"l1": []}}, {"epochs": 0}, {"seeds": 101}, {"batch_size": 3}])
def test_what_no_extension_can_say_is_refused(extension: Any) -> None:
    with pytest.raises(ValidationError):
        Extension.model_validate(extension)
