"""Every regularizer, network, optimizer, data set and metric by name."""

from core.catalogue.check import MAX_WEIGHTS, check_spec
from core.catalogue.datasets import DATASETS, DEFAULT_NOISE, DEFAULT_SAMPLES, count_split
from core.catalogue.limits import LIMITS
from core.catalogue.metrics import METRICS
from core.catalogue.networks import NETWORKS, count_outputs, count_weights
from core.catalogue.optimizers import OPTIMIZERS
from core.catalogue.regularizers import REGULARIZERS

__all__ = [
    "DATASETS",
    "DEFAULT_NOISE",
    "DEFAULT_SAMPLES",
    "LIMITS",
    "MAX_WEIGHTS",
    "METRICS",
    "NETWORKS",
    "OPTIMIZERS",
    "REGULARIZERS",
    "check_spec",
    "count_outputs",
    "count_split",
    "count_weights",
]
