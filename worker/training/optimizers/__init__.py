"""Every optimizer, one file each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core import spec as specs
from worker.training.optimizers.adadelta import Adadelta
from worker.training.optimizers.adagrad import Adagrad
from worker.training.optimizers.adam import Adam
from worker.training.optimizers.adamw import AdamW
from worker.training.optimizers.base import Optimizer
from worker.training.optimizers.fista import FISTA
from worker.training.optimizers.rmsprop import RMSprop
from worker.training.optimizers.sgd import SGD
from worker.training.parameters import Group


def make_optimizer(
    spec: specs.OptimizerSpec,
    groups: Sequence[Group],
    make_fista: Callable[[], FISTA] | None = None,
    penalize_biases: bool = False,
) -> Optimizer:
    """``groups``: weights first, then biases and normalization, which its own weight_decay spares unless
    ``penalize_biases``.

    ``make_fista``: it needs to know the data and the penalties, as no other does.
    """
    match spec:
        case specs.SGD():
            return SGD(spec, groups, penalize_biases)
        case specs.AdamW():
            return AdamW(spec, groups, penalize_biases)
        case specs.Adam():
            return Adam(spec, groups, penalize_biases)
        case specs.RMSprop():
            return RMSprop(spec, groups, penalize_biases)
        case specs.Adagrad():
            return Adagrad(spec, groups, penalize_biases)
        case specs.Adadelta():
            return Adadelta(spec, groups, penalize_biases)
        case specs.FISTA():
            assert make_fista is not None
            return make_fista()


__all__ = ["FISTA", "Optimizer", "make_optimizer"]
