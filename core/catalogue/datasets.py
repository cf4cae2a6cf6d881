"""The catalogue of data sets, and their splits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from core.analysis.formatting import Task
from core.catalogue.form_fields import derive_parameters
from core.catalogue.schemas import Dataset, Preview, RowPreview, Split
from core.errors import InvalidSpecError
from core.spec import DatasetSpec, Folds
from core.spec.dataset import GENERATED

DEFAULT_SAMPLES = 1_000
DEFAULT_NOISE = 0.2

# Written by `python -m setup.previews` from the data itself; a test holds the two together.
PREVIEWS = Path(__file__).with_name("previews.json")
_GENERATED_ONLY = frozenset({"samples", "noise"})
_DIGITS = [str(digit) for digit in range(10)]


def split_sizes(dataset: DatasetSpec, examples: int, own_test: int | None) -> Split:
    """The sizes of the parts: validation and test by rounded shares, at least one each; the rest is for training.

    A number replaces a share; a share of 0 leaves no test part. A data set with its own test set, not counted in
    ``examples``, is tested on it: on all of it, or on its first ``test_examples``. With folds, of the rows that do not
    test each fold validates: the sizes are those of the first, which is one of the largest. ``train_examples`` limits
    training. With ``use_all_rows`` each has all ``examples``.
    """
    if dataset.use_all_rows:
        return Split(train=examples, validation=examples, test=examples)
    test = dataset.test_examples or (own_test if own_test is not None else _share(examples, dataset.test_fraction))
    rest = examples - (test if own_test is None else 0)
    if isinstance(dataset.split, Folds):
        validation = -(-max(rest, 0) // dataset.split.k)
    else:
        validation = dataset.validation_examples or _share(examples, dataset.validation_fraction)
    train = rest - validation
    return Split(train=min(train, dataset.train_examples or train), validation=validation, test=test)


def _share(examples: int, fraction: float) -> int:
    return max(1, round(examples * fraction)) if fraction else 0


def check_split(dataset: DatasetSpec, examples: int, own_test: int | None) -> None:
    """Raise InvalidSpecError, naming the field, where the data set has too few examples for the split."""
    if own_test is not None and (dataset.test_examples or 0) > own_test:
        raise _miss(dataset, "test_examples", f"has a test set of {own_test} examples", f"at most {own_test}")
    whole = split_sizes(dataset.model_copy(update={"train_examples": None}), examples, own_test)
    available = whole.train
    if isinstance(dataset.split, Folds) and dataset.split.k > max(2, available + whole.validation):
        rows, k = available + whole.validation, dataset.split.k
        raise InvalidSpecError(
            f"{dataset.name} has {rows} examples that do not test, too few for so many folds; received {k}.",
            field="dataset.split.k",
            expected=f"at most {max(2, rows)}",
            received=k,
        )
    if available < 2:
        counted = [field for field in ("validation_examples", "test_examples") if getattr(dataset, field) is not None]
        share = "test_fraction" if isinstance(dataset.split, Folds) else "validation_fraction"
        field = max(counted, key=lambda name: getattr(dataset, name), default=share)
        reason = f"has {examples} examples, and this split leaves {max(0, available)} of them to train on"
        raise _miss(dataset, field, reason, "a split that leaves at least 2 examples to train on")
    if (dataset.train_examples or 0) > available:
        reason = f"has {available} examples to train on with this split"
        raise _miss(dataset, "train_examples", reason, f"at most {available}")


def _miss(dataset: DatasetSpec, field: str, reason: str, expected: str) -> InvalidSpecError:
    received = getattr(dataset, field)
    message = f"{dataset.name} {reason}; received {received:g}."
    return InvalidSpecError(message, field=f"dataset.{field}", expected=expected, received=received)


def count_split(dataset: DatasetSpec) -> Split:
    """The sizes of a spec's training, validation and test parts."""
    return split_sizes(dataset, *count_examples(dataset))


def count_examples(dataset: DatasetSpec) -> tuple[int, int | None]:
    """The number of examples to split, and the size of its own test set, if any."""
    entry = DATASETS[dataset.name]
    return (dataset.samples or DEFAULT_SAMPLES) if entry.generated else entry.examples, entry.own_test


def name_features(dataset: DatasetSpec) -> list[str]:
    """Names of the features of a flat example: images row by row, the channels of a pixel together."""
    entry = DATASETS[dataset.name]
    if isinstance(entry.preview, RowPreview):
        return entry.preview.columns
    if len(entry.shape) == 1:
        return [*"xyz"[: entry.shape[0]]]
    height, width, channels = entry.shape
    colours = [""] if channels == 1 else [" red", " green", " blue"]
    return [f"{row},{column}{c}" for row in range(height) for column in range(width) for c in colours]


