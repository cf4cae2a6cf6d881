"""The state of runs between epochs, independent of the stack that they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class RunState:
    """All that the coming steps of R runs depend on, by name: copies, so that their stack may go on or end.

    ``rows``: (R, …), the runs' own; of a whole sweep also its knowledge of each run. ``shared``: numbers that all runs
    of a sweep have in common. ``generators``: the state of each, by owner and seed.
    """

    rows: dict[str, Tensor] = field(default_factory=dict)
    shared: dict[str, float] = field(default_factory=dict)
    generators: dict[str, Tensor] = field(default_factory=dict)

    def add(self, prefix: str, other: RunState) -> None:
        """Add another part of the same runs' state; its names begin with ``prefix`` and a slash."""
        self.rows.update({f"{prefix}/{name}": value for name, value in other.rows.items()})
        self.shared.update({f"{prefix}/{name}": value for name, value in other.shared.items()})
        self.generators.update({f"{prefix}/{name}": value for name, value in other.generators.items()})

    def take(self, prefix: str) -> RunState:
        """The part that was added under this prefix."""
        start = f"{prefix}/"
        return RunState(
            {name.removeprefix(start): value for name, value in self.rows.items() if name.startswith(start)},
            {name.removeprefix(start): value for name, value in self.shared.items() if name.startswith(start)},
            {name.removeprefix(start): value for name, value in self.generators.items() if name.startswith(start)},
        )

    def choose(self, rows: Sequence[int]) -> RunState:
        """The state of these of its runs, in this order."""
        chosen = list(rows)
        return replace(self, rows={name: value[chosen] for name, value in self.rows.items()})

    def to_host(self) -> RunState:
        """On the CPU."""
        return replace(self, rows={name: value.cpu() for name, value in self.rows.items()})


def join_states(states: Sequence[RunState]) -> RunState:
    """The runs of all of them, one after the other; all at the same step."""
    rows = {name: torch.cat([state.rows[name] for state in states]) for name in states[0].rows}
    generators = {name: value for state in states for name, value in state.generators.items()}
    return RunState(rows, {name: value for state in states for name, value in state.shared.items()}, generators)
