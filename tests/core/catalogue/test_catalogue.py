"""The catalogue: complete, true to the spec's classes and to the data, and its arithmetic that of torch."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from core.analysis.formatting import label_regularizer
from core.catalogue import (
    AUGMENTATION,
    DATASETS,
    HALVING,
    METRIC_NAMES,
    METRICS,
    NETWORKS,
    OPTIMIZERS,
    OPTIONS,
    REGULARIZERS,
    SCHEDULES,
    check_spec,
    count_outputs,
    count_split,
    count_weights,
)
from core.catalogue.datasets import PREVIEWS
from core.catalogue.schemas import Parameter
from core.demonstration import load_demonstration
from core.errors import InvalidSpecError
from core.spec import (
    AugmentationSpec,
    DatasetSpec,
    ExperimentSpec,
    HalvingSpec,
    NetworkSpec,
    OptimizerSpec,
    RegularizerSpec,
    ScheduleSpec,
)
from core.spec.dataset import DatasetName
from setup.previews import make_previews
from worker.training.data import load_arrays, split_examples
from worker.training.networks import make_network


def list_names(union: Any) -> list[str]:
    return [get_args(member.model_fields["name"].annotation)[0] for member in get_args(get_args(union)[0])]


def make_spec(**change: Any) -> ExperimentSpec:
    base = {"dataset": {"name": "digits"}, "network": {"name": "mlp"}, "optimizer": {"name": "adam"}}
    return ExperimentSpec.model_validate(base | change)


def test_everything_that_a_spec_may_name_is_there() -> None:
    assert list(REGULARIZERS) == ["none", *list_names(RegularizerSpec)]
    assert list(NETWORKS) == [get_args(member)[1].tag for member in get_args(get_args(NetworkSpec)[0])]
    assert list(OPTIMIZERS) == list_names(OptimizerSpec)
    assert list(SCHEDULES) == list_names(ScheduleSpec)
    assert list(DATASETS) == list(get_args(DatasetName))
    for metrics in METRICS.values():
        assert {metric.name for metric in metrics} == set(METRIC_NAMES)


def test_every_entry_says_what_it_is_in_a_sentence() -> None:
    for table in (REGULARIZERS, NETWORKS, OPTIMIZERS, SCHEDULES, DATASETS):
        for name, entry in table.items():
            assert entry.name == name
            assert entry.label
            assert entry.source
            assert entry.help.endswith(".")
            assert entry.help.count(". ") == 0
    for regularizer in REGULARIZERS.values():
        assert regularizer.label == label_regularizer(regularizer.name)
        for formula in (regularizer.formula, regularizer.update):
            assert formula.count("{") == formula.count("}")


def list_parameters() -> list[tuple[Any, dict[str, Any], Parameter]]:
    """(the spec's class or union, what else it needs, parameter) of everything with parameters."""
    found: list[tuple[Any, dict[str, Any], Parameter]] = []
    for union, table in ((NetworkSpec, NETWORKS), (OptimizerSpec, OPTIMIZERS), (ScheduleSpec, SCHEDULES)):
        found += [(union, {"name": name}, p) for name, entry in table.items() for p in entry.parameters]
    found += [(DatasetSpec, {"name": name}, p) for name, entry in DATASETS.items() for p in entry.parameters]
    for name, entry in REGULARIZERS.items():
        found += [(RegularizerSpec, {"name": name, "strengths": [0.1]}, p) for p in entry.parameters]
    found += [(ExperimentSpec, make_spec().model_dump(), p) for p in OPTIONS]
    found += [(AugmentationSpec, {}, p) for p in AUGMENTATION]
    return found + [(HalvingSpec, {"at": [1]}, p) for p in HALVING]


@pytest.mark.parametrize(
    ("union", "rest", "parameter"), list_parameters(), ids=lambda value: getattr(value, "name", "")
)
def test_bounds_and_defaults_are_those_that_a_spec_is_held_to(
    union: Any, rest: dict[str, Any], parameter: Parameter
) -> None:
    adapter = TypeAdapter(union)

    def take(value: Any) -> Any:
        wrapped = [value] if parameter.kind == "integers" and not isinstance(value, list) else value
        return getattr(adapter.validate_python({**rest, parameter.name: wrapped}), parameter.name)

    if parameter.default is None and not parameter.optional:
        with pytest.raises(ValidationError):
            adapter.validate_python({key: value for key, value in rest.items() if key != parameter.name})
    else:
        assert take(parameter.default) == parameter.default
    assert parameter.help.endswith(".") or parameter.help.endswith(")")
    step = 1 if parameter.kind in ("integer", "integers") else 1e-9
    for bound, exclusive, sign in (
        (parameter.low, parameter.exclusive_low, -1),
        (parameter.high, parameter.exclusive_high, 1),
    ):
        if bound is None:
            continue
        number = int(bound) if parameter.kind in ("integer", "integers") else bound
        with pytest.raises(ValidationError):
            take(number if exclusive else number + sign * max(step, abs(number) * 1e-9))
    for choice in parameter.choices or []:
        assert take(choice) == choice


def test_strengths_that_a_form_offers_are_legal() -> None:
    for name, entry in REGULARIZERS.items():
        if entry.strength is not None:
            default = TypeAdapter(Any).dump_python(entry.strength.default, mode="json")
            made = TypeAdapter(RegularizerSpec).validate_python({"name": name, "strengths": default})
            assert len(made.values()) >= 6


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if not entry.download])
def test_data_are_as_described(name: str) -> None:
    entry, spec = DATASETS[name], DatasetSpec.model_validate({"name": name})
    arrays = load_arrays(spec, Path(), download=False)
    assert len(arrays.y) == entry.examples
    assert list(arrays.shape) == entry.shape
    assert arrays.classes == entry.classes
    assert len(entry.class_names) == (entry.classes or 0)
    train, validation, test = split_examples(spec, len(arrays.y), arrays.own_test)
    assert (len(train), len(validation), len(test)) == (entry.split.train, entry.split.validation, entry.split.test)
    assert count_split(spec) == entry.split


