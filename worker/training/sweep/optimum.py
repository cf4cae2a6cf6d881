"""How far the runs of a linear network are from the optimum, and the largest strengths that are of use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core.catalogue import choose_outputs
from core.catalogue.epoch_values import OptimumValues
from core.spec import FISTA, ExperimentSpec, Linear, PlannedRun, RegularizerBase
from core.spec.regularizer import L2, EarlyStopping
from core.spec.stopping import find_patience
from worker.training.data import Dataset
from worker.training.optimizers.duality import Model, bound_gap, measure_residual
from worker.training.regularizers import Regularizer, make_regularizer
from worker.training.regularizers.convex_norms import Norms
from worker.training.regularizers.gradient_at_zero import compute_slope


def measure_optimum(
    spec: ExperimentSpec,
    runs: Sequence[PlannedRun],
    datasets: Sequence[Dataset],
    parameters: Sequence[dict[str, Tensor]],
) -> OptimumValues | None:
    """Of a linear network; None of others. ``datasets``: each run's.

    ``parameters``: each run's tensors by name, empty where it diverged.
    """
    if not isinstance(spec.network, Linear):
        return None
    gaps, residuals, largest = (np.full(len(runs), np.nan) for _ in range(3))
    known = {id(data): _find_largest(spec, data) for data in {id(data): data for data in datasets}.values()}
    for index, (run, data, tensors) in enumerate(zip(runs, datasets, parameters, strict=True)):
        largest[index] = known[id(data)].get(run.regularizer, np.nan)
        norms = _sum_norms(spec, run)
        if norms is None or not _is_finite(tensors):
            continue
        device = data.train.x.device
        weights = tensors["output.weight"].double().to(device)
        bias = tensors.get("output.bias")
        model = Model(weights, None if bias is None else bias.double().flatten().to(device))
        x, y = data.train.x.flatten(1), data.train.y
        if norms == Norms():
            residuals[index] = measure_residual(x, y, model)
        else:
            gaps[index] = bound_gap(x, y, model, norms)
    return OptimumValues(gaps, residuals, largest)


def _is_finite(tensors: dict[str, Tensor]) -> bool:
    return bool(tensors) and all(bool(tensor.isfinite().all()) for tensor in tensors.values())


def _sum_norms(spec: ExperimentSpec, run: PlannedRun) -> Norms | None:
    """The run's penalty; None where it is not to reach its optimum, or acts on the intercept too."""
    if not isinstance(spec.optimizer, FISTA) or spec.penalize_biases or find_patience(spec, run) is not None:
        return None
    own = [(each, run.strength) for each in spec.regularizers if each.key == run.regularizer]
    total = Norms()
    for regularizer, strength in [*((each, each.values()[0]) for each in spec.fixed), *own]:
        norms = _make(regularizer).norms
        if norms is None:
            return None
        total += norms.scale(strength)
    return total


def _find_largest(spec: ExperimentSpec, data: Dataset) -> dict[str, float]:
    """By the regularizer's key, where theory has one: nothing else may pull on weights that are 0."""
    assert isinstance(spec.network, Linear)
    if spec.penalize_biases or not all(isinstance(each, L2 | EarlyStopping) for each in spec.fixed):
        return {}
    outputs = choose_outputs(spec.network, data.classes)
    slope = compute_slope(data.train.x, data.train.y, outputs, spec.network.intercept)
    found = {each.key: _make(each).find_largest_strength(slope) for each in spec.regularizers}
    return {key: strength for key, strength in found.items() if strength is not None}


def _make(regularizer: RegularizerBase) -> Regularizer:
    return make_regularizer(regularizer.get_name(), torch.ones(1), regularizer.parameters())
