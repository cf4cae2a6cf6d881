"""Estimates: proportional to the work, from jobs of the same kind, none out of nothing."""

from __future__ import annotations

from typing import Any

import pytest

from core.estimate import Past, estimate_seconds
from core.spec import ExperimentSpec


def make_spec(**change: Any) -> ExperimentSpec:
    base = {
        "dataset": {"name": "digits"},
        "network": {"name": "mlp"},
        "optimizer": {"name": "adam"},
        "epochs": 10,
        "seeds": 4,
    }
    return ExperimentSpec.model_validate(base | change)


def test_the_same_again_takes_the_same_time() -> None:
    spec = make_spec()
    past = [Past(spec, 40, 8.0)]
    assert estimate_seconds(spec, 1, 1, past) == pytest.approx(8)
    assert estimate_seconds(spec, 4, 2, past) == pytest.approx(4)
    assert estimate_seconds(spec, 1, 8, past) == pytest.approx(8)
    assert estimate_seconds(make_spec(epochs=20), 1, 1, past) == pytest.approx(16)


def test_what_halving_will_stop_takes_no_time() -> None:
    sweep = make_spec(regularizers=[{"name": "l2", "strengths": [1, 2, 3]}])
    halved = make_spec(regularizers=[{"name": "l2", "strengths": [1, 2, 3]}], halving={"at": [5], "keep": 0.3})
    past = [Past(sweep, 160, 16.0)]
    assert estimate_seconds(sweep, 1, 1, past) == pytest.approx(16)
    assert estimate_seconds(halved, 1, 1, past) == pytest.approx(16 * (4 * 5 + 2 * 5) / (4 * 10))


def test_runs_that_pass_twice_take_twice_the_time() -> None:
    sam, l2 = ({"name": name, "strengths": [0.1, 0.2, 0.3]} for name in ("sam", "l2"))
    past = [Past(make_spec(regularizers=[l2]), 160, 16.0)]
    assert estimate_seconds(make_spec(regularizers=[sam]), 1, 1, past) == pytest.approx(4 + 2 * 12)
    fixed = make_spec(regularizers=[l2], fixed=[sam | {"strengths": [0.1]}])
    assert estimate_seconds(fixed, 1, 1, past) == pytest.approx(32)
    assert estimate_seconds(fixed, 1, 1, [Past(fixed, 160, 32.0)]) == pytest.approx(32)


def test_a_larger_network_takes_longer() -> None:
    past = [Past(make_spec(), 40, 8.0)]
    larger = estimate_seconds(make_spec(network={"name": "mlp", "widths": [1024, 1024]}), 1, 1, past)
    assert larger is not None
    assert larger > 16


def test_jobs_of_the_same_kind_count_first() -> None:
    linear = make_spec(network={"name": "linear"})
    past = [Past(linear, 40, 1.0), Past(make_spec(), 40, 8.0)]
    assert estimate_seconds(linear, 1, 1, past) == pytest.approx(1)


@pytest.mark.parametrize("past", [[], [Past(make_spec(), 0, 8.0)], [Past(make_spec(), 40, 0.0)]])
def test_nothing_is_made_up(past: list[Past]) -> None:
    assert estimate_seconds(make_spec(), 1, 1, past) is None
    assert estimate_seconds(make_spec(), 1, 0, [Past(make_spec(), 40, 8.0)]) is None
