"""Coefficients of linear networks, as the API returns them."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.errors.exceptions import TooLargeError
from backend.schemas.coefficients import CoefficientPath, Coefficients
from core.analysis.formatting import label_regularizer
from core.catalogue import name_features, name_outputs
from core.db.queries import coefficients
from core.db.queries.experiments import get
from core.spec import ExperimentSpec, Linear

MAX_BYTES = 64_000_000


def check_size(size: int, field: str, received: object) -> None:
    """Raise TooLargeError, naming ``field``, where ``size`` bytes exceed MAX_BYTES."""
    if size > MAX_BYTES:
        raise TooLargeError(
            f"These coefficients are {size / 1e6:.0f} MB; one response holds at most {MAX_BYTES / 1e6:.0f} MB.",
            field=field,
            expected="one regularizer, and one seed if they are still too many",
            received=received,
        )


def read_coefficients(
    session: Session, experiment_id: int, regularizer: str | None = None, seed: int | None = None
) -> Coefficients:
    """The matching paths. Raises NotFoundError, and TooLargeError where they exceed one response."""
    spec = ExperimentSpec.model_validate(get(session, experiment_id).spec)
    if not isinstance(spec.network, Linear):
        return Coefficients(linear=False, outputs=[], features=[], paths=[])
    size = coefficients.count_bytes(session, experiment_id, regularizer, seed)
    field, received = ("seed", seed) if regularizer is not None else ("regularizer", regularizer)
    check_size(size, field, received)
    found = coefficients.list_paths(session, experiment_id, regularizer, seed)
    return Coefficients(
        linear=True,
        outputs=name_outputs(spec),
        features=name_features(spec.dataset),
        paths=[_view(path) for path in found],
    )


def _view(path: coefficients.Path) -> CoefficientPath:
    return CoefficientPath(
        regularizer=path.regularizer,
        label=label_regularizer(path.regularizer),
        seed=path.seed,
        split=path.split,
        strengths=path.strengths,
        runs=path.run_ids,
        weights=_encode(path.weights),
        intercepts=None if path.intercepts is None else _encode(path.intercepts),
    )


def _encode(values: NDArray[np.float64]) -> str:
    return base64.b64encode(values.astype("<f8").tobytes()).decode("ascii")
