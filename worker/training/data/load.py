"""Loads a data set by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.catalogue.datasets import DEFAULT_NOISE, DEFAULT_SAMPLES
from core.spec import DatasetSpec
from worker.training.data.arrays import Arrays
from worker.training.data.generated import draw_moons, draw_spirals
from worker.training.data.sklearn_data import load_breast_cancer, load_diabetes, load_digits, load_wine

_TABLES: dict[str, Callable[[], Arrays]] = {
    "digits": load_digits,
    "breast_cancer": load_breast_cancer,
    "wine": load_wine,
    "diabetes": load_diabetes,
}


def load_arrays(spec: DatasetSpec, folder: Path, download: bool, check: Callable[[], None] = lambda: None) -> Arrays:
    """All examples of the data set, before the split. ``check`` is called while a download goes on; it may raise.

    Raises DatasetUnavailableError where the data is not in ``folder`` and cannot be downloaded.
    """
    if spec.is_generated:
        draw = draw_moons if spec.name == "moons" else draw_spirals
        noise = DEFAULT_NOISE if spec.noise is None else spec.noise
        return draw(spec.samples or DEFAULT_SAMPLES, noise, spec.split_seed)
    if spec.name in _TABLES:
        return _TABLES[spec.name]()
    # Here, because torchvision takes seconds to import, which a trainer's start need not wait for.
    from worker.training.data.images import load_images

    return load_images(spec.name, folder, download, check)
