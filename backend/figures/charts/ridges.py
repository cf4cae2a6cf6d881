"""The ridges of ridgelines: the weights of each strength, pooled over its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale, make_scale
from backend.figures.data import RunKey, group_cells
from backend.figures.histograms import Pool, order_layers, pool, take_zeros
from core.db.queries.histograms import LayerHistogram
from core.spec import BASELINE

# By run.
Histograms = Mapping[int, Sequence[LayerHistogram]]


@dataclass(frozen=True)
class Choice:
    """What is shown of what there is. ``epoch``: None before the first histogram; ``layer``: empty for all."""

    epochs: Sequence[int]
    epoch: int | None
    layers: Sequence[str]
    layer: str

    @property
    def estimated(self) -> bool:
        """Whether zeros are known for all layers together only, and one of several is shown."""
        return self.layer != "" and len(self.layers) > 1


@dataclass(frozen=True)
class Ridge:
    strength: float
    baseline: bool
    label: str
    name: str
    colour: str
    runs: Sequence[RunKey]
    pool: Pool


def choose(histograms: Histograms, epochs: Sequence[int], epoch: int | None, layer: str) -> Choice:
    """``epoch``: None for the newest of ``epochs``."""
    layers = order_layers([own.layer for found in histograms.values() for own in found])
    return Choice(epochs, max(epochs, default=None) if epoch is None else epoch, layers, layer)


def find_scale(runs: Sequence[RunKey], key: str) -> ColourScale | None:
    return None if key == BASELINE else make_scale(key, [run.strength for run in runs if not run.baseline])


def make_ridges(runs: Sequence[RunKey], histograms: Histograms, choice: Choice, key: str) -> list[Ridge]:
    """From the baseline at the bottom to the strongest regularization."""
    scale = find_scale(runs, key)
    labels = {tick.strength: tick.label for tick in scale.ticks} if scale else {}
    drawn = [run for run in runs if run.diverged_epoch is None and histograms.get(run.id)]
    ridges = []
    for cell in group_cells(drawn):
        own = [drawn[row] for row in cell.rows]
        bars = [b for run in own for name, b in take_zeros(histograms[run.id]).items() if choice.layer in ("", name)]
        label = "Baseline" if cell.baseline else labels[cell.strength]
        name = f"{scale.symbol} = {label}" if scale and not cell.baseline else "the baseline"
        colour = NEUTRAL if cell.baseline or scale is None else scale.colour(cell.strength)
        ridges.append(Ridge(cell.strength, cell.baseline, label, name, colour, own, pool(bars)))
    weak_first = -1 if scale is not None and scale.smaller_is_stronger else 1
    return sorted(ridges, key=lambda ridge: (not ridge.baseline, weak_first * ridge.strength))
