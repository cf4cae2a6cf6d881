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
from worker.training.stack import Group


def make_optimizer(
    spec: specs.OptimizerSpec, groups: Sequence[Group], make_fista: Callable[[], FISTA] | None = None
) -> Optimizer:
    """``groups``: weights first, which the optimizer's own weight_decay acts on, then biases and normalization.

    ``make_fista``: it needs to know the data and the penalties, as no other does.
    """
    match spec:
        case specs.SGD():
            return SGD(spec, groups)
        case specs.AdamW():
            return AdamW(spec, groups)
        case specs.Adam():
            return Adam(spec, groups)
        case specs.RMSprop():
            return RMSprop(spec, groups)
        case specs.Adagrad():
            return Adagrad(spec, groups)
        case specs.Adadelta():
            return Adadelta(spec, groups)
        case specs.FISTA():
            assert make_fista is not None
            return make_fista()


__all__ = ["FISTA", "Optimizer", "make_optimizer"]
