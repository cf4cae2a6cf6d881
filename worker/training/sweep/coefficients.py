"""The coefficients of linear networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.catalogue.epoch_values import CoefficientValues
from core.spec import Linear


def collect_coefficients(
    network: Linear, parameters: Sequence[dict[str, Tensor]], alive: NDArray[np.bool_]
) -> CoefficientValues:
    """``parameters``: each run's tensors by name, on the CPU; ``alive`` (M,): runs that did not diverge."""
    weights = torch.stack([run["output.weight"] for run in parameters]).double().numpy()
    weights[~alive] = np.nan
    if not network.intercept:
        return CoefficientValues(weights, None)
    intercepts = torch.cat([run["output.bias"] for run in parameters]).double().numpy()
    intercepts[~alive] = np.nan
    return CoefficientValues(weights, intercepts)
