"""The catalogue: every regularizer, network, optimizer, schedule, data set and metric by name."""

from core.catalogue.checks.ineffective import list_ineffective
from core.catalogue.checks.limits import check_limits
from core.catalogue.checks.spec import check_spec
from core.catalogue.datasets import DATASETS, DEFAULT_NOISE, DEFAULT_SAMPLES, count_split, name_features
from core.catalogue.metrics import METRIC_NAMES, METRIC_RECORDS, METRICS
from core.catalogue.networks import MAX_WEIGHTS, NETWORKS, choose_outputs, count_outputs, count_weights, name_outputs
from core.catalogue.optimizers import OPTIMIZERS
from core.catalogue.options import AUGMENTATION, HALVING, OPTIONS
from core.catalogue.regularizers import REGULARIZERS
from core.catalogue.schedules import SCHEDULES
from core.catalogue.splits import SPLITS

__all__ = [
    "AUGMENTATION",
    "DATASETS",
    "DEFAULT_NOISE",
    "DEFAULT_SAMPLES",
    "HALVING",
    "MAX_WEIGHTS",
    "METRICS",
    "METRIC_NAMES",
    "METRIC_RECORDS",
    "NETWORKS",
    "OPTIMIZERS",
    "OPTIONS",
    "REGULARIZERS",
    "SCHEDULES",
    "SPLITS",
    "check_limits",
    "check_spec",
    "choose_outputs",
    "count_outputs",
    "count_split",
    "count_weights",
    "list_ineffective",
    "name_features",
    "name_outputs",
]
