"""Final tensors of runs that no longer train, and tensors of best epochs."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from worker.training.run_state import RunState


class KeptTensors:
    """``tensors``: of each run by name, on the device."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.tensors: dict[int, dict[str, Tensor]] = {}

    def keep(self, tensors: dict[int, dict[str, Tensor]]) -> None:
        """In place of those kept of these runs before."""
        self.tensors |= tensors

    def leave_out(self, runs: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The mask without the runs of which something is kept."""
        others = runs.copy()
        others[list(self.tensors)] = False
        return others

    def get_state(self, more: dict[int, dict[str, Tensor]]) -> RunState:
        """On the CPU, with ``more`` that is not kept here."""
        kept = self.tensors | more
        return RunState({f"{run}/{name}": tensor.cpu() for run, own in kept.items() for name, tensor in own.items()})

    def set_state(self, state: RunState) -> None:
        self.tensors = {}
        for path, tensor in state.rows.items():
            run, _, name = path.partition("/")
            self.tensors.setdefault(int(run), {})[name] = tensor.to(self._device)
