"""Whether the options of training are compatible with epochs, data and optimizer."""

from __future__ import annotations

from typing import Any

from core.catalogue.datasets import DATASETS
from core.errors import InvalidSpecError
from core.spec import FISTA, ConstantSchedule, ExperimentSpec


def check_training(spec: ExperimentSpec) -> None:
    """Raise InvalidSpecError, naming the field, where they are not."""
    _check_schedule(spec)
    _check_augmentation(spec)
    if isinstance(spec.optimizer, FISTA):
        _check_exact_steps(spec)


def _check_schedule(spec: ExperimentSpec) -> None:
    warmup = spec.schedule.warmup_epochs
    if warmup > spec.epochs:
        raise InvalidSpecError(
            f"The warm-up must end within the training, which has {spec.epochs} epochs; received {warmup:g}.",
            field="schedule.warmup_epochs",
            expected=f"at most {spec.epochs}",
            received=warmup,
        )


def _check_augmentation(spec: ExperimentSpec) -> None:
    augmentation, entry = spec.dataset.augmentation, DATASETS[spec.dataset.name]
    if augmentation is None:
        return
    if len(entry.shape) != 3:
        images = ", ".join(name for name, other in DATASETS.items() if len(other.shape) == 3)
        raise InvalidSpecError(
            f"Augmentation needs images ({images}); {entry.name} has none.",
            field="dataset.augmentation",
            expected="nothing here, or a data set of images",
            received=augmentation.model_dump(),
        )
    height, width, _ = entry.shape
    side = min(height, width)
    for field, pixels, most in (("crop", augmentation.crop, side - 1), ("cutout", augmentation.cutout, side)):
        if pixels > most:
            raise InvalidSpecError(
                f"Images of {entry.name} are {height}×{width}, so {field} may be at most {most}; received {pixels}.",
                field=f"dataset.augmentation.{field}",
                expected=f"at most {most}",
                received=pixels,
            )


def _check_exact_steps(spec: ExperimentSpec) -> None:
    """fista's step sizes come from the objective, which must not change."""
    plain = isinstance(spec.schedule, ConstantSchedule) and spec.schedule.warmup_epochs == 0
    refused: tuple[tuple[str, bool, str, Any], ...] = (
        ("schedule", not plain, "constant, without warm-up", spec.schedule.name),
        ("clip_norm", spec.clip_norm is not None, "nothing here", spec.clip_norm),
        ("dataset.augmentation", spec.dataset.augmentation is not None, "nothing here", "augmentation"),
        ("precision", spec.precision == "mixed", "float32 or float64", spec.precision),
    )
    for field, is_refused, expected, received in refused:
        if is_refused:
            raise InvalidSpecError(
                f"fista computes its steps from an objective that stays the same, so it takes no {field} but the "
                f"plain one; received {received}.",
                field=field,
                expected=f"{expected}, or another optimizer",
                received=received,
            )
