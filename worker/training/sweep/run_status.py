"""The status of a sweep's runs: training, stopped or diverged."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from worker.training.run_state import RunState
from worker.training.stack import StackEpoch
from worker.training.sweep.cutting import Indices

# A run diverged where one of these, or a batch loss, is not finite.
_WATCHED = ("train_loss", "validation_loss", "weight_l2")


class RunStatus:
    """Masks (M,). ``alive``: runs that did not diverge; ``training``: those of them that have not stopped either."""

    def __init__(self, runs: int) -> None:
        self.alive: NDArray[np.bool_] = np.ones(runs, dtype=bool)
        self.training: NDArray[np.bool_] = np.ones(runs, dtype=bool)

    def mark_diverged(self, indices: Indices, result: StackEpoch) -> list[int]:
        """The runs of this stack whose losses or weights are no longer finite numbers; nothing more of them counts."""
        watched = [result.metrics[name] for name in _WATCHED]
        finite = np.isfinite(np.column_stack([result.batch_losses, *watched])).min(axis=1)
        diverged = indices[self.training[indices] & ~finite[: len(indices)]]
        self.alive[diverged] = self.training[diverged] = False
        return [int(index) for index in diverged]

    def get_state(self) -> RunState:
        """Copies, of all M runs."""
        return RunState({name: torch.from_numpy(getattr(self, name).copy()) for name in ("alive", "training")})

    def set_state(self, state: RunState) -> None:
        """``state``: of the same runs."""
        self.alive, self.training = (state.rows[name].numpy().copy() for name in ("alive", "training"))
