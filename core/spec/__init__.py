"""ExperimentSpec and its parts: the contract of the whole system."""

from core.spec.dataset import AugmentationSpec, DatasetSpec
from core.spec.experiment import ExperimentSpec, Name, Notes, Tags
from core.spec.extension import Extension, extend_spec
from core.spec.halving import HalvingSpec
from core.spec.network import CNN, MLP, Linear, NetworkSpec, ResNet, Torchvision
from core.spec.optimizer import FISTA, SGD, Adadelta, Adagrad, Adam, AdamW, OptimizerSpec, RMSprop
from core.spec.regularizer import BASELINE, RegularizerBase, RegularizerSpec
from core.spec.run import PlannedRun
from core.spec.schedule import ConstantSchedule, CosineSchedule, ScheduleSpec, StepSchedule
from core.spec.split import FixedSplit, Folds, SplitBySeed, SplitSpec
from core.spec.strength import Grid

__all__ = [
    "BASELINE",
    "CNN",
    "FISTA",
    "MLP",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "AugmentationSpec",
    "ConstantSchedule",
    "CosineSchedule",
    "DatasetSpec",
    "ExperimentSpec",
    "Extension",
    "FixedSplit",
    "Folds",
    "Grid",
    "HalvingSpec",
    "Linear",
    "Name",
    "NetworkSpec",
    "Notes",
    "OptimizerSpec",
    "PlannedRun",
    "RMSprop",
    "RegularizerBase",
    "RegularizerSpec",
    "ResNet",
    "ScheduleSpec",
    "SplitBySeed",
    "SplitSpec",
    "StepSchedule",
    "Tags",
    "Torchvision",
    "extend_spec",
]
