"""Layers of runs, as the API returns them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.errors.exceptions import TooLargeError
from backend.experiments.metrics import to_json
from backend.schemas.metrics import LayerColumns
from core.catalogue.epoch_values import LAYER_PARTS
from core.db.queries import layers
from core.db.queries.experiments import get

# Of one response: about 20 MB of JSON.
MAX_VALUES = 2_000_000


def read_layers(
    session: Session, experiment_id: int, run_ids: Sequence[int] | None = None, layer: str | None = None
) -> list[LayerColumns]:
    """By run, in the order of the network. Raises NotFoundError, and TooLargeError for more than a response."""
    get(session, experiment_id)
    size = layers.count_values(session, experiment_id, run_ids)
    if size > MAX_VALUES:
        raise TooLargeError(
            f"These layers are {size:,} numbers; one response holds at most {MAX_VALUES:,}.",
            field="run",
            expected="fewer runs",
            received=None if run_ids is None else list(run_ids),
        )
    return [
        _view(own, place)
        for own in layers.read_layers(session, experiment_id, run_ids)
        for place, name in enumerate(own.layers)
        if layer is None or name == layer
    ]


def _view(own: layers.RunLayers, place: int) -> LayerColumns:
    parts = {name: to_json(own.values[:, place, part]) for part, name in enumerate(LAYER_PARTS)}
    return LayerColumns(run=own.run_id, layer=own.layers[place], epoch=own.epochs.tolist(), **parts)
