"""Options of a spec that are legal, but have no effect."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.formatting import format_strength, label_regularizer
from core.catalogue.datasets import DATASETS, count_split
from core.spec import (
    SGD,
    CosineSchedule,
    ExperimentSpec,
    Folds,
    HalvingSpec,
    Linear,
    RegularizerBase,
    StepSchedule,
)
from core.spec.regularizer import EarlyStopping, Mixup

# Two units in the last place of 1.
_RESOLUTION = {"float32": 2**-22, "mixed": 2**-22, "float64": 2**-51}


def list_ineffective(spec: ExperimentSpec) -> list[str]:
    """A sentence each."""
    return [
        *_list_schedule(spec),
        *_list_stops(spec),
        *_list_regularizers(spec),
        *_list_optimizer(spec),
        *_list_data(spec),
    ]


def _list_schedule(spec: ExperimentSpec) -> Iterator[str]:
    schedule = spec.schedule
    if schedule.warmup_epochs == spec.epochs:
        yield f"The warm-up takes all {spec.epochs} epochs, so the whole learning rate is never reached."
    examples = count_split(spec.dataset).train
    steps = -(-examples // spec.choose_batch_size(examples))
    if schedule.warmup_epochs and round(schedule.warmup_epochs * steps) == 0:
        yield f"The warm-up of {schedule.warmup_epochs:g} epochs is less than half a step, so there is none."
    match schedule:
        case CosineSchedule(final=1):
            yield "The cosine ends at the whole learning rate, so the schedule changes nothing."
        case StepSchedule(factor=1):
            yield "The steps multiply the learning rate by 1, so the schedule changes nothing."
        case StepSchedule(every=every) if every >= spec.epochs - schedule.warmup_epochs:
            yield f"The learning rate drops after every {every} epochs of {spec.epochs}, so it never does."


def _list_stops(spec: ExperimentSpec) -> Iterator[str]:
    for _, regularizer in spec.locate_regularizers():
        idle = [value for value in regularizer.values() if value >= spec.epochs]
        if isinstance(regularizer, EarlyStopping) and idle:
            values = ", ".join(f"{value:g}" for value in idle)
            yield (
                f"Early stopping with a patience of {values} cannot end a run of {spec.epochs} epochs; "
                "it only chooses the best epoch."
            )
    if spec.tolerance is not None and spec.tolerance < _RESOLUTION[spec.precision]:
        yield (
            f"A tolerance of {format_strength(spec.tolerance)} is below what {spec.precision} tells apart: a run "
            "ends once only rounding moves it."
        )
    if spec.halving is not None and not any(_halves(spec.halving, regularizer) for regularizer in spec.regularizers):
        yield "Successive halving stops nothing: no regularizer has enough strengths for one to be left out."


def _halves(halving: HalvingSpec, regularizer: RegularizerBase) -> bool:
    count = len(regularizer.values())
    return halving.count_kept(count) < count


def _list_regularizers(spec: ExperimentSpec) -> Iterator[str]:
    for regularizer in spec.fixed:
        if regularizer.values() == [0]:
            yield f"{label_regularizer(regularizer.key)} is fixed at 0 on every run, which is to do without it."
    regularizers = [regularizer for _, regularizer in spec.locate_regularizers()]
    if spec.batch_size == 1 and any(isinstance(regularizer, Mixup) for regularizer in regularizers):
        yield "Mixup blends the examples of a batch, and each batch has one."
    decays = getattr(spec.optimizer, "weight_decay", 0) > 0
    penalized = any(regularizer.penalizes_weights for regularizer in regularizers)
    if spec.penalize_biases and not penalized and not decays:
        yield "No penalty acts on any run, so none acts on biases."
    elif spec.penalize_biases and isinstance(spec.network, Linear) and not spec.network.intercept:
        yield "Penalties are to act on biases, and the network has none."


def _list_optimizer(spec: ExperimentSpec) -> Iterator[str]:
    optimizer = spec.optimizer
    if isinstance(optimizer, SGD) and optimizer.dampening and not optimizer.momentum:
        yield "Dampening acts on the momentum, and there is none."
    if spec.trains_seeds_alike and len(spec.list_seeds()) > 1:
        yield (
            f"fista starts every run at 0 and has no noise, so the {len(spec.list_seeds())} seeds are trained alike: "
            "no spread over seeds is to be read from them."
        )


def _list_data(spec: ExperimentSpec) -> Iterator[str]:
    dataset, entry = spec.dataset, DATASETS[spec.dataset.name]
    augmentation = dataset.augmentation
    if augmentation is not None and not (augmentation.crop or augmentation.flip or augmentation.cutout):
        yield "Augmentation is asked for with every change off, so the images stay as they are."
    is_asked = dataset.test_fraction != type(dataset).model_fields["test_fraction"].default
    if entry.own_test is not None and not dataset.use_all_rows and is_asked:
        yield f"{entry.label} comes with a test set of its own, to which the share for testing does not apply."
    share = type(dataset).model_fields["validation_fraction"].default
    if isinstance(dataset.split, Folds) and dataset.validation_fraction != share:
        yield "A fold validates, so the share for validation does not apply."
    examples = count_split(dataset).train
    if isinstance(spec.batch_size, int) and spec.batch_size > examples:
        yield f"The {examples} training examples make one batch, smaller than the {spec.batch_size} asked for."
