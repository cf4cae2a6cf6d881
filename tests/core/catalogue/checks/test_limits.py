"""What an installation's limits refuse of a spec, by field, and that the limits themselves are still taken."""

from __future__ import annotations

from typing import Any

import pytest

from core.catalogue import check_limits
from core.catalogue.schemas import Limits
from core.errors import InvalidSpecError
from core.spec import ExperimentSpec

LIMITS = Limits(epochs=10, strengths=3, seeds=2, runs=12, epoch_rows=80, regularizers=2, weights=1)
L1 = {"name": "l1", "strengths": [0.1, 0.2, 0.3]}
L2 = {"name": "l2", "strengths": {"from": 0.1, "to": 1, "count": 3}}


def make(**change: Any) -> ExperimentSpec:
    base = {"dataset": {"name": "digits"}, "network": {"name": "mlp"}, "optimizer": {"name": "adam"}}
    return ExperimentSpec.model_validate(base | {"epochs": 1, "seeds": 1} | change)


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 10},
        {"seeds": 2},
        {"regularizers": [L1, L2]},
        {"regularizers": [L1], "seeds": 2, "epochs": 10},
    ],
)
def test_the_limits_themselves_are_taken(change: dict[str, Any]) -> None:
    check_limits(make(**change), LIMITS)


@pytest.mark.parametrize(
    ("change", "field", "expected", "received"),
    [
        ({"epochs": 11}, "epochs", "at most 10 epochs", 11),
        ({"seeds": 3}, "seeds", "at most 2 seeds", 3),
        ({"seeds": [5, 6, 7]}, "seeds", "at most 2 seeds", 3),
        ({"regularizers": [L1, L2, {"name": "sam", "strengths": [1]}]}, "regularizers", "at most 2 regularizers", 3),
        (
            {"regularizers": [{"name": "l2", "strengths": [1, 2, 3, 4]}]},
            "regularizers.0.strengths",
            "at most 3 strengths",
            4,
        ),
        (
            {"regularizers": [L1, {"name": "l2", "strengths": {"from": 0.1, "to": 1, "count": 4}}]},
            "regularizers.1.strengths",
            "at most 3 strengths",
            4,
        ),
        ({"regularizers": [L1, L2], "seeds": 2}, "regularizers", "at most 12 runs", 14),
    ],
)
def test_more_is_refused_by_field(change: dict[str, Any], field: str, expected: str, received: int) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        check_limits(make(**change), LIMITS)
    assert (caught.value.field, caught.value.expected, caught.value.received) == (field, expected, received)


def test_rows_are_runs_times_epochs() -> None:
    spec = make(regularizers=[L1], seeds=2, epochs=10)
    check_limits(spec, LIMITS)
    with pytest.raises(InvalidSpecError, match="at most 79; received 8 × 10") as caught:
        check_limits(spec, LIMITS.model_copy(update={"epoch_rows": 79}))
    assert (caught.value.field, caught.value.expected) == ("epochs", "at most 9 with 8 runs")
    with pytest.raises(InvalidSpecError) as caught:
        check_limits(spec, LIMITS.model_copy(update={"epoch_rows": 7}))
    assert caught.value.expected == "fewer runs than 8"
