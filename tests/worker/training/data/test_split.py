"""Data sets as the catalogue describes them, their split and their standardization."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler

from core.catalogue.datasets import DATASETS, count_split
from core.errors import InvalidSpecError
from core.spec import DatasetSpec
from worker.training.data import Arrays, Dataset, load_arrays, prepare, split_examples

HERE = [name for name, entry in DATASETS.items() if not entry.download]


def make(name: str, **changes: Any) -> DatasetSpec:
    return DatasetSpec.model_validate({"name": name, **changes})


def load(spec: DatasetSpec) -> Arrays:
    return load_arrays(spec, Path("unused"), download=False)


def prepare_here(spec: DatasetSpec, arrays: Arrays | None = None) -> Dataset:
    return prepare(spec, arrays or load(spec), torch.float64, torch.device("cpu"))


@pytest.mark.parametrize("name", HERE)
def test_a_data_set_is_what_the_catalogue_says(name: str) -> None:
    arrays, entry = load(make(name)), DATASETS[name]
    assert list(arrays.shape) == entry.shape
    assert len(arrays.x) == len(arrays.y) == entry.examples
    assert arrays.classes == entry.classes
    if entry.classes:
        assert set(arrays.y.tolist()) == set(range(entry.classes))


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("changes", [{}, {"train_examples": 50, "validation_fraction": 0.31}])
def test_a_split_is_as_large_as_the_catalogue_counts(name: str, changes: dict[str, Any]) -> None:
    spec = make(name, **changes)
    data, expected = prepare_here(spec), count_split(spec)
    assert (len(data.train), len(data.validation), len(data.test)) == (
        expected.train,
        expected.validation,
        expected.test,
    )


def test_fewer_training_examples_are_a_prefix_and_leave_the_rest_alone() -> None:
    train, validation, test = split_examples(make("digits"), 1797, None)
    few, same_validation, same_test = split_examples(make("digits", train_examples=100), 1797, None)
    assert np.array_equal(few, train[:100])
    assert np.array_equal(same_validation, validation)
    assert np.array_equal(same_test, test)
    assert sorted([*train, *validation, *test]) == list(range(1797))
    other, _, _ = split_examples(make("digits", split_seed=1), 1797, None)
    assert not np.array_equal(other, train)


def test_a_test_set_of_its_own_stays_the_test_set() -> None:
    train, validation, test = split_examples(make("mnist"), 70_000, 10_000)
    assert np.array_equal(test, np.arange(60_000, 70_000))
    assert len(validation) == 12_000
    assert sorted([*train, *validation]) == list(range(60_000))


def test_features_are_standardized_by_the_training_examples() -> None:
    spec, plain = make("digits", train_examples=200), make("digits", train_examples=200, standardize=False)
    data, raw = prepare_here(spec), prepare_here(plain)
    scaler = StandardScaler().fit(raw.train.x.flatten(1))
    for part in ("train", "validation", "test"):
        expected = scaler.transform(getattr(raw, part).x.flatten(1))
        np.testing.assert_allclose(getattr(data, part).x.flatten(1), expected, rtol=1e-9, atol=1e-9)


def test_images_are_standardized_by_channel() -> None:
    generator = np.random.default_rng(0)
    pictures = (generator.random((100, 4, 4, 3)) * [255, 100, 20]).astype(np.uint8)
    arrays = Arrays(pictures, np.arange(100) % 10, 10, own_test=20, by_channel=True)
    data = prepare_here(make("cifar10"), arrays)
    assert data.train.x.mean((0, 1, 2)).abs().max() < 1e-6
    assert (data.train.x.std((0, 1, 2), correction=0) - 1).abs().max() < 1e-6
    raw = prepare_here(make("cifar10", standardize=False), arrays)
    assert 0 <= raw.train.x.min() < raw.train.x.max() <= 1


def test_a_regressions_target_is_standardized_with_the_features() -> None:
    data, raw = prepare_here(make("diabetes")), prepare_here(make("diabetes", standardize=False))
    assert data.train.y.mean() == pytest.approx(0, abs=1e-12)
    assert data.train.y.std(correction=0) == pytest.approx(1)
    scaled = (raw.test.y - raw.train.y.mean()) / raw.train.y.std(correction=0)
    torch.testing.assert_close(data.test.y, scaled)
    assert set(raw.test.y.tolist()) <= set(load_diabetes().target.tolist())


def test_generated_data_follows_its_seed_size_and_noise() -> None:
    for name in ("moons", "spirals"):
        small = load(make(name, samples=200, noise=0.0))
        assert len(small.y) == 200
        assert np.array_equal(small.x, load(make(name, samples=200, noise=0.0)).x)
        assert not np.array_equal(small.x, load(make(name, samples=200, noise=0.0, split_seed=1)).x)
        assert not np.array_equal(small.x, load(make(name, samples=200, noise=0.1)).x)
        assert sorted(np.bincount(small.y)) == [100, 100]


def test_spirals_lie_on_their_arms() -> None:
    """Without noise θ = π·r, the second arm half a turn on."""
    arrays = load(make("spirals", samples=300, noise=0.0))
    radius = np.linalg.norm(arrays.x, axis=1)
    assert 3.5 < radius.max() <= 4
    turned = np.arctan2(arrays.x[:, 1], arrays.x[:, 0]) - np.pi * (radius + arrays.y)
    assert np.cos(turned) == pytest.approx(np.ones(300))


SIZES = [
    ("digits", {"validation_examples": 300, "test_examples": 1}),
    ("digits", {"train_examples": 10, "validation_examples": 100, "test_fraction": 0.5}),
    ("diabetes", {"test_examples": 400, "validation_examples": 40}),
    ("wine", {"use_all_rows": True}),
]


@pytest.mark.parametrize(("name", "changes"), SIZES)
def test_sizes_in_place_of_shares_are_as_the_catalogue_counts(name: str, changes: dict[str, Any]) -> None:
    spec = make(name, **changes)
    data, expected = prepare_here(spec), count_split(spec)
    sizes = {"train": len(data.train), "validation": len(data.validation), "test": len(data.test)}
    assert sizes == expected.model_dump()
    for field in ("train", "validation", "test"):
        assert sizes[field] == changes.get(f"{field}_examples", sizes[field])


def test_all_rows_train_in_their_own_order_and_are_measured_on() -> None:
    spec = make("breast_cancer", use_all_rows=True)
    data, arrays = prepare_here(spec), load(spec)
    np.testing.assert_allclose(data.train.x, StandardScaler().fit_transform(arrays.x), rtol=1e-12, atol=1e-12)
    assert np.array_equal(data.train.y, arrays.y)
    # One set of examples, so that it is measured once.
    assert data.train is data.validation is data.test


def test_use_all_rows_leaves_a_test_set_of_its_own_out_and_a_size_takes_its_first() -> None:
    train, validation, test = split_examples(make("mnist", use_all_rows=True), 70, 10)
    assert train.tolist() == validation.tolist() == test.tolist() == list(range(60))
    _, _, test = split_examples(make("mnist", test_examples=3), 70, 10)
    assert test.tolist() == [60, 61, 62]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"validation_examples": 1796}, "validation_examples"),
        ({"validation_examples": 10, "test_examples": 1787}, "test_examples"),
        ({"train_examples": 1600, "validation_examples": 100, "test_examples": 100}, "train_examples"),
    ],
)
def test_more_examples_than_there_are_are_refused_with_the_field(changes: dict[str, Any], field: str) -> None:
    """Of the rows that are there, which of images in files of one's own the catalogue does not know."""
    with pytest.raises(InvalidSpecError) as caught:
        split_examples(make("digits", **changes), 1797, None)
    assert caught.value.field == f"dataset.{field}"
    with pytest.raises(InvalidSpecError, match="has a test set of 10 examples; received 11") as caught:
        split_examples(make("mnist", test_examples=11), 70, 10)
    assert caught.value.field == "dataset.test_examples"