def _describe(name: str, *, shape: list[int], examples: int, previews: dict[str, Any], **rest: Any) -> Dataset:
    spec = DatasetSpec.model_validate({"name": name})
    generated = name in GENERATED
    exclude = frozenset({"name", "augmentation", "split"}) | (frozenset() if generated else _GENERATED_ONLY)
    if rest.get("own_test"):
        exclude |= {"test_fraction"}
    exclude |= {"label_noise"} if rest["task"] == "regression" else {"target"}
    return Dataset(
        name=name,
        shape=shape,
        examples=examples,
        generated=generated,
        preview=TypeAdapter[Preview](Preview).validate_python(previews[name]) if name in previews else None,
        split=split_sizes(spec, examples, rest.get("own_test")),
        parameters=derive_parameters(DatasetSpec, exclude),
        **rest,
    )


def _describe_all(previews: dict[str, Any]) -> list[Dataset]:
    classes: Task = "classification"
    return [
        _describe(
            "digits", label="Digits", task=classes, shape=[8, 8, 1], examples=1797, classes=10, class_names=_DIGITS,
            help="Handwritten digits as 8×8 grey images: small, and quick to over-fit.",
            source="Alpaydin & Kaynak 1998, UCI; scikit-learn load_digits", previews=previews,
        ),
        _describe(
            "breast_cancer", label="Breast cancer", task=classes, shape=[30], examples=569, classes=2,
            class_names=["malignant", "benign"],
            help="30 measurements of cell nuclei, many of them correlated: where the lasso chooses a few.",
            source="Wolberg et al. 1995, UCI; scikit-learn load_breast_cancer", previews=previews,
        ),
        _describe(
            "wine", label="Wine", task=classes, shape=[13], examples=178, classes=3,
            class_names=["cultivar 1", "cultivar 2", "cultivar 3"],
            help="13 chemical measurements of wines from three cultivars.",
            source="Aeberhard & Forina 1991, UCI; scikit-learn load_wine", previews=previews,
        ),
        _describe(
            "diabetes", label="Diabetes", task="regression", shape=[10], examples=442, classes=None,
            help="Progression of diabetes after a year from ten measurements: the data of the lasso's classic paths.",
            source="Efron et al. 2004, Annals of Statistics 32(2); scikit-learn load_diabetes", previews=previews,
        ),
        _describe(
            "moons", label="Moons", task=classes, shape=[2], examples=DEFAULT_SAMPLES, classes=2,
            class_names=["upper", "lower"],
            help="Two interleaved half circles in the plane, drawn anew with noise.",
            source="scikit-learn make_moons", previews=previews,
        ),
        _describe(
            "spirals", label="Spirals", task=classes, shape=[2], examples=DEFAULT_SAMPLES, classes=2,
            class_names=["first", "second"],
            help="Two spirals wound into each other: no small network separates them.",
            source="Lang & Witbrock 1988", previews=previews,
        ),
        _describe(
            "mnist", label="MNIST", task=classes, shape=[28, 28, 1], examples=60_000, own_test=10_000, classes=10,
            class_names=_DIGITS, download=True,
            help="Handwritten digits as 28×28 grey images, with a test set of their own.",
            source="LeCun et al. 1998, Proc. IEEE 86(11)", previews=previews,
        ),
        _describe(
            "fashion_mnist", label="Fashion-MNIST", task=classes, shape=[28, 28, 1], examples=60_000,
            own_test=10_000, classes=10, download=True,
            class_names=["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
                         "Ankle boot"],
            help="Clothes as 28×28 grey images: as large as MNIST, and harder.",
            source="Xiao, Rasul & Vollgraf 2017, arXiv 1708.07747", previews=previews,
        ),
        _describe(
            "cifar10", label="CIFAR-10", task=classes, shape=[32, 32, 3], examples=50_000, own_test=10_000, classes=10,
            download=True,
            class_names=["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
            help="Small colour photographs of ten things.",
            source="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images", previews=previews,
        ),
    ]  # fmt: skip


def _read_previews() -> dict[str, Any]:
    previews: dict[str, Any] = json.loads(PREVIEWS.read_text(encoding="utf-8")) if PREVIEWS.exists() else {}
    return previews


DATASETS: dict[str, Dataset] = {entry.name: entry for entry in _describe_all(_read_previews())}
