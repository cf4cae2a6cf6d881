"""Options that a spec asks for and that cannot have an effect."""

from __future__ import annotations

from typing import Any

import pytest

from core.catalogue import check_spec, list_ineffective
from core.spec import ExperimentSpec

L2 = [{"name": "l2", "strengths": [0.1, 0.2]}]


def make(**changes: Any) -> ExperimentSpec:
    spec = {
        "dataset": {"name": "digits"}, "network": {"name": "linear"}, "regularizers": L2,
        "optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 10, "seeds": 2,
    }  # fmt: skip
    return ExperimentSpec.model_validate(spec | changes)


@pytest.mark.parametrize(
    ("idle", "working", "word"),
    [
        ({"schedule": {"name": "cosine", "warmup_epochs": 10}}, {"schedule": {"name": "cosine"}}, "warm-up"),
        ({"schedule": {"name": "cosine", "warmup_epochs": 0.001}}, {"schedule": {"name": "cosine", "warmup_epochs": 1}},
         "warm-up"),
        ({"schedule": {"name": "cosine", "final": 1}}, {"schedule": {"name": "cosine", "final": 0.5}}, "cosine"),
        ({"schedule": {"name": "step", "every": 10}}, {"schedule": {"name": "step", "every": 9}}, "drops"),
        ({"schedule": {"name": "step", "every": 2, "factor": 1}}, {"schedule": {"name": "step", "every": 2}}, "steps"),
        ({"regularizers": [{"name": "early_stopping", "strengths": [2, 10, 20]}]},
         {"regularizers": [{"name": "early_stopping", "strengths": [2, 9]}]}, "patience of 10, 20 "),
        ({"fixed": [{"name": "early_stopping", "strengths": [10]}]},
         {"fixed": [{"name": "early_stopping", "strengths": [9]}]}, "patience"),
        ({"halving": {"at": [2], "keep": 0.9}}, {"halving": {"at": [2], "keep": 0.5}}, "halving"),
        ({"halving": {"at": [2]}, "regularizers": [{"name": "l2", "strengths": [0.1]}]}, {}, "halving"),
        ({"tolerance": 1e-9}, {"tolerance": 1e-9, "precision": "float64"}, "tolerance"),
        ({"fixed": [{"name": "l1", "strengths": [0]}]}, {"fixed": [{"name": "l1", "strengths": [0.1]}]}, "fixed at 0"),
        ({"regularizers": [{"name": "mixup", "strengths": [1]}], "batch_size": 1},
         {"regularizers": [{"name": "mixup", "strengths": [1]}], "batch_size": 2}, "Mixup"),
        ({"penalize_biases": True, "regularizers": [{"name": "dropout", "strengths": [0.1]}]},
         {"penalize_biases": True, "regularizers": [{"name": "dropout", "strengths": [0.1]}],
          "optimizer": {"name": "adam", "weight_decay": 0.1}}, "penalty"),
        ({"penalize_biases": True, "network": {"name": "linear", "intercept": False}}, {"penalize_biases": True},
         "biases"),
        ({"optimizer": {"name": "sgd", "dampening": 0.1}},
         {"optimizer": {"name": "sgd", "dampening": 0.1, "momentum": 0.9}}, "Dampening"),
        ({"optimizer": {"name": "fista"}, "batch_size": "full"},
         {"optimizer": {"name": "fista"}, "batch_size": "full", "seeds": 1}, "seeds"),
        ({"dataset": {"name": "digits", "augmentation": {}}},
         {"dataset": {"name": "digits", "augmentation": {"crop": 1}}},
         "Augmentation"),
        ({"dataset": {"name": "mnist", "test_fraction": 0.1}}, {"dataset": {"name": "mnist"}}, "test set of its own"),
        ({"dataset": {"name": "digits", "train_examples": 20}}, {"dataset": {"name": "digits", "train_examples": 40}},
         "one batch"),
    ],
)  # fmt: skip
def test_an_option_without_effect_is_said_and_one_with_it_is_not(
    idle: dict[str, Any], working: dict[str, Any], word: str
) -> None:
    for changes in (idle, working):
        check_spec(make(**changes))
    (sentence,) = list_ineffective(make(**idle))
    assert word in sentence
    assert list_ineffective(make(**working)) == []


def test_it_is_said_of_what_was_stored_as_well() -> None:
    spec = make(schedule={"name": "step", "every": 10})
    again = ExperimentSpec.model_validate(spec.model_dump(mode="json"))
    assert list_ineffective(again) == list_ineffective(spec)