def test_features_are_divided_and_targets_are_told_apart() -> None:
    raw = load(make("digits"))
    data = prepare_here(make("digits", use_all_rows=True, standardize=False, divide_by=16.0))
    assert np.array_equal(data.train.x, raw.x / 16)
    y = load_diabetes().target
    for target, expected in (("as_is", y), ("center", y - y.mean()), ("standardize", (y - y.mean()) / y.std())):
        for standardize in (True, False):
            spec = make("diabetes", use_all_rows=True, standardize=standardize, target=target)
            np.testing.assert_allclose(prepare_here(spec).train.y, expected, rtol=1e-12)
    assert np.array_equal(prepare_here(make("diabetes", use_all_rows=True, standardize=False)).train.y, y)


@pytest.mark.parametrize("divide_by", [None, 16.0])
def test_bytes_of_images_are_divided_exactly_in_float64(divide_by: float | None) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, size=(60, 4, 4, 1)).astype(np.uint8)
    arrays = Arrays(pictures, np.arange(60) % 10, 10, own_test=20, by_channel=True)
    data = prepare_here(make("mnist", use_all_rows=True, standardize=False, divide_by=divide_by), arrays)
    assert np.array_equal(data.train.x, pictures[:40] / (divide_by or 255.0))


def test_label_noise_redraws_a_share_of_the_training_labels_and_no_others() -> None:
    clean, noisy = prepare_here(make("digits")), prepare_here(make("digits", label_noise=0.4))
    for part in ("validation", "test"):
        assert torch.equal(getattr(noisy, part).y, getattr(clean, part).y)
    assert torch.equal(noisy.train.x, clean.train.x)
    changed = (noisy.train.y != clean.train.y).double().mean().item()
    # A redrawn label is the old one with chance 1/10; 1,078 labels.
    assert changed == pytest.approx(0.4 * 0.9, abs=4 * (0.36 * 0.64 / 1078) ** 0.5)
    assert set(noisy.train.y.tolist()) == set(range(10))


def test_label_noise_is_the_splits_and_fewer_examples_keep_theirs() -> None:
    spec = make("digits", label_noise=0.5)
    labels = prepare_here(spec).train.y
    assert torch.equal(prepare_here(spec).train.y, labels)
    few = prepare_here(make("digits", label_noise=0.5, train_examples=90))
    assert torch.equal(few.train.y, labels[:90])
    other = prepare_here(make("digits", label_noise=0.5, split_seed=1)).train.y
    assert not torch.equal(other, labels)


def test_all_labels_may_be_noise() -> None:
    spec = make("breast_cancer", label_noise=1)
    share = (prepare_here(spec).train.y == prepare_here(make("breast_cancer")).train.y).double().mean().item()
    assert share == pytest.approx(0.5, abs=0.15)