def test_previews_are_of_the_data() -> None:
    assert json.loads(PREVIEWS.read_text(encoding="utf-8")) == make_previews(), (
        "write them anew: python -m setup.previews"
    )
    assert {name for name, entry in DATASETS.items() if entry.preview is None} == {"mnist", "fashion_mnist", "cifar10"}


DENSE: list[dict[str, Any]] = [
    {"name": "linear"},
    {"name": "linear", "intercept": False},
    {"name": "mlp", "widths": [7, 5]},
    {"name": "mlp", "widths": [9], "normalization": "layer"},
]
CONVOLUTIONAL: list[dict[str, Any]] = [
    {"name": "cnn", "channels": [3, 4], "hidden": 6},
    {"name": "cnn", "channels": [5], "hidden": 3},
    {"name": "resnet", "channels": [3, 3, 4], "blocks": 2},
    {"name": "resnet", "channels": [5]},
    {"name": "torchvision:squeezenet1_1"},
    {"name": "torchvision:shufflenet_v2_x0_5"},
]


@pytest.mark.parametrize(
    ("dataset", "network"),
    [(name, network) for name in ("digits", "wine", "diabetes", "moons", "mnist", "cifar10") for network in DENSE]
    + [(name, network) for name in ("digits", "mnist", "cifar10") for network in CONVOLUTIONAL],
)
def test_weights_are_counted_as_the_network_has_them(dataset: str, network: dict[str, Any]) -> None:
    spec = make_spec(dataset={"name": dataset}, network=network)
    made = make_network(spec.network, tuple(DATASETS[dataset].shape), count_outputs(spec))
    assert count_weights(spec) == sum(prod(tensor.shape) for tensor in made.tensors)


