"""Adam with decoupled weight decay."""

from __future__ import annotations

from typing import ClassVar

from worker.training.optimizers.adam import Adam


class AdamW(Adam):
    """torch.optim.AdamW. Source: Loshchilov & Hutter 2019, arXiv 1711.05101. Proximal η as Adam's."""

    decoupled: ClassVar[bool] = True
