"""The part of each data set: how it is loaded, split, scaled and made tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.scripts.parts import Definition, code
from core.catalogue import DATASETS as CATALOGUE
from core.catalogue import DEFAULT_NOISE, DEFAULT_SAMPLES, count_split
from core.spec import DatasetSpec, FixedSplit


@dataclass(frozen=True)
class Loading:
    """``load``: statements that make ``features`` (examples, numbers) and ``targets``, NumPy arrays."""

    imports: tuple[str, ...]
    load: Callable[[DatasetSpec], str]


def _load_from_sklearn(name: str) -> Loading:
    return Loading((f"from sklearn.datasets import {name}",), lambda _: f"features, targets = {name}(return_X_y=True)")


def _draw_moons(spec: DatasetSpec) -> str:
    samples, noise = _choose(spec)
    return f"features, targets = make_moons({samples}, noise={noise!r}, random_state={spec.split_seed})"


def _draw_spirals(spec: DatasetSpec) -> str:
    samples, noise = _choose(spec)
    return code(
        f"""
        # Two spirals of two turns, the second turned by π, with normal noise.
        generator = np.random.default_rng({spec.split_seed})
        angle = 4 * np.pi * np.sqrt(generator.uniform(size={samples}))
        targets = np.arange({samples}) % 2
        arms = np.stack([np.cos(angle + np.pi * targets), np.sin(angle + np.pi * targets)], axis=1)
        features = arms * angle[:, None] / np.pi + {noise!r} * generator.standard_normal(({samples}, 2))
        """
    )


def _choose(spec: DatasetSpec) -> tuple[int, float]:
    return spec.samples or DEFAULT_SAMPLES, DEFAULT_NOISE if spec.noise is None else spec.noise


DATASETS: dict[str, Loading] = {
    "digits": _load_from_sklearn("load_digits"),
    "breast_cancer": _load_from_sklearn("load_breast_cancer"),
    "wine": _load_from_sklearn("load_wine"),
    "diabetes": _load_from_sklearn("load_diabetes"),
    "moons": Loading(("from sklearn.datasets import make_moons",), _draw_moons),
    "spirals": Loading((), _draw_spirals),
}

_STANDARDIZE = Definition(
    "standardize",
    code(
        '''
        def standardize(values):
            """By mean and deviation of the training rows; what is constant there is only centered."""
            mean, deviation = values[train_rows].mean(0), values[train_rows].std(0)
            return (values - mean) / np.where(deviation > 1e-12 * np.maximum(1, abs(mean)), deviation, 1)
        '''
    ),
)


def describe_data(spec: DatasetSpec) -> list[Definition]:
    """From the load to ``x_train``, ``y_train``, ``x_validation`` and ``y_validation``."""
    loading = DATASETS[spec.name]
    parts = [f"# The data.\n{loading.load(spec)}", _split(spec)]
    if spec.label_noise:
        parts.append(_redraw(spec))
    return [
        *(Definition("", part) for part in parts),
        _STANDARDIZE,
        *(Definition("", part) for part in (*_scale(spec), _convert(spec))),
    ]


def _split(spec: DatasetSpec) -> str:
    if spec.use_all_rows:
        return "# Trained and validated on all rows.\ntrain_rows = validation_rows = np.arange(len(targets))"
    sizes = count_split(spec)
    if spec.split == FixedSplit(name="fixed", shuffled=False):
        first, last = sizes.test, sizes.test + sizes.validation
        return code(
            f"""
            # In order: first the rows of training, then those of validation, then the test rows (left aside here).
            rows = np.arange(len(targets))
            train_rows = rows[: len(rows) - {last}][:{sizes.train}]
            validation_rows = rows[len(rows) - {last} : len(rows) - {first}]
            """
        )
    first, second = sizes.test, sizes.test + sizes.validation
    return code(
        f"""
        # One permutation: first the test rows (left aside here), then those of validation, then those of training.
        rows = np.random.default_rng({spec.split_seed}).permutation(len(targets))
        validation_rows, train_rows = rows[{first}:{second}], rows[{second}:{second + sizes.train}]
        """
    )


def _redraw(spec: DatasetSpec) -> str:
    return code(
        f"""
        # Label noise: each training label is replaced with chance {spec.label_noise!r} by a class drawn at random.
        draws = np.random.default_rng([{spec.split_seed}, 1]).random((len(train_rows), 2))
        drawn = (draws[:, 1] * {CATALOGUE[spec.name].classes}).astype(int)
        targets[train_rows] = np.where(draws[:, 0] < {spec.label_noise!r}, drawn, targets[train_rows])
        """
    )


def _scale(spec: DatasetSpec) -> list[str]:
    lines = []
    if spec.standardize:
        lines.append("features = standardize(features)")
    elif spec.divide_by is not None:
        lines.append(f"features = features / {spec.divide_by!r}")
    if CATALOGUE[spec.name].task == "regression":
        how = spec.target or ("standardize" if spec.standardize else "as_is")
        if how == "standardize":
            lines.append("targets = standardize(targets)")
        elif how == "center":
            lines.append("targets = targets - targets[train_rows].mean()")
    return ["\n".join(lines)] if lines else []


def _convert(spec: DatasetSpec) -> str:
    kind = "DTYPE" if CATALOGUE[spec.name].task == "regression" else "torch.int64"
    return code(
        f"""
        x_train, x_validation = (torch.tensor(features[part], dtype=DTYPE) for part in (train_rows, validation_rows))
        y_train, y_validation = (torch.tensor(targets[part], dtype={kind}) for part in (train_rows, validation_rows))
        """
    )
