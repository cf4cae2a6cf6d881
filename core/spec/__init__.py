"""ExperimentSpec and its parts: the contract of the whole system."""

from core.spec.dataset import DatasetSpec
from core.spec.experiment import ExperimentSpec, Name, Notes, Tags
from core.spec.network import CNN, MLP, Linear, NetworkSpec
from core.spec.optimizer import SGD, Adadelta, Adagrad, Adam, AdamW, OptimizerSpec, RMSprop
from core.spec.regularizer import BASELINE, RegularizerBase, RegularizerSpec
from core.spec.run import PlannedRun
from core.spec.strength import Grid

__all__ = [
    "BASELINE",
    "CNN",
    "MLP",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "DatasetSpec",
    "ExperimentSpec",
    "Grid",
    "Linear",
    "Name",
    "NetworkSpec",
    "Notes",
    "OptimizerSpec",
    "PlannedRun",
    "RMSprop",
    "RegularizerBase",
    "RegularizerSpec",
    "Tags",
]
