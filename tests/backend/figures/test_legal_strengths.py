"""Every figure can be drawn of every strength that a spec may have."""

from __future__ import annotations

import json
import math
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.figures.axes.colour_scale import make_scale
from backend.figures.axes.strength_frame import make_strength_axis, place_strength
from core.spec.regularizers.base import GREATEST_STRENGTH, LEAST_STRENGTH
from core.spec.regularizers.penalties import L2
from core.spec.strength import MAX_STRENGTHS, Grid
from tests.backend.conftest import Trainer

FIGURES = ("curves", "batches", "weights", "strength")
POSITIVE = st.floats(LEAST_STRENGTH, GREATEST_STRENGTH, allow_subnormal=False) | st.sampled_from(
    [LEAST_STRENGTH, GREATEST_STRENGTH, 0.02, 3e9, 1.0, math.nextafter(1.0, 2.0)]
)


@given(strengths=st.lists(POSITIVE | st.just(0.0), min_size=1, max_size=12, unique=True))
def test_axes_are_finite_and_their_ticks_within_them(strengths: list[float]) -> None:
    scale = make_scale("l2", strengths)
    axis = make_strength_axis(scale)
    low, high = axis["range"]
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    assert all(low <= place <= high for place in (*axis["tickvals"], *(place_strength(s, scale) for s in strengths)))
    assert len(axis["tickvals"]) == len(axis["ticktext"]) > 0


@pytest.mark.parametrize(
    "strengths", [[0.02], [0.02, 0.03], [2.0**31], [LEAST_STRENGTH], [GREATEST_STRENGTH], [1e-37, 1e37], [0, 3e-7]]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_figures_of_legal_strengths_can_be_drawn(
    api: httpx.Client, spec: dict[str, Any], trainer: Trainer, strengths: list[float]
) -> None:
    names = ["l2", "max_norm", "gaussian_noise", "sam"]
    positive = [strength for strength in strengths if strength]
    network = {"name": "mlp", "widths": [4]}
    regularizers = [{"name": name, "strengths": positive} for name in names]
    made = api.post("/api/experiments", json=spec | {"network": network, "regularizers": regularizers}).json()
    trainer.train([job["id"] for job in made["jobs"]])
    for figure in FIGURES:
        for name in names:
            answer = api.get(f"/api/experiments/{made['id']}/figures/{figure}?regularizer={name}")
            assert answer.status_code == 200, answer.text
            json.loads(answer.text, parse_constant=lambda constant: pytest.fail(f"{constant} in JSON"))


@given(
    start=st.floats(0), stop=st.floats(0), count=st.integers(1, MAX_STRENGTHS), scale=st.sampled_from(["log", "linear"])
)
@limits(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_grid_is_refused_or_all_its_strengths_are_legal(start: float, stop: float, count: int, scale: str) -> None:
    try:
        grid = Grid.model_validate({"from": start, "to": stop, "count": count, "scale": scale})
        values = L2(name="l2", strengths=grid).values()
    except ValidationError:
        return
    assert all(value == 0 or LEAST_STRENGTH <= value <= GREATEST_STRENGTH for value in values)
    assert len(set(values)) == count


@pytest.mark.parametrize(
    ("strengths", "expected"),
    [
        ({"from": 0, "to": 1.7e308, "count": 4, "scale": "linear"}, "at most 3.4e+38"),
        ([1e300], "at most 3.4e+38"),
        ([5e-324], "0 or at least 1.2e-38"),
    ],
)
def test_strengths_beyond_what_floats_hold_are_refused(strengths: Any, expected: str) -> None:
    with pytest.raises(ValidationError, match=f"strengths must be {expected.replace('+', '[+]')}"):
        L2.model_validate({"name": "l2", "strengths": strengths})
