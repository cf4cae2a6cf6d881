"""Options of a training that do not fit it are refused, naming the field, what was expected and what was received."""

from __future__ import annotations

from typing import Any

import pytest

from core.catalogue import check_spec
from core.errors import InvalidSpecError
from core.spec import ExperimentSpec


def make_spec(**changes: Any) -> ExperimentSpec:
    base = {"dataset": {"name": "digits"}, "network": {"name": "mlp"}, "optimizer": {"name": "adam"}, "epochs": 10}
    return ExperimentSpec.model_validate(base | changes)


def augment(name: str = "digits", **augmentation: Any) -> dict[str, Any]:
    return {"dataset": {"name": name, "augmentation": augmentation}}


FISTA = {"optimizer": {"name": "fista"}, "network": {"name": "linear"}, "batch_size": "full"}


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": {"name": "cosine", "warmup_epochs": 10}},
        {"schedule": {"name": "step", "every": 10_000}},
        {"clip_norm": 0.5},
        {"precision": "mixed"},
        augment(crop=7, flip=True, cutout=8),
        augment("cifar10", crop=31, cutout=32),
        FISTA,
    ],
    ids=str,
)
def test_what_fits_is_taken(changes: dict[str, Any]) -> None:
    check_spec(make_spec(**changes))


@pytest.mark.parametrize(
    ("changes", "field", "expected", "received"),
    [
        ({"schedule": {"name": "constant", "warmup_epochs": 10.5}}, "schedule.warmup_epochs", "at most 10", 10.5),
        (
            augment("wine", flip=True),
            "dataset.augmentation",
            "a data set of images",
            {"crop": 0, "flip": True, "cutout": 0},
        ),
        (augment(crop=8), "dataset.augmentation.crop", "at most 7", 8),
        (augment(cutout=9), "dataset.augmentation.cutout", "at most 8", 9),
        (augment("mnist", cutout=29), "dataset.augmentation.cutout", "at most 28", 29),
        (FISTA | {"schedule": {"name": "cosine"}}, "schedule", "constant, without warm-up", "cosine"),
        (FISTA | {"schedule": {"name": "constant", "warmup_epochs": 1}}, "schedule", "constant", "constant"),
        (FISTA | {"clip_norm": 1.0}, "clip_norm", "another optimizer", 1.0),
        (FISTA | augment(flip=True), "dataset.augmentation", "another optimizer", "augmentation"),
        (FISTA | {"precision": "mixed"}, "precision", "float32 or float64", "mixed"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], field: str, expected: str, received: Any) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        check_spec(make_spec(**changes))
    error = caught.value
    assert error.field == field
    assert error.expected is not None
    assert expected in error.expected
    assert error.received == received
