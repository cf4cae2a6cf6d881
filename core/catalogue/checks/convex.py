"""Requirements of the optimizer fista: a convex problem on whole batches, without noise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.errors import InvalidSpecError
from core.spec import FISTA, ExperimentSpec, Linear
from core.spec.regularizer import REGULARIZER_CLASSES

*_FIRST, _LAST = (name for name, regularizer in REGULARIZER_CLASSES.items() if regularizer.suits_fista)
_NAMES = f"{', '.join(_FIRST)} or {_LAST}"


def check_fista(spec: ExperimentSpec) -> None:
    """Raise InvalidSpecError, naming the field, where the optimizer is fista and the spec does not suit it."""
    if not isinstance(spec.optimizer, FISTA):
        return
    for holds, need, field, expected, received in _list_needs(spec):
        if not holds:
            raise InvalidSpecError(
                f"fista needs {need}; received {received}.",
                field=field,
                expected=f"{expected}, or another optimizer",
                received=received,
            )


def _list_needs(spec: ExperimentSpec) -> Iterator[tuple[bool, str, str, str, Any]]:
    """Each requirement: whether it is met, its description, field, expected and received."""
    network = spec.network
    yield isinstance(network, Linear), "a linear network, whose loss is convex", "network.name", "linear", network.name
    yield spec.batch_size == "full", "whole batches", "batch_size", "full", spec.batch_size
    for field, regularizer in spec.locate_regularizers():
        need = "penalties that are convex and have a smooth gradient or a proximal map"
        yield regularizer.suits_fista, need, field, _NAMES, regularizer.name
