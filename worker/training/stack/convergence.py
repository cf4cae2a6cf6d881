"""The distance that an epoch moves each run's parameters, beyond rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.spec import ExperimentSpec, Linear
from worker.training.data import Dataset
from worker.training.optimizers.lipschitz import measure_columns
from worker.training.parameters import Parameters

# Rounded outputs differ from exact ones by so many units in the last place of the targets, or of 1 where those are
# classes; a parameter at rest moves by the resulting change of its gradient.
_NOISE = 4.0
# And by so many units in its own last place.
_ULPS = 2.0


class ParameterShift:
    """From ``begin`` to ``measure``: how far a stack's parameters moved. ``floors``: see ``find_floors``."""

    def __init__(self, parameters: Parameters, floors: Mapping[str, Tensor]) -> None:
        self._parameters = parameters
        names = [spec.name for group in parameters.groups for spec in group.specs]
        none, like = torch.zeros(()), parameters.weights.values
        self._floors = [floors.get(name, none).to(like) for name in names]
        self._before: list[Tensor] = []

    def begin(self) -> None:
        self._before = [tensor.clone() for tensor in self._parameters.list_values()]

    def measure(self) -> Tensor:
        """``measure_shift`` since ``begin``, (M,)."""
        before, self._before = self._before, []
        return measure_shift(before, self._parameters.list_values(), self._floors)


def measure_shift(before: Sequence[Tensor], after: Sequence[Tensor], floors: Sequence[Tensor]) -> Tensor:
    """max|after − before| / max|after| of each run (M,), float64, over its tensors (M, rows, columns).

    ``floors``: one for each tensor, broadcast with it: moves that are no longer than that, or than the rounding of the
    parameter itself, are none. 0 where nothing moved, also of a run whose parameters are all 0; NaN where one is
    not finite.
    """
    moves = [_find_move(old, new, floor) for old, new, floor in zip(before, after, floors, strict=True)]
    moved = _find_largest(moves)
    return torch.where(moved == 0, moved, moved / _find_largest(after))


def find_floors(spec: ExperimentSpec, data: Dataset) -> dict[str, Tensor]:
    """By tensor name: how far rounding alone moves a parameter that rests, float64; 0 where a name is missing.

    An optimum at 0 would otherwise never be reached: there an intercept of centered targets, say, jitters by rounding,
    which is as large as it is itself.
    """
    y = data.train.y
    unit = float(y.double().square().mean().sqrt()) if y.is_floating_point() else 1.0
    noise = _NOISE * torch.finfo(data.train.x.dtype).eps * unit
    floors = {"output.bias": torch.tensor(noise, dtype=torch.float64)}
    if isinstance(spec.network, Linear):
        is_centered = spec.network.intercept and not spec.penalize_biases
        center, scale = measure_columns(data.train.x, is_centered=is_centered)
        # Of the gradient's rounding, over how sharply the loss bends along this weight.
        weights = noise * (scale + center.square()).sqrt() / scale
        floors["output.weight"] = weights
        # The intercept goes with the weights where features are far from centered.
        floors["output.bias"] = noise + (weights * center).norm()
    return {name: floor.to(data.train.x.device) for name, floor in floors.items()}


def _find_move(old: Tensor, new: Tensor, floor: Tensor) -> Tensor:
    move = (new - old).abs()
    least = torch.maximum(floor, new.abs() * (_ULPS * torch.finfo(new.dtype).eps))
    # NaN stays NaN.
    return torch.where(move <= least, 0, move)


def _find_largest(tensors: Sequence[Tensor]) -> Tensor:
    return torch.stack([tensor.abs().flatten(1).amax(1) for tensor in tensors]).amax(0).double()
