"""The device of a training, and the number of runs that a stack holds on it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from worker.training.networks import Network

# A step of a stack should do this much work, in numbers touched, on a CPU: less, and the calls cost more than the
# arithmetic; more, and the stack leaves the cache. Measured: an MLP of width 256 is quickest from 8 runs on.
CPU_NUMBERS = 1_700_000
CPU_LARGEST = 128
# Numbers of a few runs' weights and of their activations in an evaluation, which stay in a core's cache together.
CPU_CACHED = 1_000_000
# Numbers of one tensor that stay there with a few more of its kind.
CPU_CACHED_PART = 100_000
CUDA_LARGEST = 64
CUDA_SHARE = 0.25
# A product with one column or row takes another path through the CPU's library when it is the only one of its batch,
# with other roundings: where there are such, no stack is smaller.
CPU_SMALLEST = 2


def choose_device(name: str) -> torch.device:
    """``auto`` is a GPU if there is one, else the CPU; other names are torch's."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def cut_to_cache(tensor: Tensor) -> Sequence[Tensor]:
    """Views of neighbouring runs (R, …) that stay in a core's cache while several operations pass over them."""
    if tensor.device.type != "cpu":
        return [tensor]
    return torch.split(tensor, max(1, CPU_CACHED_PART // max(1, tensor[0].numel())))


def choose_block(network: Network, batch: int, runs: int, device: torch.device) -> int:
    """The number of blocks in which a stack of ``runs`` evaluates batches of ``batch`` examples."""
    if device.type != "cpu":
        return 1
    numbers = sum(prod(tensor.shape) for tensor in network.tensors) + batch * network.activations
    return max(1, min(runs // CPU_SMALLEST, -(-runs * numbers // CPU_CACHED)))


def choose_stack(network: Network, batches: Sequence[int], dtype: torch.dtype, device: torch.device) -> tuple[int, int]:
    """The largest and the smallest number of runs in a stack; a smaller one is filled up with copies.

    ``batches``: how many examples pass through it at once; the first is the steps'.

    It depends on the network and on the kind of device, never on how many runs a job has. On CUDA the library
    chooses its way by the size of the batch, so there every stack is filled up to the same size.
    """
    if network.largest_stack is not None:
        return network.largest_stack, 1
    parameters, batch_size = sum(prod(tensor.shape) for tensor in network.tensors), batches[0]
    if device.type == "cpu":
        touched = parameters + batch_size * network.activations
        thin = 1 in batches or any(1 in tensor.shape for tensor in network.tensors if tensor.is_weight)
        return max(CPU_SMALLEST, min(CPU_LARGEST, CPU_NUMBERS // touched)), CPU_SMALLEST if thin else 1
    # Values, gradients, two moments and a scratch; activations are kept for the backward pass and copied a few times.
    one_run = (5 * parameters + 6 * batch_size * network.activations) * dtype.itemsize
    memory = torch.cuda.get_device_properties(device).total_memory if device.type == "cuda" else 2**32
    size = max(1, min(CUDA_LARGEST, int(memory * CUDA_SHARE) // one_run))
    return size, size