SMOOTHING = {"name": "label_smoothing", "strengths": [0.1]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dataset": {"name": "wine"}, "network": {"name": "cnn"}}, "network.name"),
        ({"dataset": {"name": "wine"}, "network": {"name": "resnet"}}, "network.name"),
        ({"dataset": {"name": "wine"}, "network": {"name": "torchvision:resnet18"}}, "network.name"),
        ({"network": {"name": "torchvision:resnet19"}}, "network.name"),
        ({"network": {"name": "torchvision:vit_b_16"}}, "network"),
        ({"regularizers": [{"name": "l2", "strengths": [1]}, {"name": "stochastic_depth", "strengths": [0.1]}]},
         "regularizers.1.name"),
        ({"network": {"name": "torchvision:resnet18"}, "fixed": [{"name": "stochastic_depth", "strengths": [0.1]}]},
         "fixed.0.name"),
        ({"network": {"name": "cnn", "channels": [1, 1, 1, 1]}}, "network.channels"),
        ({"dataset": {"name": "digits", "train_examples": 1080}}, "dataset.train_examples"),
        ({"dataset": {"name": "digits", "test_examples": 1500}}, "dataset.test_examples"),
        ({"dataset": {"name": "mnist", "test_examples": 10_001}}, "dataset.test_examples"),
        ({"dataset": {"name": "wine", "validation_examples": 178}}, "dataset.validation_examples"),
        ({"dataset": {"name": "wine", "target": "center"}}, "dataset.target"),
        ({"dataset": {"name": "diabetes", "label_noise": 0.1}}, "dataset.label_noise"),
        ({"dataset": {"name": "moons", "samples": 20, "validation_fraction": 0.49, "test_fraction": 0.5}},
         "dataset.validation_fraction"),
        ({"network": {"name": "mlp", "widths": [8192] * 3}}, "network"),
        ({"dataset": {"name": "diabetes"}, "regularizers": [{"name": "l2", "strengths": [0.1]}, SMOOTHING]},
         "regularizers.1.name"),
        ({"dataset": {"name": "diabetes"}, "fixed": [SMOOTHING]}, "fixed.0.name"),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        check_spec(make_spec(**change))
    assert caught.value.field == field
    assert caught.value.expected


def test_a_name_that_torchvision_lacks_is_answered_with_close_ones() -> None:
    with pytest.raises(InvalidSpecError, match=r"no classification network resnet19; .* torchvision:resnet1") as caught:
        check_spec(make_spec(network={"name": "torchvision:resnet19"}))
    assert "torchvision:resnet18" in str(caught.value.expected)


def test_models_that_a_form_offers_are_taken() -> None:
    models = NETWORKS["torchvision"].models
    assert {"resnet18", "mobilenet_v3_small", "swin_t"} <= set(models)
    for name in models:
        check_spec(make_spec(network={"name": f"torchvision:{name}"}))


def test_parts_that_just_fit_are_taken() -> None:
    depth = [{"name": "stochastic_depth", "strengths": [0.1]}]
    check_spec(make_spec(network={"name": "resnet", "channels": [1, 1, 1, 1]}, regularizers=depth))
    check_spec(make_spec(dataset={"name": "digits", "train_examples": 1079}))
    check_spec(make_spec(network={"name": "cnn", "channels": [1, 1, 1]}))
    check_spec(make_spec(dataset={"name": "cifar10"}, network={"name": "cnn", "channels": [1, 1, 1, 1]}))


def test_demonstration_is_what_a_first_visitor_is_promised() -> None:
    spec = load_demonstration()
    check_spec(spec)
    assert [entry.key for entry in spec.regularizers] == ["l2", "l1", "dropout", "gaussian_noise"]
    assert len(spec.list_seeds()) == 5
    assert (spec.dataset.name, count_split(spec.dataset).train) == ("digits", 400)
    # Labels to learn by heart, and more than a hundred weights per example to do it with.
    assert spec.dataset.label_noise == 0.4
    assert count_weights(spec) > 100 * 400
