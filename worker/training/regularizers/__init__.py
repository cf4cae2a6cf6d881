"""Every regularizer by name, one file each: formula, Ω, gradient or proximal map, legal strengths, source."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from core.spec import BASELINE
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.dropout import Dropout
from worker.training.regularizers.early_stopping import EarlyStopping
from worker.training.regularizers.elastic_net import ElasticNet
from worker.training.regularizers.gaussian_noise import GaussianNoise
from worker.training.regularizers.group_lasso import GroupLasso
from worker.training.regularizers.l1 import L1
from worker.training.regularizers.l1_subgradient import L1Subgradient
from worker.training.regularizers.l2 import L2
from worker.training.regularizers.label_smoothing import LabelSmoothing
from worker.training.regularizers.max_norm import MaxNorm
from worker.training.regularizers.mixup import Mixup
from worker.training.regularizers.none import Baseline
from worker.training.regularizers.sam import SAM
from worker.training.regularizers.stochastic_depth import StochasticDepth
from worker.training.regularizers.tensor_norm import TensorNorm
from worker.training.regularizers.weight_decay import WeightDecay

REGULARIZERS: dict[str, type[Regularizer]] = {
    BASELINE: Baseline,
    "l2": L2,
    "l1": L1,
    "l1_subgradient": L1Subgradient,
    "elastic_net": ElasticNet,
    "group_lasso": GroupLasso,
    "weight_decay": WeightDecay,
    "tensor_norm": TensorNorm,
    "max_norm": MaxNorm,
    "dropout": Dropout,
    "stochastic_depth": StochasticDepth,
    "label_smoothing": LabelSmoothing,
    "mixup": Mixup,
    "gaussian_noise": GaussianNoise,
    "sam": SAM,
    "early_stopping": EarlyStopping,
}


def make_regularizer(name: str, strengths: Tensor, parameters: Mapping[str, float] | None = None) -> Regularizer:
    """``strengths``: (R,), those of R neighbouring runs; ``parameters``: all but the strength, by name."""
    return REGULARIZERS[name](strengths, parameters)


__all__ = ["REGULARIZERS", "Regularizer", "make_regularizer"]
