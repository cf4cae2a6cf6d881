"""The rows of each replicate: fixed, by seed, in folds, in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from core.catalogue.datasets import count_split
from core.errors import InvalidSpecError
from core.spec import DatasetSpec, PlannedRun
from worker.training.data import Dataset, prepare_splits, split_examples

CPU = torch.device("cpu")


def make(name: str = "digits", split: dict[str, Any] | None = None, **changes: Any) -> DatasetSpec:
    return DatasetSpec.model_validate({"name": name, "split": split or {"name": "fixed"}, **changes})


def prepare_all(spec: DatasetSpec, seeds: int = 1) -> dict[tuple[int, int], Dataset]:
    runs = [PlannedRun("none", 0, seed, split) for seed in range(seeds) for split in range(spec.split.count())]
    return prepare_splits(spec, runs, Path("unused"), False, torch.float64, CPU)


@given(st.integers(20, 300), st.integers(2, 10), st.booleans(), st.integers(0, 2**31 - 1), st.sampled_from([0, 0.3]))
def test_folds_are_those_of_scikit_learn(rows: int, k: int, shuffled: bool, seed: int, test_fraction: float) -> None:
    spec = make("wine", {"name": "folds", "k": k, "shuffled": shuffled}, test_fraction=test_fraction, split_seed=3)
    folds = KFold(k, shuffle=shuffled, random_state=3 + seed if shuffled else None)
    parts = [split_examples(spec, rows, None, (seed, fold)) for fold in range(k)]
    tests = {tuple(test) for _, _, test in parts}
    assert len(tests) == 1
    rest = np.setdiff1d(np.arange(rows), parts[0][2])
    assert len(rest) == rows - (round(rows * test_fraction) if test_fraction else 0)
    for (train, validation, _), (expected, held) in zip(parts, folds.split(rest), strict=True):
        assert np.array_equal(validation, rest[held])
        assert np.array_equal(np.sort(train), rest[expected])


def test_test_rows_are_the_fixed_splits_for_all_folds_and_seeds() -> None:
    _, _, fixed = split_examples(make(), 1797, None)
    spec = make(split={"name": "folds", "k": 5})
    assert all(np.array_equal(split_examples(spec, 1797, None, (s, f))[2], fixed) for s in (0, 4) for f in range(5))
    one, other = (np.sort(split_examples(spec, 1797, None, (seed, 0))[1]) for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_folds_of_a_data_set_with_a_test_set_of_its_own_are_of_the_others() -> None:
    train, validation, test = split_examples(make("mnist", {"name": "folds", "k": 4, "shuffled": False}), 70, 10)
    assert test.tolist() == list(range(60, 70))
    assert validation.tolist() == list(range(15))
    assert train.tolist() == list(range(15, 60))


def test_in_order_the_first_rows_train_and_the_last_test() -> None:
    spec = make("breast_cancer", {"name": "fixed", "shuffled": False}, validation_examples=100, test_examples=69)
    train, validation, test = split_examples(spec, 569, None)
    assert (train.tolist(), validation.tolist()) == (list(range(400)), list(range(400, 500)))
    assert test.tolist() == list(range(500, 569))
    few, *rest = split_examples(spec.model_copy(update={"train_examples": 50}), 569, None)
    assert few.tolist() == list(range(50))
    assert [part.tolist() for part in rest] == [validation.tolist(), test.tolist()]


def test_a_seeds_own_rows_are_those_of_the_fixed_split_with_the_sum() -> None:
    spec = make("moons", {"name": "by_seed"}, split_seed=5, label_noise=0.2)
    by_seed = prepare_all(spec, seeds=3)
    assert len(by_seed) == 3
    for seed in range(3):
        (fixed,) = prepare_all(make("moons", split_seed=5 + seed, label_noise=0.2)).values()
        for part in ("train", "validation", "test"):
            own, expected = getattr(by_seed[seed, 0], part), getattr(fixed, part)
            assert torch.equal(own.x, expected.x)
            assert torch.equal(own.y, expected.y)


def test_each_split_is_scaled_by_its_own_training_part() -> None:
    x = load_breast_cancer().data
    spec = make("breast_cancer", {"name": "folds", "k": 3})
    for key, data in prepare_all(spec).items():
        train, validation, test = split_examples(spec, 569, None, key)
        scaler = StandardScaler().fit(x[train])
        for part, rows in (("train", train), ("validation", validation), ("test", test)):
            np.testing.assert_allclose(getattr(data, part).x, scaler.transform(x[rows]), rtol=1e-9, atol=1e-9)


def test_label_noise_is_drawn_for_each_fold_and_spares_validation() -> None:
    split = {"name": "folds", "k": 3}
    clean, noisy = prepare_all(make(split=split)), prepare_all(make(split=split, label_noise=0.4))
    changed = {}
    for key, data in noisy.items():
        assert torch.equal(data.validation.y, clean[key].validation.y)
        changed[key] = data.train.y != clean[key].train.y
        assert changed[key].double().mean().item() == pytest.approx(0.36, abs=0.08)
    assert not torch.equal(changed[0, 0][:900], changed[0, 1][:900])


@pytest.mark.parametrize("split", [{"name": "fixed"}, {"name": "by_seed"}, {"name": "folds", "k": 4}])
@pytest.mark.parametrize("changes", [{}, {"test_fraction": 0}, {"train_examples": 50}])
def test_sizes_are_as_the_catalogue_counts(split: dict[str, Any], changes: dict[str, Any]) -> None:
    spec = make("wine", split, **changes)
    sizes = count_split(spec)
    first = split_examples(spec.resolve_seed((0, 0)), 178, None, (0, 0))
    assert tuple(map(len, first)) == (sizes.train, sizes.validation, sizes.test)


@pytest.mark.parametrize(
    ("name", "split", "changes", "field"),
    [
        ("wine", {"name": "folds", "k": 100}, {"test_examples": 100}, "dataset.split.k"),
        ("wine", {"name": "folds", "k": 2}, {"test_examples": 177}, "dataset.test_examples"),
        ("wine", {"name": "folds", "k": 2}, {"train_examples": 90}, "dataset.train_examples"),
    ],
)
def test_more_than_there_is_is_refused_with_the_field(
    name: str, split: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        split_examples(make(name, split, **changes), 178, None)
    assert caught.value.field == field
