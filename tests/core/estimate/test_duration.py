"""Estimates: proportional to the work, from jobs of the same kind, none out of nothing."""

from __future__ import annotations

from typing import Any

import pytest

from core.estimate.duration import PastJob, estimate_seconds
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
    past = [PastJob(spec, 40, 8.0)]
    assert estimate_seconds(spec, 1, 1, past) == pytest.approx(8)
    # Twice as fast, but for what a step costs by itself, which fewer runs share in each of four jobs.
    assert estimate_seconds(spec, 4, 2, past) == pytest.approx(4.5, rel=0.12)
    assert estimate_seconds(spec, 1, 8, past) == pytest.approx(8)
    assert estimate_seconds(make_spec(epochs=20), 1, 1, past) == pytest.approx(16)


def test_what_halving_will_stop_takes_no_time() -> None:
    sweep = make_spec(regularizers=[{"name": "l2", "strengths": [1, 2, 3]}])
    halved = make_spec(regularizers=[{"name": "l2", "strengths": [1, 2, 3]}], halving={"at": [5], "keep": 0.3})
    past = [PastJob(sweep, 160, 16.0)]
    assert estimate_seconds(sweep, 1, 1, past) == pytest.approx(16)
    assert estimate_seconds(halved, 1, 1, past) == pytest.approx(16 * (4 * 5 + 2 * 5) / (4 * 10))


def test_runs_that_pass_twice_take_twice_the_time() -> None:
    sam, l2 = ({"name": name, "strengths": [0.1, 0.2, 0.3]} for name in ("sam", "l2"))
    past = [PastJob(make_spec(regularizers=[l2]), 160, 16.0)]
    # But for evaluating, which passes once.
    assert estimate_seconds(make_spec(regularizers=[sam]), 1, 1, past) == pytest.approx(4 + 2 * 12, rel=0.08)
    fixed = make_spec(regularizers=[l2], fixed=[sam | {"strengths": [0.1]}])
    assert estimate_seconds(fixed, 1, 1, past) == pytest.approx(32, rel=0.08)
    assert estimate_seconds(fixed, 1, 1, [PastJob(fixed, 160, 32.0)]) == pytest.approx(32)


def test_a_larger_network_takes_longer() -> None:
    past = [PastJob(make_spec(), 40, 8.0)]
    larger = estimate_seconds(make_spec(network={"name": "mlp", "widths": [1024, 1024]}), 1, 1, past)
    assert larger is not None
    assert larger > 16


def test_jobs_of_the_same_kind_count_first() -> None:
    linear = make_spec(network={"name": "linear"})
    past = [PastJob(linear, 40, 1.0), PastJob(make_spec(), 40, 8.0)]
    assert estimate_seconds(linear, 1, 1, past) == pytest.approx(1)


def test_many_small_runs_share_their_steps() -> None:
    """The table's own case: 26 strengths of a tiny network were said to take as long as as many of a large one."""
    tiny = {"dataset": {"name": "diabetes"}, "network": {"name": "linear"}}
    few = make_spec(**tiny, regularizers=[{"name": "l1", "strengths": [0.1]}])
    many = make_spec(**tiny, regularizers=[{"name": "l1", "strengths": [k / 100 for k in range(25)]}])
    past = [PastJob(few, 80, 0.2, 8)]
    estimate = estimate_seconds(many, 1, 1, past)
    assert estimate is not None
    assert 0.2 < estimate < 0.2 * 13 / 2


def test_a_job_that_was_cancelled_tells_as_much_as_one_that_was_not() -> None:
    spec = make_spec(network={"name": "linear"}, epochs=100)
    whole, cut = PastJob(spec, 400, 4.0, 4), PastJob(spec, 20, 0.2, 4)
    assert estimate_seconds(spec, 1, 1, [cut]) == pytest.approx(estimate_seconds(spec, 1, 1, [whole]))


def test_what_is_most_alike_counts_most() -> None:
    wide, narrow = (make_spec(network={"name": "mlp", "widths": [width]}) for width in (512, 16))
    past = [PastJob(wide, 40, 8.0), PastJob(narrow, 40, 1.0)]
    assert estimate_seconds(wide, 1, 1, past) == pytest.approx(8, rel=0.01)
    assert estimate_seconds(narrow, 1, 1, past) == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("past", [[], [PastJob(make_spec(), 0, 8.0)], [PastJob(make_spec(), 40, 0.0)]])
def test_nothing_is_made_up(past: list[PastJob]) -> None:
    assert estimate_seconds(make_spec(), 1, 1, past) is None
    assert estimate_seconds(make_spec(), 1, 0, [PastJob(make_spec(), 40, 8.0)]) is None
