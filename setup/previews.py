"""A look at each data set that needs no download: `python -m setup.previews` writes core/catalogue/previews.json.

The examples are those that training gets, before they are split and standardized.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sklearn import datasets

from core.catalogue.datasets import PREVIEWS
from core.spec import DatasetSpec
from worker.training.data import Arrays, load_arrays

_IMAGES, _ROWS, _POINTS = 20, 5, 200
_TABLES = {
    "breast_cancer": datasets.load_breast_cancer,
    "wine": datasets.load_wine,
    "diabetes": datasets.load_diabetes,
}


def make_previews() -> dict[str, Any]:
    """By data set: what core.catalogue.schemas.Preview says."""
    previews = {"digits": _show_images(_load("digits"))}
    previews |= {name: _show_rows(_load(name), load().feature_names) for name, load in _TABLES.items()}
    return previews | {name: _show_points(_load(name, samples=_POINTS)) for name in ("moons", "spirals")}


def _load(name: str, **parameters: Any) -> Arrays:
    return load_arrays(DatasetSpec.model_validate({"name": name, **parameters}), Path(), download=False)


def _show_images(arrays: Arrays) -> dict[str, Any]:
    images, labels = arrays.x[:_IMAGES, :, :, 0].astype(int), arrays.y[:_IMAGES]
    return {"kind": "images", "images": images.tolist(), "labels": labels.tolist(), "maximum": int(arrays.x.max())}


def _show_rows(arrays: Arrays, columns: Any) -> dict[str, Any]:
    # Evenly over the file, for some are sorted by class.
    chosen = [len(arrays.y) * i // _ROWS for i in range(_ROWS)]
    rows = [[float(f"{value:.4g}") for value in arrays.x[index]] for index in chosen]
    return {
        "kind": "rows",
        "columns": [str(column) for column in columns],
        "rows": rows,
        "targets": [float(arrays.y[index]) for index in chosen],
    }


def _show_points(arrays: Arrays) -> dict[str, Any]:
    points = [[round(float(x), 3), round(float(y), 3)] for x, y in arrays.x]
    return {"kind": "points", "points": points, "labels": arrays.y.tolist()}


def main() -> None:
    previews = (f"{json.dumps(name)}: {json.dumps(preview)}" for name, preview in make_previews().items())
    PREVIEWS.write_text("{\n" + ",\n".join(previews) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
