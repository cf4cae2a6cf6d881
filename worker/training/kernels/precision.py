"""Precisions of storage and of products.

``mixed`` is torch.autocast with bfloat16, training and evaluation alike, so that what is measured is the network as it
trains. Weights, gradients, moments, losses and norms stay float32; a layer's inputs, weights and outputs are rounded
for its products, and so is what passes back through them. bfloat16 has float32's range of exponents, so that gradients
do not vanish as float16's do: no loss is scaled. Source: Micikevicius et al. 2018, ICLR; Kalamkar et al. 2019,
arXiv 1905.12322.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.errors import InvalidSpecError
from worker.training.networks.base import Network, Slots
from worker.training.step.forward_context import EVALUATION, ForwardContext

MIXED = "mixed"
_STORED = {"float32": torch.float32, "float64": torch.float64, MIXED: torch.float32}

# oneDNN takes a CPU's bfloat16 products above this many multiplications, counted over the whole batch of them; those
# below torch's own loops take, with other roundings. So that no run's bits depend on how many it is stacked with,
# products that a run alone would leave to torch are taken in float32, rounded after.
_LARGEST_SMALL = 16**3

Forward = Callable[[Tensor, Slots, ForwardContext], Tensor]


def choose_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The type of data, weights and moments. Raises InvalidSpecError for mixed on a GPU without bfloat16."""
    if precision == MIXED and device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        name = torch.cuda.get_device_name(device)
        raise InvalidSpecError(
            f"Mixed precision needs a GPU with bfloat16, which NVIDIA's have from Ampere on; {name} has none.",
            field="precision",
            expected="float32 or float64 on this GPU",
            received=precision,
        )
    return _STORED[precision]


def choose_forward(network: Network, precision: str, device: torch.device) -> Forward:
    """The network's own, or for mixed precision the same under autocast, its outputs float32."""
    if precision != MIXED:
        return network.forward

    def forward(x: Tensor, slots: Slots, context: ForwardContext = EVALUATION) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16):
            return network.forward(x, slots, context).float()

    return forward


def lower(x: Tensor) -> Tensor:
    """``x`` as autocast wants it for products; outside of autocast ``x`` itself."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x


def multiply(a: Tensor, b: Tensor, start: Tensor | None = None) -> Tensor:
    """a (M, r, k) · b (M, k, c) + start (M, 1, c), each run's product as if alone."""
    if a.dtype == torch.bfloat16 and a.device.type == "cpu" and _is_small(a, b):
        return multiply(a.float(), b.float(), None if start is None else start.float()).to(a.dtype)
    return torch.bmm(a, b) if start is None else torch.baddbmm(start, a, b)


def write_product(a: Tensor, b: Tensor, sink: Tensor) -> None:
    """a (M, r, k) · b (M, k, c) into ``sink`` (M, r, c), which may be more precise."""
    if a.dtype == sink.dtype:
        torch.bmm(a, b, out=sink)
    else:
        sink.copy_(multiply(a, b))


def _is_small(a: Tensor, b: Tensor) -> bool:
    return a.shape[1] * a.shape[2] * b.shape[2] <= _LARGEST_SMALL
